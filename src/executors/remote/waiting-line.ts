/**
 * What waits in a line.
 *
 * @internal
 */
export interface Waiting {
  /** Its number, higher than of all that were pushed before. */
  readonly arrival: number;
}

/**
 * First in, first out, at constant cost. Putting back and removing cost in proportion to what waits, and are rare.
 *
 * Invariant: what waits stands in the order of its arrival.
 *
 * @internal
 */
export class WaitingLine<T extends Waiting> {
  readonly #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The one that `shift` would take. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    // What has gone is cut off once it is half of the whole, so that an item is moved but once on its way.
    if (this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Puts `item`, which was shifted before, in its place. */
  putBack(item: T): void {
    let index = this.#head;
    while ((this.#items[index]?.arrival ?? Number.POSITIVE_INFINITY) < item.arrival) index++;
    this.#items.splice(index, 0, item);
  }

  /** Takes the first item out for which `matches` holds. */
  take(matches: (item: T) => boolean): T | undefined {
    for (let index = this.#head; index < this.#items.length; index++) {
      const item = this.#items[index];
      if (item === undefined || !matches(item)) continue;
      this.#items.splice(index, 1);
      return item;
    }
    return undefined;
  }
}
