/** Messages on their way between two processes, first in, first out, as one number: 0 is the empty channel. */
import { Interned } from './interned.js';

/** Channels by number. All operations are O(1) but for a channel that is new. @internal */
export class Channels {
  readonly #contents = new Interned<readonly number[]>();
  readonly #appended: Map<number, number>[] = [];
  readonly #heads: number[] = [-1];
  readonly #tails: number[] = [0];

  constructor() {
    this.#contents.numberOf([]);
  }

  contentOf(channel: number): readonly number[] {
    return this.#contents.valueOf(channel);
  }

  append(channel: number, message: number): number {
    const appended = (this.#appended[channel] ??= new Map<number, number>());
    const known = appended.get(message);
    if (known !== undefined) return known;
    const number = this.#contents.numberOf([...this.contentOf(channel), message]);
    appended.set(message, number);
    return number;
  }

  /** The first message of a channel that is not empty. */
  head(channel: number): number {
    return this.#heads[channel] ?? this.#cut(channel).head;
  }

  /** The channel without its first message. */
  tail(channel: number): number {
    return this.#tails[channel] ?? this.#cut(channel).tail;
  }

  #cut(channel: number): { readonly head: number; readonly tail: number } {
    const [head = -1, ...rest] = this.contentOf(channel);
    const tail = this.#contents.numberOf(rest);
    this.#heads[channel] = head;
    this.#tails[channel] = tail;
    return { head, tail };
  }
}
