/**
 * The failures that have not been observed, for `wait()` to report. Bounded: beyond `MAX_LISTED` they are only counted.
 */
import { TasksFailed } from '../../core/failures.js';
import type { Outcome } from '../../core/outcome.js';

const MAX_LISTED = 1000;

/** A task or a feed, which can fail without being observed. @internal */
export interface Failing {
  readonly id: string;
  readonly outcome: Outcome | undefined;
  isLookedAt: boolean;
  /** The list that it is in, by number. */
  failedIn: number;
}

/** Failures until they are observed; each operation is O(1) but `take`. @internal */
export class UnhandledFailures {
  readonly #listed = new Set<Failing>();
  #count = 0;
  /** Number of the list: it begins anew whenever it is taken. */
  #generation = 0;

  /** Notes a failed task, unless its end is being observed already. */
  add(record: Failing): void {
    if (record.isLookedAt) return;
    this.#count += 1;
    record.failedIn = this.#generation;
    if (this.#listed.size < MAX_LISTED) this.#listed.add(record);
  }

  /** The end of the task is observed, now or later. */
  lookAt(record: Failing): void {
    if (record.isLookedAt) return;
    record.isLookedAt = true;
    if (record.failedIn !== this.#generation) return;
    this.#count -= 1;
    this.#listed.delete(record);
  }

  /** The one error for all of them, or undefined when there are none. The list is empty afterwards. */
  take(): TasksFailed | undefined {
    if (this.#count === 0) return undefined;
    const failures = [...this.#listed].map((record) => {
      record.isLookedAt = true;
      return { task: record.id, error: record.outcome?.status === 'failed' ? record.outcome.error : undefined };
    });
    const error = new TasksFailed(failures, this.#count);
    this.#listed.clear();
    this.#generation += 1;
    this.#count = 0;
    return error;
  }
}
