/**
 * All deadlines of a scheduler, in one heap behind one timer, which is set for the earliest. XState's own delayed events
 * are not used: each of them makes every stop of an actor slower.
 *
 * Invariant: a timer is set exactly while there are deadlines, for the earliest of them or for a time before it.
 */
import { MAX_TIMER_MS } from '../../core/timers.js';
import { IndexedHeap } from '../../core/order/indexed-heap.js';
import type { Clock } from '../../core/ports.js';

/** A callback due at a time, unless it is called off. @internal */
export interface Deadline {
  readonly atMs: number;
  readonly passed: () => void;
  heapIndex: number;
}

/** The deadlines of one scheduler. `set` and `callOff` are O(log deadlines). @internal */
export class Deadlines {
  readonly #clock: Clock;
  readonly #heap = new IndexedHeap<Deadline>((a, b) => a.atMs < b.atMs);
  #stopTimer: (() => void) | undefined = undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `passed` once, `delayMs` from now or somewhat later; never from within this call. */
  set(delayMs: number, passed: () => void): Deadline {
    const deadline: Deadline = { atMs: this.#clock.now() + delayMs, passed, heapIndex: -1 };
    this.#heap.push(deadline);
    this.#setTimer();
    return deadline;
  }

  /** Prevents the callback. Has no effect if the deadline has passed or was called off before. */
  callOff(deadline: Deadline | undefined): void {
    if (deadline === undefined || deadline.heapIndex < 0) return;
    this.#heap.remove(deadline);
    // A timer without a deadline would keep the process alive; one that rings early does no harm.
    if (this.#heap.size === 0) this.#clearTimer();
  }

  #setTimer(): void {
    const next = this.#heap.peek();
    if (next === undefined || next.atMs >= this.#timerAtMs) return;
    this.#clearTimer();
    const now = this.#clock.now();
    // A deadline beyond the longest timer is awaited in parts.
    const delayMs = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(next.atMs - now)));
    this.#timerAtMs = now + delayMs;
    this.#stopTimer = this.#clock.after(delayMs, () => this.#ring());
  }

  #clearTimer(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }

  #ring(): void {
    this.#clearTimer();
    const now = this.#clock.now();
    for (let next = this.#heap.peek(); next !== undefined && next.atMs <= now; next = this.#heap.peek()) {
      this.#heap.remove(next);
      next.passed();
    }
    this.#setTimer();
  }
}
