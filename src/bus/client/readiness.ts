/** Whether a client has reached its bus once: a promise that nobody has to ask for. */
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
    // It is no error of anybody who does not ask.
    this.promise.catch(() => undefined);
  }

  reached(): void {
    this.#resolve?.();
  }

  /** Without effect where it was reached before. */
  ended(error: SchedulerError): void {
    this.#reject?.(error);
  }
}
