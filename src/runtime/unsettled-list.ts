/**
 * The tasks that have not settled, in submission order: an array in which those that have settled stay until they are half of
 * it. Links from record to record would be read and written at every end, and they stand far apart in memory.
 */
import { keepOnly } from '../core/keep-only.js';
import type { TaskRecord } from './task-record.js';

/** An array with fewer entries is never looked through for those that have settled. */
const FEW = 64;

/** A list of records; adding and removing are O(1) amortised. Memory O(unsettled tasks), not counting 64 entries. @internal */
export class UnsettledList {
  readonly #records: TaskRecord[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(record: TaskRecord): void {
    this.#count += 1;
    this.#records.push(record);
  }

  /** One of them has settled: it says so itself. */
  settled(): void {
    this.#count -= 1;
    const { length } = this.#records;
    if (length > FEW && length > 2 * this.#count) keepOnly(this.#records, isUnsettled);
  }

  /** All of them, newest first, as they are now. O(their number). */
  newestFirst(): readonly TaskRecord[] {
    return this.#records.filter(isUnsettled).toReversed();
  }
}

function isUnsettled(record: TaskRecord): boolean {
  return !record.isSettled;
}
