/** The lanes of one queue's attempts: each gets the lowest that is free, and gives it back when its slot returns. */
import { NO_LANE } from '../protocol/frames.js';

const WORD_BITS = 32;
const FULL = 0xffff_ffff;

/** @internal */
export class Lanes {
  /** A bit for each lane, 1 for one that is taken. */
  readonly #words: number[] = [];
  /** No word before it has a free lane. */
  #firstOpen = 0;

  /** The lowest free lane; the last one is shared by all that come beyond it. O(lanes / 32). */
  take(): number {
    const words = this.#words;
    let word = this.#firstOpen;
    while (word < words.length && words[word] === FULL) word += 1;
    this.#firstOpen = word;
    const taken = words[word] ?? 0;
    const bit = 31 - Math.clz32(~taken & (taken + 1));
    const lane = word * WORD_BITS + bit;
    if (lane >= NO_LANE - 1) return NO_LANE - 1;
    words[word] = (taken | (1 << bit)) >>> 0;
    return lane;
  }

  free(lane: number): void {
    if (lane >= NO_LANE - 1) return;
    const word = Math.floor(lane / WORD_BITS);
    this.#words[word] = ((this.#words[word] ?? 0) & ~(1 << (lane % WORD_BITS))) >>> 0;
    if (word < this.#firstOpen) this.#firstOpen = word;
  }
}
