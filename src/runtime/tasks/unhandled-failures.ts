/**
 * The failures that have not been observed, for `wait()` to report. Bounded: beyond `MAX_LISTED` they are only counted.
 */
import { TaskCancelled, TasksFailed } from '../../core/failures.js';
import type { Outcome } from '../../core/outcome.js';

const MAX_LISTED = 1000;

/** A task or a feed, which can fail without being observed. @internal */
export interface Failing {
  readonly id: string;
  readonly outcome: Outcome | undefined;
  isLookedAt: boolean;
  /** The list that it is in, by number. */
  failedIn: number;
  /** The task whose end made this one fail, if that is why it failed. */
  readonly failedFor?: Failing | undefined;
}

/** Failures until they are observed; each operation is O(1) but `take`. @internal */
export class UnhandledFailures {
  readonly #listed = new Set<Failing>();
  readonly #many: () => void;
  #count = 0;
  /** Number of the list: it begins anew whenever it is taken. */
  #generation = 0;

  /** `many` is called when there are so many that no more are listed. */
  constructor(many: () => void) {
    this.#many = many;
  }

  /** Notes a failed task, unless its end is being observed already. */
  add(record: Failing): void {
    if (record.isLookedAt) {
      if (record.failedFor !== undefined) this.lookAt(record.failedFor);
      return;
    }
    this.#count += 1;
    if (this.#count === MAX_LISTED) this.#many();
    record.failedIn = this.#generation;
    if (this.#listed.size < MAX_LISTED) this.#listed.add(record);
  }

  /** The end of the task is observed, now or later, and with it the ends that led to it. O(tasks that it failed for). */
  lookAt(record: Failing): void {
    for (let next: Failing | undefined = record; next !== undefined && !next.isLookedAt; next = next.failedFor) {
      next.isLookedAt = true;
      if (next.failedIn !== this.#generation) continue;
      this.#count -= 1;
      this.#listed.delete(next);
    }
  }

  /** The one error for all of them, or undefined when there are none. The list is empty afterwards. */
  take(): TasksFailed | undefined {
    if (this.#count === 0) return undefined;
    const failures = [...this.#listed].map((record) => {
      record.isLookedAt = true;
      return { task: record.id, error: errorOf(record) };
    });
    const error = new TasksFailed(failures, this.#count);
    this.#listed.clear();
    this.#generation += 1;
    this.#count = 0;
    return error;
  }
}

function errorOf({ id, outcome }: Failing): unknown {
  if (outcome?.status === 'failed') return outcome.error;
  return outcome?.status === 'cancelled' ? new TaskCancelled(id, outcome.reason) : undefined;
}
