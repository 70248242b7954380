/**
 * The rows of a recording: one for each attempt of a task, the first there from the submission on. A row is sixteen numbers beside each
 * other in one array of all rows, which doubles; no object is made for a task.
 *
 * Invariants: at most `maxRows` places are used. A row can make room from the moment on at which it has ended and its slot has come back;
 * the one of which that was true first makes room first.
 */
import { NO_LANE } from '../protocol/frames.js';

const FIRST_ROWS = 1_024;

/** What a reader of changes has not been told of a row: bits of the column `news`. @internal */
export const ADDED = 1;
/** @internal */
export const MOVED = 2;
/** @internal */
export const FREED = 4;

/** The numbers of a row. Times as in frames. @internal */
export const FIELD = {
  task: 0,
  submitted: 1,
  ready: 2,
  start: 3,
  end: 4,
  freed: 5,
  /** Where the task's dependencies begin in the pool of edges, and how many they are. */
  edgesFrom: 6,
  edges: 7,
  /** Number of the pair of queue and function. */
  use: 8,
  lane: 9,
  attempt: 10,
  state: 11,
  /** Attempts of the task that had failed before this one, at most 255. */
  failures: 12,
  /** 1 while the function has given its slot to others. */
  yielding: 13,
  news: 14,
  /** Of a row that can make room: one more than the place of the one that makes room after it. */
  next: 15,
} as const;

/** @internal */
export type RowField = (typeof FIELD)[keyof typeof FIELD];

/** Numbers of one row: a power of two, so that a row is one line of a processor's cache. */
const WIDTH = 16;

/** The value of a column at an index in bounds. @internal */
export function valueAt(column: ArrayLike<number>, index: number): number {
  return column[index] ?? 0;
}

/** A longer column that begins with what is in this one. @internal */
export function grown(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(length);
  longer.set(column);
  return longer;
}

/** The rows. `allocate` and `retire` are O(1), amortised. @internal */
export class RowStore {
  readonly maxRows: number;
  /** Places that are or were used: all of them are below. */
  count = 0;
  /** Rows that have made room. */
  dropped = 0;
  /** How many rows can be added. */
  room: number;
  #numbers = new Uint32Array(FIRST_ROWS * WIDTH);
  /** The rows that can make room are linked by `next`: the first of them and the last, -1 when there are none. */
  #firstRetired = -1;
  #lastRetired = -1;
  readonly #leaves: (place: number) => void;

  /** `leaves` is called before a row makes room for another. */
  constructor(maxRows: number, leaves: (place: number) => void) {
    this.maxRows = maxRows;
    this.room = maxRows;
    this.#leaves = leaves;
  }

  /** A number of the row at a place below `count`. */
  get(place: number, field: RowField): number {
    return valueAt(this.#numbers, place * WIDTH + field);
  }

  set(place: number, field: RowField, value: number): void {
    this.#numbers[place * WIDTH + field] = value;
  }

  /** A place for a new row, whose columns are zero but for its lane; -1 when there is none, as no row can make room. */
  allocate(): number {
    if (this.room === 0) return -1;
    this.room -= 1;
    if (this.count < this.maxRows) {
      const place = this.count;
      if (place * WIDTH === this.#numbers.length) this.#grow();
      this.count += 1;
      this.set(place, FIELD.lane, NO_LANE);
      return place;
    }
    const place = this.#firstRetired;
    this.#firstRetired = this.get(place, FIELD.next) - 1;
    this.#leaves(place);
    this.dropped += 1;
    this.#clear(place);
    return place;
  }

  /** The row has ended and its slot has come back; to be called once. */
  retire(place: number): void {
    if (this.#firstRetired < 0) this.#firstRetired = place;
    else this.set(this.#lastRetired, FIELD.next, place + 1);
    this.#lastRetired = place;
    this.room += 1;
  }

  #clear(place: number): void {
    // A reader who has not been told of the row before reads of the new one in its place.
    const news = this.get(place, FIELD.news);
    this.#numbers.fill(0, place * WIDTH, (place + 1) * WIDTH);
    this.set(place, FIELD.news, news);
    this.set(place, FIELD.lane, NO_LANE);
  }

  #grow(): void {
    this.#numbers = grown(this.#numbers, Math.min(2 * this.#numbers.length, this.maxRows * WIDTH));
  }
}
