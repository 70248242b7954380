/** The tasks that have not settled, in submission order. Adding and removing are O(1); the links stand in the records. */
import type { TaskRecord } from './task-record.js';

/** A list linked through its records. @internal */
export class UnsettledList {
  #count = 0;
  #newest: TaskRecord | undefined = undefined;

  get count(): number {
    return this.#count;
  }

  add(record: TaskRecord): void {
    this.#count += 1;
    record.older = this.#newest;
    if (this.#newest !== undefined) this.#newest.newer = record;
    this.#newest = record;
  }

  remove(record: TaskRecord): void {
    this.#count -= 1;
    if (record.newer === undefined) this.#newest = record.older;
    else record.newer.older = record.older;
    if (record.older !== undefined) record.older.newer = record.newer;
    record.older = undefined;
    record.newer = undefined;
  }

  /** All of them, newest first, as they are now. O(their number). */
  newestFirst(): readonly TaskRecord[] {
    const records: TaskRecord[] = [];
    for (let record = this.#newest; record !== undefined; record = record.older) records.push(record);
    return records;
  }
}
