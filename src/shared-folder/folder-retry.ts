/** How long a folder that cannot be used is waited for: a server that restarts is not the end of the work. */
import { SchedulerError } from '../core/failures.js';
import type { Clock } from '../core/ports.js';

/**
 * Takes a step again while the folder is unavailable: every `everyMs`, for `patienceMs` at the most.
 *
 * @internal
 */
export class Patience {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #everyMs: number;

  constructor(clock: Clock, patienceMs: number, everyMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#everyMs = everyMs;
  }

  /** Rejects with the last `FolderUnavailable` when the time is over or nobody wants it any more; with anything else at once. */
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
 * Whether the folder could not be used, which may pass.
 *
 * @internal
 */
export function isUnavailable(error: unknown): boolean {
  return error instanceof SchedulerError && error.code === 'FolderUnavailable';
}
