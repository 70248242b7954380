/** Gives tasks their numbers and keeps the ids that are in use: those of tasks that have not settled. */
import { SchedulerError } from '../../core/failures.js';
import type { TaskRecord } from './task-record.js';

/** Settled ids are dropped when the map has doubled since the last time, so that each costs O(1) amortised. */
const SWEEP_AT_LEAST = 1024;

/** Numbers and ids of one scheduler's tasks. @internal */
export class TaskIds {
  #seq = 0;
  readonly #named = new Map<string, TaskRecord>();
  #sweepAt = SWEEP_AT_LEAST;

  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** @throws SchedulerError `DuplicateTask` when a task that has not settled has the id. */
  checkIsFree(id: string): void {
    if (this.#named.get(id)?.isSettled === false) {
      throw new SchedulerError('DuplicateTask', `there is already a task ${id}`, { tasks: [id] });
    }
  }

  take(id: string, record: TaskRecord): void {
    this.#named.set(id, record);
    if (this.#named.size < this.#sweepAt) return;
    for (const [name, named] of this.#named) if (named.isSettled) this.#named.delete(name);
    this.#sweepAt = Math.max(SWEEP_AT_LEAST, this.#named.size * 2);
  }
}
