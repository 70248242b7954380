/**
 * How a running function reaches the attempt it is part of, at no cost to functions that do not ask: the executor notes
 * the attempt before it calls the function and forgets it when the call returns. There is no AsyncLocalStorage, which
 * on Node 20 makes every promise of the process slower; the price is that the question must be asked before the
 * first `await`. The note is kept under a registered symbol so that every copy of this module in a thread agrees.
 */
import { SchedulerError } from './failures.js';
import type { TaskId } from './ids.js';

/**
 * What a running function can know of itself.
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
  /** Aborts when the task is cancelled; made on first use. */
  readonly signal: AbortSignal;
}

const KEY = Symbol.for('pullgraph.task-context');
const holder = globalThis as { [KEY]?: TaskContext | undefined };

/**
 * The context of the function that is running. Ask before the first `await` (a generator: in any of its steps) and
 * keep the answer.
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

/** Notes `context` as the running one and returns the one before it, to be put back by `leaveContext`. @internal */
export function enterContext(context: TaskContext): TaskContext | undefined {
  const previous = holder[KEY];
  holder[KEY] = context;
  return previous;
}

/** Puts back what `enterContext` returned. @internal */
export function leaveContext(previous: TaskContext | undefined): void {
  holder[KEY] = previous;
}
