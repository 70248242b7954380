/** What a feed keeps of what has been: how many failures there were, the first of them, and results if they are wanted. */
import type { FeedEnd, FeedFailure } from '../../core/failures.js';

const MAX_LISTED = 1_000;

/** The books of one feed. Memory O(1), and O(items) where results are collected. @internal */
export class FeedTally<I, R> {
  #failed = 0;
  readonly #failures: FeedFailure<I>[] = [];
  /** At the places of their items; items that failed leave holes. */
  readonly #results: R[] = [];

  keep(index: number, value: R): void {
    this.#results[index] = value;
  }

  fail(failure: FeedFailure<I>): void {
    this.#failed += 1;
    if (this.#failures.length < MAX_LISTED) this.#failures.push(failure);
  }

  /** As of now, when `count` items have been taken. */
  end(count: number): FeedEnd<I, R> {
    // Filtering passes over holes.
    const results = this.#results.filter(() => true);
    return { count, failed: this.#failed, failures: [...this.#failures], results };
  }
}
