/** Notices when nothing has been heard from the other side for too long. Invariant: at most one timer is set. */
import type { Clock } from '../../core/ports.js';
import { MAX_TIMER_MS } from '../../core/timers.js';

/** @internal */
export class SilenceWatch {
  readonly #clock: Clock;
  #heardAt = 0;
  #stop: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has been heard. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  /**
   * From now on, calls `silent` once after `silenceMs` without anything heard. Allows a fifth more, in which a process that was blocked
   * can read what has already arrived.
   */
  expect(silenceMs: number, silent: () => void): void {
    this.#wait(silenceMs, silent, false);
  }

  /** As `expect`, and calls `probe` three times in `silenceMs`, so that there is something to be heard. */
  probe(silenceMs: number, probe: () => void, silent: () => void): void {
    this.stop();
    this.#stop = this.#clock.after(Math.min(MAX_TIMER_MS, silenceMs / 3), () => {
      if (this.#clock.now() - this.#heardAt >= silenceMs) {
        silent();
        return;
      }
      probe();
      this.probe(silenceMs, probe, silent);
    });
  }

  stop(): void {
    this.#stop?.();
  }

  #wait(silenceMs: number, silent: () => void, isLastTime: boolean): void {
    const left = this.#heardAt + silenceMs - this.#clock.now();
    if (left <= 0 && isLastTime) {
      silent();
      return;
    }
    this.stop();
    const waitMs = Math.min(MAX_TIMER_MS, left > 0 ? left : silenceMs / 5);
    this.#stop = this.#clock.after(waitMs, () => this.#wait(silenceMs, silent, left <= 0));
  }
}
