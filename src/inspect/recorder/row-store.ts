/**
 * The rows of a recording: one for each attempt of a task, the first there from the submission on. The numbers of a row of one width are
 * beside each other in one array of all rows, which doubles; no object is made for a task.
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

/** The numbers of 32 bits of a row. Times as in frames. @internal */
export const FIELD = {
  task: 0,
  submitted: 1,
  ready: 2,
  start: 3,
  end: 4,
  freed: 5,
  /** Where the task's dependencies begin in the pool of edges. */
  edgesFrom: 6,
} as const;

/** Those of 16 bits. @internal */
export const HALF = {
  /** Number of the pair of queue and function. */
  use: 0,
  lane: 1,
  /** How many dependencies of the task are in the pool of edges. */
  edges: 2,
} as const;

/** Those of 8 bits. @internal */
export const BYTE = {
  state: 0,
  news: 1,
  attempt: 2,
  /** Attempts of the task that had failed before this one, at most 255. */
  failures: 3,
  /** 1 while the function has given its slot to others. */
  yielding: 4,
} as const;

/** How many numbers of a kind a row has room for: powers of two. */
const FIELDS = 8;
const HALVES = 4;
const BYTES = 8;

type Field = (typeof FIELD)[keyof typeof FIELD];
type Half = (typeof HALF)[keyof typeof HALF];
type Byte = (typeof BYTE)[keyof typeof BYTE];

/** The value of a column at an index in bounds. @internal */
export function valueAt(column: ArrayLike<number>, index: number): number {
  return column[index] ?? 0;
}

/** The longer column, which begins with what is in the other. @internal */
export function grown<T extends Uint32Array | Uint16Array | Uint8Array>(column: T, longer: T): T {
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
  #fields = new Uint32Array(FIRST_ROWS * FIELDS);
  #halves = new Uint16Array(FIRST_ROWS * HALVES);
  #bytes = new Uint8Array(FIRST_ROWS * BYTES);
  /** The places of the rows that can make room: a ring, of which the first and the end. */
  #retired = new Uint32Array(FIRST_ROWS);
  #firstRetired = 0;
  #retiredEnd = 0;
  readonly #leaves: (place: number) => void;

  /** `leaves` is called before a row makes room for another. */
  constructor(maxRows: number, leaves: (place: number) => void) {
    this.maxRows = maxRows;
    this.room = maxRows;
    this.#leaves = leaves;
  }

  /** A number of the row at a place below `count`. */
  get(place: number, field: Field): number {
    return this.#fields[place * FIELDS + field] ?? 0;
  }

  set(place: number, field: Field, value: number): void {
    this.#fields[place * FIELDS + field] = value;
  }

  half(place: number, half: Half): number {
    return this.#halves[place * HALVES + half] ?? 0;
  }

  setHalf(place: number, half: Half, value: number): void {
    this.#halves[place * HALVES + half] = value;
  }

  byte(place: number, byte: Byte): number {
    return this.#bytes[place * BYTES + byte] ?? 0;
  }

  setByte(place: number, byte: Byte, value: number): void {
    this.#bytes[place * BYTES + byte] = value;
  }

  /** A place for a new row, whose columns are zero but for its lane; -1 when there is none, as no row can make room. */
  allocate(): number {
    if (this.room === 0) return -1;
    this.room -= 1;
    if (this.count < this.maxRows) {
      const place = this.count;
      if (place * FIELDS === this.#fields.length) this.#grow();
      this.count += 1;
      this.setHalf(place, HALF.lane, NO_LANE);
      return place;
    }
    const place = valueAt(this.#retired, this.#firstRetired);
    this.#firstRetired = this.#after(this.#firstRetired);
    this.#leaves(place);
    this.dropped += 1;
    this.#clear(place);
    return place;
  }

  /** The row has ended and its slot has come back; to be called once. */
  retire(place: number): void {
    this.#retired[this.#retiredEnd] = place;
    this.#retiredEnd = this.#after(this.#retiredEnd);
    this.room += 1;
  }

  #after(position: number): number {
    return position + 1 === this.maxRows ? 0 : position + 1;
  }

  #clear(place: number): void {
    // A reader who has not been told of the row before reads of the new one in its place.
    const news = this.byte(place, BYTE.news);
    // So few numbers take longer by `fill`.
    for (let field = 0; field < FIELDS; field += 1) this.#fields[place * FIELDS + field] = 0;
    for (let half = 0; half < HALVES; half += 1) this.#halves[place * HALVES + half] = 0;
    for (let byte = 0; byte < BYTES; byte += 1) this.#bytes[place * BYTES + byte] = 0;
    this.setByte(place, BYTE.news, news);
    this.setHalf(place, HALF.lane, NO_LANE);
  }

  #grow(): void {
    const rows = Math.min(2 * this.#retired.length, this.maxRows);
    this.#fields = grown(this.#fields, new Uint32Array(rows * FIELDS));
    this.#halves = grown(this.#halves, new Uint16Array(rows * HALVES));
    this.#bytes = grown(this.#bytes, new Uint8Array(rows * BYTES));
    this.#retired = grown(this.#retired, new Uint32Array(rows));
  }
}
