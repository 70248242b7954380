/**
 * How a running function finds the attempt it is part of, at no cost to functions that do not ask: the executor records the
 * attempt before it calls the function and removes the record when the call returns. AsyncLocalStorage would make every promise
 * of the process slower on Node 20; the price of not using it is that a function must ask before its first `await`. The record
 * is kept under a registered symbol, so that all copies of this module in a thread share it.
 */
import { SchedulerError } from './failures.js';
import type { TaskId } from './ids.js';

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
