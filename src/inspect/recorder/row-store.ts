/**
 * The rows of a recording: one for each attempt of a task, the first there from the submission on. A row is sixteen numbers beside each
 * other in a chunk of many rows; no object is made for a task.
 *
 * Invariants: at most `maxRows` places are used. A row can make room from the moment on at which it has ended and its slot has come back;
 * the one of which that was true first makes room first.
 */
import { elementAt } from '../../core/element-at.js';
import { Fifo } from '../../core/fifo.js';
import { NO_LANE } from '../protocol/frames.js';

const CHUNK_BITS = 14;

/** Rows of one chunk. */
const CHUNK_ROWS = 1 << CHUNK_BITS;

const CHUNK_MASK = CHUNK_ROWS - 1;

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
} as const;

/** @internal */
export type RowField = (typeof FIELD)[keyof typeof FIELD];

/** Numbers of one row: a power of two, so that a row is one line of a processor's cache. */
const WIDTH = 16;

/** The value of a column at an index in bounds. @internal */
export function valueAt(column: ArrayLike<number>, index: number): number {
  return column[index] ?? 0;
}

/** The rows. `allocate` and `retire` are O(1), but for a new chunk. @internal */
export class RowStore {
  readonly maxRows: number;
  /** Places that are or were used: all of them are below. */
  count = 0;
  /** Rows that have made room. */
  dropped = 0;
  readonly #chunks: Uint32Array[] = [];
  readonly #retired = new Fifo<number>();
  readonly #leaves: (place: number) => void;

  /** `leaves` is called before a row makes room for another. */
  constructor(maxRows: number, leaves: (place: number) => void) {
    this.maxRows = maxRows;
    this.#leaves = leaves;
  }

  /** A number of the row at a place below `count`. */
  get(place: number, field: RowField): number {
    return valueAt(elementAt(this.#chunks, place >>> CHUNK_BITS), (place & CHUNK_MASK) * WIDTH + field);
  }

  set(place: number, field: RowField, value: number): void {
    elementAt(this.#chunks, place >>> CHUNK_BITS)[(place & CHUNK_MASK) * WIDTH + field] = value;
  }

  /** A place for a new row, whose columns are zero but for its lane; -1 when there is none, as no row can make room. */
  allocate(): number {
    if (this.count < this.maxRows) {
      const place = this.count;
      if ((place & CHUNK_MASK) === 0) this.#chunks.push(new Uint32Array(CHUNK_ROWS * WIDTH));
      this.count += 1;
      this.set(place, FIELD.lane, NO_LANE);
      return place;
    }
    const place = this.#retired.shift();
    if (place === undefined) return -1;
    this.#leaves(place);
    this.dropped += 1;
    this.#clear(place);
    return place;
  }

  /** The row has ended and its slot has come back; to be called once. */
  retire(place: number): void {
    this.#retired.push(place);
  }

  #clear(place: number): void {
    // A reader who has not been told of the row before reads of the new one in its place.
    const news = this.get(place, FIELD.news);
    const from = (place & CHUNK_MASK) * WIDTH;
    elementAt(this.#chunks, place >>> CHUNK_BITS).fill(0, from, from + WIDTH);
    this.set(place, FIELD.news, news);
    this.set(place, FIELD.lane, NO_LANE);
  }
}
