/** Time that goes on when it is told to, and chance that is no chance. */
import type { Environment } from '../../src/core/ports.js';

export class ManualEnvironment implements Environment {
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  /** The delay of every timer that was ever set. */
  readonly delays: number[] = [];
  random = (): number => 0.5;

  readonly clock = {
    now: (): number => this.#now,
    after: (delayMs: number, callback: () => void): (() => void) => {
      const timer = { at: this.#now + delayMs, callback };
      this.#timers.push(timer);
      this.delays.push(delayMs);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
  };

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets so much time pass; timers are called in their order. */
  advance(byMs: number): void {
    const end = this.#now + byMs;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }
}
