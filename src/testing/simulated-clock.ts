/** Time that passes only when it is told to. Timers of one time ring in the order in which they were set. */
import type { Clock } from '../core/ports.js';

interface Timer {
  readonly atMs: number;
  readonly ring: () => void;
}

/** A clock in simulated time. Every operation is O(timers that are set). @internal */
export class SimulatedClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + delayMs, ring: callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the next timer rings, or undefined when none is set. */
  nextAt(): number | undefined {
    const times = [...this.#timers].map((timer) => timer.atMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Goes on to that time and rings what is due by then, each timer at its time. */
  advanceTo(timeMs: number): void {
    for (let next = this.nextAt(); next !== undefined && next <= timeMs; next = this.nextAt()) {
      const due = [...this.#timers].find((timer) => timer.atMs === next);
      if (due === undefined) return;
      this.#nowMs = Math.max(this.#nowMs, next);
      this.#timers.delete(due);
      due.ring();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }
}
