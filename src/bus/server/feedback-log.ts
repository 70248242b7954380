/**
 * What a producer was told lately, for one that lost its connection and comes back. Numbered from 1 without a gap; bounded in number
 * and bytes, as UTF-8 has them; the oldest go first. Invariant: what is kept is the latest, whole.
 */

/** @internal */
export class FeedbackLog {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #texts: string[] = [];
  #bytes = 0;
  #lastSeq = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Makes the frame of the next feedback and keeps it. */
  add(textOf: (seq: number) => string): string {
    this.#lastSeq += 1;
    const text = textOf(this.#lastSeq);
    this.#texts.push(text);
    this.#bytes += Buffer.byteLength(text);
    let surplus = 0;
    while (this.#texts.length - surplus > this.#maxEntries || this.#bytes > this.#maxBytes) {
      this.#bytes -= Buffer.byteLength(this.#texts[surplus] ?? '');
      surplus += 1;
    }
    if (surplus > 0) this.#texts = this.#texts.slice(surplus);
    return text;
  }

  /** The frames after number `seen`, and how many of those are no longer kept. */
  after(seen: number): { readonly texts: readonly string[]; readonly lost: number } {
    const missed = Math.max(0, this.#lastSeq - seen);
    const kept = Math.min(missed, this.#texts.length);
    return { texts: kept === 0 ? [] : this.#texts.slice(-kept), lost: missed - kept };
  }
}
