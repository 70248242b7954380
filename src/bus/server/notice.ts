/**
 * Tells the owner of the bus of something that peers can cause as often as they like: the first time at once, and from then on, as long
 * as it goes on, how often it has happened, every ten seconds.
 */
import type { Clock } from '../../core/ports.js';

/** The time from one notice to the next. @internal */
export const NOTICE_MS = 10_000;

/** @internal */
export class Notice {
  readonly #clock: Clock;
  readonly #tell: (count: number, latest: string) => void;
  #count = 0;
  #latest = '';
  #stop: (() => void) | undefined;

  /** @param tell - called with how often it has happened since the last call, and what was given of the latest time. */
  constructor(clock: Clock, tell: (count: number, latest: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** It has happened. */
  add(about: string): void {
    this.#count += 1;
    this.#latest = about;
    if (this.#stop === undefined) this.#report();
  }

  close(): void {
    this.#stop?.();
  }

  #report(): void {
    this.#stop = undefined;
    if (this.#count === 0) return;
    const count = this.#count;
    this.#count = 0;
    this.#stop = this.#clock.after(NOTICE_MS, () => this.#report());
    this.#tell(count, this.#latest);
  }
}
