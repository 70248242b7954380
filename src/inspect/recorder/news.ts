/**
 * Which rows have changed since a reader last asked: each once, however often it has changed.
 *
 * Invariant: a row is listed exactly if it has a bit of news.
 */
import { BYTE, type RowStore, grown, valueAt } from './row-store.js';

/** Rows and their news, place by place: views, to be read before more changes. @internal */
export interface Changes {
  readonly places: Uint32Array;
  readonly news: Uint8Array;
}

const FIRST_LENGTH = 1_024;

/** @internal */
export class News {
  readonly #rows: RowStore;
  #isRead = false;
  #places = new Uint32Array(FIRST_LENGTH);
  #news = new Uint8Array(FIRST_LENGTH);
  #count = 0;

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
    const before = this.#rows.byte(place, BYTE.news);
    if (before === 0) this.#list(place);
    this.#rows.setByte(place, BYTE.news, before | bits);
  }

  /** All changes, which are no news from now on. */
  take(): Changes {
    const count = this.#count;
    this.#count = 0;
    for (let index = 0; index < count; index += 1) {
      const place = valueAt(this.#places, index);
      this.#news[index] = this.#rows.byte(place, BYTE.news);
      this.#rows.setByte(place, BYTE.news, 0);
    }
    return { places: this.#places.subarray(0, count), news: this.#news.subarray(0, count) };
  }

  #list(place: number): void {
    if (this.#count === this.#places.length) this.#grow();
    this.#places[this.#count] = place;
    this.#count += 1;
  }

  #grow(): void {
    this.#places = grown(this.#places, new Uint32Array(2 * this.#places.length));
    this.#news = new Uint8Array(this.#places.length);
  }
}
