/**
 * The latest feedback to a producer, to be repeated after a lost connection. Numbered from 1 without gaps. Bounded in number and in
 * bytes of UTF-8; the oldest entries are dropped first. Invariant: the log holds the most recent entries, without gaps.
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

  /** Total size of the entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Numbers the next feedback, keeps its frame and returns it. */
  add(textOf: (seq: number) => string): string {
    this.#lastSeq += 1;
    const text = textOf(this.#lastSeq);
    this.#texts.push(text);
    this.#bytes += Buffer.byteLength(text);
    this.#shrink(this.#maxEntries, this.#maxBytes);
    return text;
  }

  /** Drops the oldest entries, half of all bytes or somewhat more. */
  halve(): void {
    this.#shrink(this.#maxEntries, this.#bytes >> 1);
  }

  #shrink(maxEntries: number, maxBytes: number): void {
    let surplus = 0;
    while (this.#texts.length - surplus > maxEntries || this.#bytes > maxBytes) {
      this.#bytes -= Buffer.byteLength(this.#texts[surplus] ?? '');
      surplus += 1;
    }
    if (surplus > 0) this.#texts = this.#texts.slice(surplus);
  }

  /** The frames after number `seen`, and how many of them have been dropped. */
  after(seen: number): { readonly texts: readonly string[]; readonly lost: number } {
    const missed = Math.max(0, this.#lastSeq - seen);
    const kept = Math.min(missed, this.#texts.length);
    return { texts: kept === 0 ? [] : this.#texts.slice(-kept), lost: missed - kept };
  }
}
