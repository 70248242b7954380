/**
 * How a running function finds the attempt it is part of, at no cost to functions that do not ask: the executor records the
 * attempt before it calls the function and removes the record when the call returns. AsyncLocalStorage would make every promise
 * of the process slower on Node 20; the price of not using it is that a function must ask before its first `await`. The record
 * is kept under a registered symbol, so that all copies of this module in a thread share it.
 */
import { SchedulerError } from './failures.js';
import type { TaskId } from './ids.js';
import type { TraceHeaders } from './trace-headers.js';

/**
 * A running function's knowledge of its own attempt.
 *
 * @public
 */
export interface TaskContext {
  /** Id of the task. */
  readonly id: TaskId;
  /** Name of the queue that runs it. */
  readonly queue: string;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Aborts when the task is cancelled; created on first use. */
  readonly signal: AbortSignal;
  /** The trace context of the attempt, to be sent along with requests; undefined where the task has none. See docs/opentelemetry.md. */
  readonly trace?: TraceHeaders | undefined;
  /**
   * Gives the task's slot and resources to others while `work` runs, which is called at once and may await other tasks of the same
   * queue; then waits for a slot again, before all tasks that have not started. Only for functions on the scheduler's thread.
   *
   * Resolves with what `work` gives, or rejects with what it throws; rejects with `NotSupported` in a worker.
   */
  yieldSlot<T>(work: () => T | PromiseLike<T>): Promise<T>;
}

const KEY = Symbol.for('pullgraph.task-context');
const holder = globalThis as { [KEY]?: TaskContext | undefined };

/**
 * The context of the running function. Call it before the first `await` (in a generator: in any of its steps) and keep the
 * result.
 *
 * @throws SchedulerError `NoTaskContext` outside a task, or after its first `await`.
 * @public
 */
export function taskContext(): TaskContext {
  const current = holder[KEY];
  if (current === undefined) {
    throw new SchedulerError(
      'NoTaskContext',
      'taskContext() is for the synchronous part of a running task: call it before the first await',
    );
  }
  return current;
}

/** `TaskContext.yieldSlot` of a worker, which has no way to its queue. @internal */
export function yieldNoSlot(): Promise<never> {
  const message =
    'yieldSlot is for functions on the thread of the scheduler: return the handle instead, or use another queue';
  return Promise.reject(new SchedulerError('NotSupported', message));
}

/** The context of the function whose synchronous part is running; undefined outside of one. @internal */
export function runningContext(): TaskContext | undefined {
  return holder[KEY];
}

/** Makes `context` the running one and returns the previous one, which `leaveContext` restores. @internal */
export function enterContext(context: TaskContext): TaskContext | undefined {
  const previous = holder[KEY];
  holder[KEY] = context;
  return previous;
}

/** Restores the context that `enterContext` returned. @internal */
export function leaveContext(previous: TaskContext | undefined): void {
  holder[KEY] = previous;
}
