/**
 * Gives tasks their numbers and keeps the ids that are in use: those of tasks that have not settled.
 *
 * Invariant: an id is kept, never the task that has it, so a result lives no longer than its handles.
 */
import { SchedulerError } from '../../core/failures.js';

/** Numbers and ids of one scheduler's tasks. Each operation is O(1). @internal */
export class TaskIds {
  #seq = 0;
  readonly #used = new Set<string>();

  /** How many tasks there have been. */
  get count(): number {
    return this.#seq;
  }

  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** @throws SchedulerError `DuplicateTask` when a task that has not settled has the id. */
  checkIsFree(id: string): void {
    if (this.#used.has(id)) {
      throw new SchedulerError('DuplicateTask', `there is already a task ${id}`, { tasks: [id] });
    }
  }

  has(id: string): boolean {
    return this.#used.has(id);
  }

  take(id: string): void {
    this.#used.add(id);
  }

  /** The task with the id has settled. */
  free(id: string): void {
    this.#used.delete(id);
  }
}
