/** The record of a feed: the number of its failures, the first 1,000 of them, and its results if they are collected. */
import type { FeedEnd, FeedFailure } from '../../core/failures.js';

const MAX_LISTED = 1_000;

/** The record of one feed. Memory O(1), or O(items) if results are collected. @internal */
export class FeedTally<I, R> {
  #failed = 0;
  readonly #failures: FeedFailure<I>[] = [];
  /** At the positions of their items; failed items leave holes. */
  readonly #results: R[] = [];

  keep(index: number, value: R): void {
    this.#results[index] = value;
  }

  fail(failure: FeedFailure<I>): void {
    this.#failed += 1;
    if (this.#failures.length < MAX_LISTED) this.#failures.push(failure);
  }

  /** The state of the record after `count` items have been taken. */
  end(count: number): FeedEnd<I, R> {
    // `filter` skips holes.
    const results = this.#results.filter(() => true);
    return { count, failed: this.#failed, failures: [...this.#failures], results };
  }
}
