/**
 * Vectors of small integers by number: a set that gives each vector a number, from 0 in the order of their coming. Memory is four bytes
 * an integer, and some twelve more a vector.
 */

/** Vectors of one block of memory. */
const BLOCK = 1 << 14;

/** An open-addressing hash set. Adding is O(width) amortised. @internal */
export class StateTable {
  /** Integers in a vector. */
  readonly width: number;
  readonly #blocks: Int32Array[] = [];
  /** Number of the vector in a slot, plus 1; 0 for a free slot. */
  #slots = new Int32Array(1 << 12);
  #size = 0;

  constructor(width: number) {
    this.width = width;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of `vector`; of one that is new, its complement (−1 − number). */
  add(vector: Int32Array): number {
    if (2 * this.#size >= this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(vector) & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0) {
        this.#slots[slot] = this.#append(vector) + 1;
        return -this.#size;
      }
      if (this.#isAt(number, vector)) return number;
    }
  }

  /** Copies vector `number` into `vector`. */
  read(number: number, vector: Int32Array): void {
    const block = this.#blocks[number >>> 14];
    const from = (number & (BLOCK - 1)) * this.width;
    // A view of the block, to be copied at once, would cost more than the few integers.
    if (block !== undefined) for (let at = 0; at < this.width; at += 1) vector[at] = block[from + at] ?? 0;
  }

  #append(vector: Int32Array): number {
    const number = this.#size;
    this.#size += 1;
    let block = this.#blocks[number >>> 14];
    if (block === undefined) {
      block = new Int32Array(BLOCK * this.width);
      this.#blocks.push(block);
    }
    block.set(vector, (number & (BLOCK - 1)) * this.width);
    return number;
  }

  #isAt(number: number, vector: Int32Array): boolean {
    const block = this.#blocks[number >>> 14];
    if (block === undefined) return false;
    const from = (number & (BLOCK - 1)) * this.width;
    for (let at = 0; at < this.width; at += 1) if (block[from + at] !== vector[at]) return false;
    return true;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    const vector = new Int32Array(this.width);
    for (let number = 0; number < this.#size; number += 1) {
      this.read(number, vector);
      let slot = hashOf(vector) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

/** FNV-1a over the integers, with a last mix of the bits. */
function hashOf(vector: Int32Array): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < vector.length; at += 1) hash = Math.imul(hash ^ (vector[at] ?? 0), 0x01_00_01_93);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c_1b_3c_6d);
  return hash ^ (hash >>> 12);
}
