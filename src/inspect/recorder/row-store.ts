/**
 * The rows of a recording: one for each attempt of a task, the first there from the submission on. A row is a place in columns of
 * numbers, which grow chunk by chunk; no object is made for a task.
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

/** The index within its chunk of a place. @internal */
export const CHUNK_MASK = CHUNK_ROWS - 1;

/** What a reader of changes has not been told of a row: bits of the column `news`. @internal */
export const ADDED = 1;
/** @internal */
export const MOVED = 2;
/** @internal */
export const FREED = 4;

/** The columns of `CHUNK_ROWS` rows. Times as in frames. @internal */
export class RowChunk {
  readonly task = new Uint32Array(CHUNK_ROWS);
  readonly submitted = new Uint32Array(CHUNK_ROWS);
  readonly ready = new Uint32Array(CHUNK_ROWS);
  readonly start = new Uint32Array(CHUNK_ROWS);
  readonly end = new Uint32Array(CHUNK_ROWS);
  readonly freed = new Uint32Array(CHUNK_ROWS);
  /** Where the task's dependencies begin in the pool of edges, and how many they are. */
  readonly edgesFrom = new Uint32Array(CHUNK_ROWS);
  readonly edges = new Uint16Array(CHUNK_ROWS);
  /** Number of the pair of queue and function. */
  readonly use = new Uint16Array(CHUNK_ROWS);
  readonly lane = new Uint16Array(CHUNK_ROWS);
  readonly attempt = new Uint8Array(CHUNK_ROWS);
  readonly state = new Uint8Array(CHUNK_ROWS);
  /** Attempts of the task that had failed before this one, at most 255. */
  readonly failures = new Uint8Array(CHUNK_ROWS);
  /** 1 while the function has given its slot to others. */
  readonly yielding = new Uint8Array(CHUNK_ROWS);
  readonly news = new Uint8Array(CHUNK_ROWS);
}

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
  readonly #chunks: RowChunk[] = [];
  readonly #retired = new Fifo<number>();
  readonly #leaves: (place: number) => void;

  /** `leaves` is called before a row makes room for another. */
  constructor(maxRows: number, leaves: (place: number) => void) {
    this.maxRows = maxRows;
    this.#leaves = leaves;
  }

  chunkOf(place: number): RowChunk {
    return elementAt(this.#chunks, place >>> CHUNK_BITS);
  }

  /** A place for a new row, whose columns are zero but for its lane; -1 when there is none, as no row can make room. */
  allocate(): number {
    if (this.count < this.maxRows) {
      const place = this.count;
      if ((place & CHUNK_MASK) === 0) this.#chunks.push(new RowChunk());
      this.count += 1;
      this.chunkOf(place).lane[place & CHUNK_MASK] = NO_LANE;
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
    const chunk = this.chunkOf(place);
    const index = place & CHUNK_MASK;
    chunk.ready[index] = 0;
    chunk.start[index] = 0;
    chunk.end[index] = 0;
    chunk.freed[index] = 0;
    chunk.edges[index] = 0;
    chunk.lane[index] = NO_LANE;
    chunk.attempt[index] = 0;
    chunk.failures[index] = 0;
    chunk.yielding[index] = 0;
  }
}
