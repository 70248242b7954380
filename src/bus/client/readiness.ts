/** A promise for a client's first registration. If it is not awaited, its rejection is not an unhandled one. */
import type { SchedulerError } from '../../core/failures.js';

/** @internal */
export class Readiness {
  readonly promise: Promise<void>;
  #resolve: (() => void) | undefined;
  #reject: ((error: SchedulerError) => void) | undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Callers that do not await `ready()` must not crash on its rejection.
    this.promise.catch(() => undefined);
  }

  reached(): void {
    this.#resolve?.();
  }

  /** Rejects the promise, unless it has resolved. */
  ended(error: SchedulerError): void {
    this.#reject?.(error);
  }
}
