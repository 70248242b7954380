/** Sources and ends of feeds, as their tests need them. */
import { type Feed, FeedFailed } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import type { ManualExecutor } from '../support/manual-executor.js';

export const double = (n: number): number => 2 * n;

/** Counts how far it is read, and whether it was closed. */
export class Counted implements Iterable<number> {
  read = 0;
  closed = 0;

  *[Symbol.iterator](): Generator<number> {
    try {
      for (let n = 0; n < 1_000; n += 1) {
        this.read += 1;
        yield n;
      }
    } finally {
      this.closed += 1;
    }
  }
}

/** What the feed failed with. */
export async function failureOf<I, R>(feed: Feed<I, R>): Promise<FeedFailed> {
  const error: unknown = await feed.done().catch((reason: unknown) => reason);
  if (!(error instanceof FeedFailed)) throw new Error(`expected the feed to fail, got ${String(error)}`);
  return error;
}

/** Ends the attempts, and those that start in their place, until none is left. */
export async function endAll(executor: ManualExecutor): Promise<void> {
  for (const attempt of executor.started) {
    attempt.done(attempt.id);
    await quiet();
  }
}

/** Fails for multiples of three. */
export function picky(n: number): number {
  if (n % 3 === 0) throw new RangeError(`not ${n}`);
  return n;
}
