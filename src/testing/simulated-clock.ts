/** A clock that advances only on request. Timers with equal times fire in the order in which they were set. */
import type { Clock } from '../core/ports.js';

interface Timer {
  readonly atMs: number;
  readonly ring: () => void;
}

/** Every operation is O(pending timers). @internal */
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

  /** Time of the next timer; undefined if there is none. */
  nextAt(): number | undefined {
    const times = [...this.#timers].map((timer) => timer.atMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Sets the time without firing anything. */
  turnTo(timeMs: number): void {
    this.#nowMs = timeMs;
  }

  /** Fires one timer that is due, if there is one: the first that was set of those due first. */
  fire(): boolean {
    const next = this.nextAt();
    if (next === undefined || next > this.#nowMs) return false;
    this.#fireAt(next);
    return true;
  }

  #fireAt(atMs: number): void {
    const due = [...this.#timers].find((timer) => timer.atMs === atMs);
    if (due === undefined) return;
    this.#timers.delete(due);
    due.ring();
  }

  /** Advances to `timeMs` and fires the timers due until then, each at its own time. */
  advanceTo(timeMs: number): void {
    for (let next = this.nextAt(); next !== undefined && next <= timeMs; next = this.nextAt()) {
      this.#nowMs = Math.max(this.#nowMs, next);
      this.#fireAt(next);
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }
}
