/** The way in for a recorder: told of every task as it is admitted and at each move, at the cost of a call. */
import type { TaskState } from '../../core/outcome.js';

/**
 * Sees what the tasks of one scheduler do, as it happens. It must not throw, and must not call the scheduler.
 *
 * @internal
 */
export interface TaskTap<T> {
  /** The task was submitted: its edges are connected, it is pending, and may become ready or fail next. */
  admitted(task: T): void;
  /** The task went from `previous` to `state`; its `attempt` is the one under way or last made. */
  moved(task: T, state: TaskState, previous: TaskState): void;
  /** A partial result was delivered; the task's `delivered` counts it. */
  delivered(task: T): void;
  /** The task is about to settle as failed, and still has its function and arguments. */
  failing(task: T): void;
  /** The slot of attempt number `attempt` came back: with its end, after it, when a hold was released, or while its function yields it. */
  slotReturned(task: T, attempt: number): void;
  /** The attempt under way has the slot again that its function had yielded. */
  slotRegained(task: T): void;
}
