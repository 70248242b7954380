/**
 * How many tasks of one queue have not settled, and how many of them have an attempt under way; and the callers who wait until the
 * queue is idle.
 *
 * Invariant: a queue is idle exactly if none of its tasks is unsettled and no attempt holds a slot.
 */

/** A caller of `onIdle`. @internal */
export interface IdleWaiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The counts of one queue; each operation is O(1), and O(waiters) when the queue becomes idle. @internal */
export class QueueTally {
  /** Tasks that have not settled. */
  unsettled = 0;
  /** Those of them that have an attempt under way. */
  live = 0;
  readonly #attempts: () => number;
  readonly #waiters = new Set<IdleWaiter>();

  /** `attempts` says how many slots are taken by attempts, those included whose task has settled. */
  constructor(attempts: () => number) {
    this.#attempts = attempts;
  }

  get isIdle(): boolean {
    return this.unsettled === 0 && this.#attempts() === 0;
  }

  /** A task has settled, from an attempt or without one. */
  settled(wasLive: boolean): void {
    this.unsettled -= 1;
    if (wasLive) this.live -= 1;
    this.look();
  }

  /** Answers the waiters if the queue has become idle. */
  look(): void {
    if (this.#waiters.size === 0 || !this.isIdle) return;
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters.clear();
  }

  add(waiter: IdleWaiter): void {
    this.#waiters.add(waiter);
    this.look();
  }

  /** The queue's tasks cannot proceed. */
  fail(error: unknown): void {
    for (const { reject } of this.#waiters) reject(error);
    this.#waiters.clear();
  }
}
