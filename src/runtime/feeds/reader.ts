/**
 * The async iterator over a feed's results, for one reader. Results that the reader has not asked for wait here.
 *
 * Invariants: each result is read once; at most one waits while the feed is open, and at most the feed's window once it is ending.
 */

interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** The feed, as seen from its reader. @internal */
export interface FeedReaderOwner {
  /** The reader has finished with its last result, since it asks for the next. */
  taken(): void;
  /** The reader left the loop before the end. */
  left(): void;
}

/** One reader of one feed. @internal */
export class FeedReader<T> implements AsyncIterableIterator<T, undefined> {
  readonly #owner: FeedReaderOwner;
  readonly #kept: T[] = [];
  readonly #waiting: Waiting<T>[] = [];
  #end: { readonly error: unknown } | undefined = undefined;
  #hasLeft = false;
  /** The reader has a result and has not asked for the next. */
  #isReading = false;

  constructor(owner: FeedReaderOwner) {
    this.#owner = owner;
  }

  /** Accepts the next result. Returns whether the reader has finished with it already, or will never ask for it. */
  offer(value: T): boolean {
    if (this.#hasLeft) return true;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#kept.push(value);
      return false;
    }
    waiting.resolve({ done: false, value });
    this.#isReading = this.#waiting.length === 0;
    return !this.#isReading;
  }

  /** No more results will come. The reader is thrown `error`, unless that is undefined. */
  finish(error: unknown): void {
    this.#end = { error };
    const [first, ...others] = this.#waiting.splice(0);
    if (first === undefined) return;
    this.#tellEnd(first);
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isReading) {
      this.#isReading = false;
      this.#owner.taken();
    }
    for (const value of this.#kept.splice(0, 1)) {
      this.#isReading = true;
      return Promise.resolve({ done: false, value });
    }
    return new Promise((resolve, reject) => {
      if (this.#end === undefined && !this.#hasLeft) this.#waiting.push({ resolve, reject });
      else this.#tellEnd({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    const isEarly = this.#end === undefined && !this.#hasLeft;
    this.#hasLeft = true;
    this.#kept.length = 0;
    if (isEarly) this.#owner.left();
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Throws the error once; any later question is answered with the end. */
  #tellEnd({ resolve, reject }: Waiting<T>): void {
    const error = this.#hasLeft ? undefined : this.#end?.error;
    this.#end = { error: undefined };
    if (error === undefined) resolve({ done: true, value: undefined });
    else reject(error);
  }
}
