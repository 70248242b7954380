/**
 * The report of a feed's end: the promise of `done()`, which readers follow, and the failure that the scheduler's `wait()`
 * lists if no user is told of it otherwise.
 *
 * It must never decide whether or when the feed ends.
 *
 * Invariants: the promise settles once; a failure is left to `wait()` only while no caller of `done()`, no reader and no `onError`
 * function is told.
 */
import { deferred } from '../../core/deferred.js';
import { type FeedEnd, FeedFailed } from '../../core/failures.js';
import type { Failing } from '../tasks/unhandled-failures.js';

/** Why a feed ended before its source was exhausted. @internal */
export interface FeedStop {
  readonly how: FeedFailed['ended'];
  readonly reason: unknown;
}

/** The report of one feed's end. @internal */
export class FeedCompletion<I, R> {
  readonly #queue: string;
  readonly #lookAt: (failing: Failing) => void;
  readonly #end = deferred<FeedEnd<I, R>>();
  readonly #waiting = new Set<(error: unknown) => void>();
  #isAttended: boolean;
  #unnoticed: Failing | undefined = undefined;

  /**
   * @param isAttended - whether a function of the user is told of every failure.
   * @param lookAt - takes a failure that `finish` returned off the scheduler's list.
   */
  constructor(queue: string, isAttended: boolean, lookAt: (failing: Failing) => void) {
    this.#queue = queue;
    this.#isAttended = isAttended;
    this.#lookAt = lookAt;
    // Without a caller of `done()` the rejection is reported by `wait()`, and must not end the process.
    this.#end.promise.catch(() => undefined);
  }

  /** Settles when the feed has ended. */
  get end(): Promise<FeedEnd<I, R>> {
    return this.#end.promise;
  }

  /** Settles when the feed has ended, or when the scheduler stalls; see `Feed.done`. */
  wait(): Promise<FeedEnd<I, R>> {
    this.attend();
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const over = (): void => void this.#waiting.delete(reject);
      this.#end.promise.finally(over).then(resolve, reject);
    });
  }

  /** The scheduler has stalled. Returns how many waits that ends. */
  stalled(error: unknown): number {
    const { size } = this.#waiting;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
    return size;
  }

  /** A user is told how the feed ends, now or later: `wait()` need not report it. */
  attend(): void {
    this.#isAttended = true;
    if (this.#unnoticed !== undefined) this.#lookAt(this.#unnoticed);
  }

  /**
   * Settles the promise: fulfils it if the feed came to its end by itself, rejects it with `FeedFailed` if it was stopped.
   *
   * @param hasFailed - whether there were failures that no user asked for.
   * @returns the failure to be reported by `wait()`, if any.
   */
  finish(end: FeedEnd<I, R>, stop: FeedStop | undefined, hasFailed: boolean): Failing | undefined {
    // A feed that was closed along with its scheduler or queue has not done all of its work.
    const isUnnoticed = (hasFailed || stop?.how === 'closed') && !this.#isAttended;
    if (stop === undefined) this.#end.resolve(end);
    if (stop === undefined && !isUnnoticed) return undefined;
    const error = new FeedFailed(this.#queue, stop?.how ?? 'failed', end, stop?.reason);
    if (stop !== undefined) this.#end.reject(error);
    if (!isUnnoticed) return undefined;
    const id = `(a feed of queue ${this.#queue})`;
    this.#unnoticed = { id, outcome: { status: 'failed', error }, isLookedAt: false, failedIn: -1 };
    return this.#unnoticed;
  }
}
