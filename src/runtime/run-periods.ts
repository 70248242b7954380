/**
 * The periods between two stops. Each attempt belongs to the period in which its start was granted, so that a `stop()` waits
 * for the attempts that were running when it was called, and for no later one.
 */
import { deferred } from '../core/deferred.js';

/** An attempt, as far as its period is concerned. @internal */
export interface PeriodMember {
  epoch: number;
}

interface StopWaiter {
  readonly epoch: number;
  left: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** The periods of one scheduler. @internal */
export class RunPeriods {
  #epoch = 0;
  #waiters: StopWaiter[] = [];
  readonly #ended: () => void;

  /** `ended` is called whenever an attempt has ended, after the stops that wait for it have been answered. */
  constructor(ended: () => void) {
    this.#ended = ended;
  }

  /** Number of the present period. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The attempt has ended, or is held back, which counts as ended for a stop. */
  ended(attempt: PeriodMember): void {
    if (this.#waiters.length > 0) {
      for (const waiter of this.#waiters) {
        if (attempt.epoch > waiter.epoch) continue;
        waiter.left -= 1;
        if (waiter.left === 0) waiter.resolve();
      }
      this.#waiters = this.#waiters.filter((waiter) => waiter.left > 0);
    }
    this.#ended();
  }

  /** Resolves when the `running` attempts of this and earlier periods have ended. A new period begins, unless none need to. */
  end(running: number, isNewPeriod: boolean): Promise<void> {
    if (running === 0) return Promise.resolve();
    // Still there, the last stop is that of the period before: it waits for all that earlier ones wait for.
    const last = this.#waiters.at(-1);
    if (last !== undefined && !isNewPeriod) return last.promise;
    const { promise, resolve } = deferred<void>();
    this.#waiters.push({ epoch: this.#epoch, left: running, promise, resolve });
    this.#epoch += 1;
    return promise;
  }
}
