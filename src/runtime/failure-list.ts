/**
 * The failures that nobody has looked at, for `wait()` to report. Bounded: beyond `MAX_LISTED` they are only counted.
 */
import { TasksFailed } from '../core/failures.js';
import type { TaskRecord } from './task-record.js';

const MAX_LISTED = 1000;

/** Failures until somebody looks; each operation is O(1) but `take`. @internal */
export class FailureList {
  readonly #listed = new Set<TaskRecord>();
  #count = 0;
  /** Number of the list: it begins anew whenever it is taken. */
  #generation = 0;

  /** Notes a failed task, unless somebody is already looking at how it ends. */
  add(record: TaskRecord): void {
    if (record.isLookedAt) return;
    this.#count += 1;
    record.failedIn = this.#generation;
    if (this.#listed.size < MAX_LISTED) this.#listed.add(record);
  }

  /** Somebody asks how the task ended, now or later. */
  lookAt(record: TaskRecord): void {
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
