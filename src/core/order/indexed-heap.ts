/**
 * A binary heap whose items know their index, so that any of them can be removed, or moved when its rank changes.
 *
 * Invariant: `items[i].heapIndex === i` for every item in the heap, and −1 for an item that has left it.
 */

import { elementAt } from '../element-at.js';

/** An item of an `IndexedHeap`; it is in at most one heap at a time. @internal */
export interface HeapItem {
  heapIndex: number;
}

/** A heap whose top is the first item by `before`. `peek` is O(1), `retain` O(n), all else O(log n). @internal */
export class IndexedHeap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  remove(item: T): void {
    const index = item.heapIndex;
    item.heapIndex = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    last.heapIndex = index;
    this.#items[index] = last;
    this.moved(last);
  }

  /** Restores the heap after the rank of `item` has changed. */
  moved(item: T): void {
    const index = item.heapIndex;
    this.#rise(item, index);
    if (item.heapIndex === index) this.#sink(item, index);
  }

  /** Removes all items for which `isKept` returns false. O(size). */
  retain(isKept: (item: T) => boolean): void {
    const items = this.#items;
    let size = 0;
    for (const item of items) {
      if (isKept(item)) {
        items[size] = item;
        item.heapIndex = size;
        size += 1;
      } else {
        item.heapIndex = -1;
      }
    }
    items.length = size;
    // From the last item with children up to the top: everything below each is a heap by then.
    for (let index = (size >> 1) - 1; index >= 0; index -= 1) this.#sink(elementAt(items, index), index);
  }

  #rise(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = elementAt(items, above);
      if (!this.#before(item, other)) break;
      items[index] = other;
      other.heapIndex = index;
      index = above;
    }
    items[index] = item;
    item.heapIndex = index;
  }

  #sink(item: T, from: number): void {
    const items = this.#items;
    const size = items.length;
    let index = from;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= size) break;
      if (below + 1 < size && this.#before(elementAt(items, below + 1), elementAt(items, below))) below += 1;
      const other = elementAt(items, below);
      if (!this.#before(other, item)) break;
      items[index] = other;
      other.heapIndex = index;
      index = below;
    }
    items[index] = item;
    item.heapIndex = index;
  }
}
