/** Retries steps while the folder is unavailable, so that work survives the restart of a file server. */
import { SchedulerError } from '../core/failures.js';
import type { Clock } from '../core/ports.js';
import { callListener } from '../core/throw-outside.js';
import type { SettledOptions } from './options.js';

/**
 * Retries steps while the folder is unavailable: every `everyMs`, for at most `patienceMs` of one outage, whichever step met it first.
 *
 * @internal
 */
export class FolderRetry {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #everyMs: number;
  readonly #onOutage: (error: SchedulerError | undefined) => void;
  /** The outage that the last step met, until one succeeds. */
  #outage: { readonly sinceMs: number; lastMs: number } | undefined;

  /** @param onOutage - called with the error when an outage begins, and with undefined when it is over. */
  constructor(
    clock: Clock,
    { patienceMs, checkMs, onOutage }: Pick<SettledOptions, 'patienceMs' | 'checkMs' | 'onOutage'>,
  ) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#everyMs = checkMs;
    this.#onOutage = onOutage;
  }

  /**
   * Rejects with the last `FolderUnavailable` when the step or the outage has taken `patienceMs`, or once `isWanted` returns false; with
   * any other error at once.
   */
  async through<T>(step: () => Promise<T>, isWanted: () => boolean = () => true): Promise<T> {
    const beganMs = this.#clock.now();
    for (;;) {
      try {
        const result = await step();
        this.#succeeded();
        return result;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        const sinceMs = Math.min(beganMs, this.#failed(error));
        const leftMs = sinceMs + this.#patienceMs - this.#clock.now();
        if (leftMs <= 0 || !isWanted()) throw error;
        await new Promise<void>((resolve) => {
          this.#clock.after(Math.min(this.#everyMs, leftMs), resolve);
        });
      }
    }
  }

  /** When the present outage began. One that nobody has met for long may have been over in between. */
  #failed(error: SchedulerError): number {
    const nowMs = this.#clock.now();
    const before = this.#outage;
    if (before === undefined || nowMs - before.lastMs > this.#patienceMs + this.#everyMs) {
      this.#outage = { sinceMs: nowMs, lastMs: nowMs };
      if (before === undefined) this.#tell(error);
      return nowMs;
    }
    before.lastMs = nowMs;
    return before.sinceMs;
  }

  #succeeded(): void {
    if (this.#outage === undefined) return;
    this.#outage = undefined;
    this.#tell(undefined);
  }

  #tell(error: SchedulerError | undefined): void {
    callListener(() => this.#onOutage(error));
  }
}

/**
 * Whether the error means that the folder is unavailable, which may be temporary.
 *
 * @internal
 */
export function isUnavailable(error: unknown): error is SchedulerError {
  return error instanceof SchedulerError && error.code === 'FolderUnavailable';
}
