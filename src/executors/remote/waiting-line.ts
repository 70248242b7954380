/**
 * The line in which attempts wait for a worker. Those given back by a worker return to the places they had.
 *
 * Invariant: what was put back arrived before everything that was never taken, because `shift` takes the earliest arrival.
 */
import { Fifo } from '../../core/fifo.js';

/** An item of a line. @internal */
export interface Waiting {
  /** Its number, higher than those of all items pushed before it. */
  readonly arrival: number;
}

/**
 * Items in the order of their arrival. `push` and `shift` are O(1); `putBack` and `take` are rare, and O(items).
 *
 * @internal
 */
export class WaitingLine<T extends Waiting> {
  readonly #neverTaken = new Fifo<T>();
  /** The latest arrival first, so that the next to go stands last. */
  readonly #returned: T[] = [];

  get size(): number {
    return this.#returned.length + this.#neverTaken.size;
  }

  /** The item that `shift` would take. */
  get first(): T | undefined {
    return this.#returned.at(-1) ?? this.#neverTaken.first;
  }

  push(item: T): void {
    this.#neverTaken.push(item);
  }

  shift(): T | undefined {
    return this.#returned.pop() ?? this.#neverTaken.shift();
  }

  /** Puts `item`, which was shifted before, in its place. */
  putBack(item: T): void {
    let index = this.#returned.length;
    while (index > 0 && (this.#returned[index - 1]?.arrival ?? 0) < item.arrival) index -= 1;
    this.#returned.splice(index, 0, item);
  }

  /** Takes out the first item for which `matches` holds. */
  take(matches: (item: T) => boolean): T | undefined {
    const index = this.#returned.findLastIndex(matches);
    return index < 0 ? this.#neverTaken.remove(matches) : this.#returned.splice(index, 1)[0];
  }
}
