/** Retries steps while the folder is unavailable, so that work survives the restart of a file server. */
import { SchedulerError } from '../core/failures.js';
import type { Clock } from '../core/ports.js';

/**
 * Retries a step while the folder is unavailable: every `everyMs`, for at most `patienceMs`.
 *
 * @internal
 */
export class FolderRetry {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #everyMs: number;

  constructor(clock: Clock, patienceMs: number, everyMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#everyMs = everyMs;
  }

  /** Rejects with the last `FolderUnavailable` after `patienceMs` or once `isWanted` returns false; with any other error at once. */
  async through<T>(step: () => Promise<T>, isWanted: () => boolean = () => true): Promise<T> {
    const beganMs = this.#clock.now();
    for (;;) {
      try {
        return await step();
      } catch (error) {
        const leftMs = beganMs + this.#patienceMs - this.#clock.now();
        if (!isUnavailable(error) || leftMs <= 0 || !isWanted()) throw error;
        await new Promise<void>((resolve) => {
          this.#clock.after(Math.min(this.#everyMs, leftMs), resolve);
        });
      }
    }
  }
}

/**
 * Whether the error means that the folder is unavailable, which may be temporary.
 *
 * @internal
 */
export function isUnavailable(error: unknown): boolean {
  return error instanceof SchedulerError && error.code === 'FolderUnavailable';
}
