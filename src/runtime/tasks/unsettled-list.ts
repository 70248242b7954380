/**
 * The tasks that have not settled, in submission order: an array in which every record knows its place. Links from record to
 * record would be read and written at every end, and they stand far apart in memory.
 */
import type { TaskRecord } from './task-record.js';

/** An array with fewer places is never made shorter. */
const FEW = 64;

/** A list of records; adding and removing are O(1) amortised. Keeps no record that has been removed. @internal */
export class UnsettledList {
  #places: (TaskRecord | undefined)[] = [];
  #count = 0;
  readonly #emptied: () => void;

  /** `emptied` is called whenever the last record has been removed. */
  constructor(emptied: () => void = () => undefined) {
    this.#emptied = emptied;
  }

  get count(): number {
    return this.#count;
  }

  add(record: TaskRecord): void {
    record.unsettledAt = this.#places.length;
    this.#places.push(record);
    this.#count += 1;
  }

  remove(record: TaskRecord): void {
    this.#places[record.unsettledAt] = undefined;
    this.#count -= 1;
    const { length } = this.#places;
    if (length > FEW && length > 2 * this.#count) this.#close();
    if (this.#count === 0) this.#emptied();
  }

  /** All of them, newest first, as they are now. O(their number). */
  newestFirst(): readonly TaskRecord[] {
    return this.#places.filter((record) => record !== undefined).toReversed();
  }

  /** Moves the remaining records together. */
  #close(): void {
    const left: TaskRecord[] = [];
    for (const record of this.#places) {
      if (record === undefined) continue;
      record.unsettledAt = left.length;
      left.push(record);
    }
    this.#places = left;
  }
}
