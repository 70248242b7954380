/**
 * Which rows have changed since a reader last asked: each once, however often it has changed.
 *
 * Invariant: a row is listed exactly if it has a bit of news.
 */
import { elementAt } from '../../core/element-at.js';
import { FIELD, type RowStore } from './row-store.js';

/** Rows and their news, place by place. @internal */
export interface Changes {
  readonly places: readonly number[];
  readonly news: readonly number[];
}

/** @internal */
export class News {
  readonly #rows: RowStore;
  #isRead = false;
  #places: number[] = [];

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Whether there is a reader: nothing is noted without one. */
  get isRead(): boolean {
    return this.#isRead;
  }

  set isRead(isSo: boolean) {
    if (!isSo) this.take();
    this.#isRead = isSo;
  }

  add(place: number, bits: number): void {
    if (!this.#isRead) return;
    const before = this.#rows.get(place, FIELD.news);
    if (before === 0) this.#places.push(place);
    this.#rows.set(place, FIELD.news, before | bits);
  }

  /** All changes, which are no news from now on. */
  take(): Changes {
    const places = this.#places;
    this.#places = [];
    const news: number[] = [];
    for (let index = 0; index < places.length; index += 1) {
      const place = elementAt(places, index);
      news.push(this.#rows.get(place, FIELD.news));
      this.#rows.set(place, FIELD.news, 0);
    }
    return { places, news };
  }
}
