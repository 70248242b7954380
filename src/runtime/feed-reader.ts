/**
 * The async iterator over a feed's results. It hands each over once, to one reader; what has come and not been asked for waits
 * here, which the feed bounds.
 */

interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** What the reader does to the feed. @internal */
export interface FeedReaderOwner {
  /** A result that had to wait has been taken. */
  taken(): void;
  /** The reader has left before the end. */
  left(): void;
}

/** One reader of one feed. @internal */
export class FeedReader<T> implements AsyncIterableIterator<T, undefined> {
  readonly #owner: FeedReaderOwner;
  readonly #kept: T[] = [];
  readonly #waiting: Waiting<T>[] = [];
  #end: { readonly error: unknown } | undefined = undefined;
  #hasLeft = false;

  constructor(owner: FeedReaderOwner) {
    this.#owner = owner;
  }

  /** Takes the next result in; true when the reader has it, or will never ask for it. */
  offer(value: T): boolean {
    if (this.#hasLeft) return true;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#kept.push(value);
    else waiting.resolve({ done: false, value });
    return waiting !== undefined;
  }

  /** There are no more results; with an error that the reader is to see, unless it is undefined. */
  finish(error: unknown): void {
    this.#end = { error };
    const [first, ...others] = this.#waiting.splice(0);
    if (first === undefined) return;
    this.#tellEnd(first);
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    for (const value of this.#kept.splice(0, 1)) {
      this.#owner.taken();
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

  /** The error is thrown once; who asks again finds the end. */
  #tellEnd({ resolve, reject }: Waiting<T>): void {
    const error = this.#hasLeft ? undefined : this.#end?.error;
    this.#end = { error: undefined };
    if (error === undefined) resolve({ done: true, value: undefined });
    else reject(error);
  }
}
