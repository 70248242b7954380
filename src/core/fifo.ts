/**
 * A queue, first in, first out: a ring in an array. The array doubles when it is full and halves when it is three quarters
 * empty, so neither a queue that never runs empty nor one long burst costs memory for good.
 *
 * An entry of several values needs no object: push the values one after the other and shift as many. `size` then says whether
 * there is an entry, since one of its values may be undefined.
 *
 * Invariants: the items stand in the `size` slots from `#head` on, past the end of the array at its beginning; all other slots
 * are undefined, so an item that has left is not kept alive; the array's length is 0 or a power of two.
 */

/** Length of the first array. */
const FIRST_LENGTH = 16;

/** An array of at most this length is kept: most queues are short, and empty again and again. */
const KEPT_LENGTH = 4096;

/** First in, first out. Bounds: `push` and `shift` O(1), amortised; memory O(size), not counting 4,096 slots. @internal */
export class Fifo<T> {
  #ring: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The length of the array, for tests that bound it. */
  get slots(): number {
    return this.#ring.length;
  }

  /** The item that `shift` would take; undefined when there is none. */
  get first(): T | undefined {
    return this.#ring[this.#head];
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#moveTo(Math.max(FIRST_LENGTH, 2 * this.#size));
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size += 1;
  }

  /** Takes the oldest item out; undefined when there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const ring = this.#ring;
    const item = ring[this.#head];
    ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (ring.length - 1);
    this.#size -= 1;
    if (ring.length > KEPT_LENGTH && 4 * this.#size <= ring.length) this.#moveTo(ring.length / 2);
    return item;
  }

  /** Takes out the oldest item, not undefined itself, for which `matches` holds; undefined when there is none. O(items up to it). */
  remove(matches: (item: T) => boolean): T | undefined {
    const ring = this.#ring;
    const mask = ring.length - 1;
    for (let position = 0; position < this.#size; position += 1) {
      const item = ring[(this.#head + position) & mask];
      if (item === undefined || !matches(item)) continue;
      // The older items move up by one, so that the free slot is the first.
      for (let older = position; older > 0; older -= 1) {
        ring[(this.#head + older) & mask] = ring[(this.#head + older - 1) & mask];
      }
      this.shift();
      return item;
    }
    return undefined;
  }

  /** Moves the items to the beginning of a new array of that length, which must have room for them. */
  #moveTo(length: number): void {
    const old = this.#ring;
    const ring = new Array<T | undefined>(length).fill(undefined);
    for (let position = 0; position < this.#size; position += 1) {
      ring[position] = old[(this.#head + position) & (old.length - 1)];
    }
    this.#ring = ring;
    this.#head = 0;
  }
}
