/** The way in for an instrument of traces and metrics: told of every task and every attempt, at the cost of a call. */
import type { TaskState } from '../../core/outcome.js';

/** Why an attempt did not come to a result. `withdrawn`: the scheduler was stopped before the function was called. @internal */
export type AttemptFault = 'failed' | 'cancelled' | 'withdrawn';

/**
 * Sees what the tasks `T` of one scheduler and their attempts `R` do, as it happens. It must not throw, and must not call the scheduler.
 *
 * Order: `admitted` precedes all else of a task. An attempt has begun when its task went to `running`; `faulted` comes at most once before its
 * end unless it was dropped after it had failed; `ended` comes once, possibly after the task has settled.
 *
 * @internal
 */
export interface Tracing<T, R> {
  /** The task is being submitted, by the caller; `isFed`: by a feed, in a turn of the scheduler. */
  admitted(task: T, isFed: boolean): void;
  /** The task went to `state`. At `running` its attempt is about to be given to the executor. */
  moved(task: T, state: TaskState): void;
  /** The attempt did not come to a result: `error` is that of a failed one. It may still be ending. */
  faulted(run: R, fault: AttemptFault, error: unknown): void;
  /** The attempt has ended: nothing of it runs any more. */
  ended(run: R): void;
}
