/**
 * First in, first out, at constant cost. Putting back and removing cost in proportion to what waits, and are rare.
 *
 * @internal
 */
export class WaitingLine<T> {
  readonly #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
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

  /** Puts `item` before all others. */
  putBack(item: T): void {
    this.#items.splice(this.#head, 0, item);
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
