/** How a task can end, and the names of the states on the way there. */
import { DependencyFailed, TaskEvicted, TaskInterrupted, TaskTimedOut, WorkerCrashed } from './failures.js';
import { isInstance } from './user-value.js';

/**
 * The states of a task, as in its statechart. `partial` is running with at least one partial result delivered; done,
 * failed and cancelled are final.
 *
 * @public
 */
export type TaskState = 'pending' | 'ready' | 'running' | 'partial' | 'done' | 'failed' | 'cancelled';

/**
 * How a task settled. Exactly one outcome per task, and it never changes.
 *
 * @public
 */
export type Outcome<T = unknown> =
  | { readonly status: 'done'; readonly result: T }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'cancelled'; readonly reason: unknown };

/**
 * Why a task ended, in finer detail than its final state: all but `done` and `cancelled` are kinds of `failed`. `failed` itself
 * is an error of the task's own function, or of its arguments or result.
 *
 * @public
 */
export type OutcomeKind =
  | 'done'
  | 'failed'
  | 'timed-out'
  | 'evicted'
  | 'worker-crashed'
  | 'interrupted'
  | 'dependency-failed'
  | 'cancelled';

/**
 * The kind of an outcome.
 *
 * @public
 */
export function outcomeKind(outcome: Outcome): OutcomeKind {
  if (outcome.status !== 'failed') return outcome.status;
  const { error } = outcome;
  if (isInstance(error, TaskTimedOut)) return 'timed-out';
  if (isInstance(error, TaskEvicted)) return 'evicted';
  if (isInstance(error, WorkerCrashed)) return 'worker-crashed';
  if (isInstance(error, TaskInterrupted)) return 'interrupted';
  if (isInstance(error, DependencyFailed)) return 'dependency-failed';
  return 'failed';
}
