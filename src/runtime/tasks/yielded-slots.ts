/**
 * Running functions that have given their slot to others for a while, and those that wait to get one again.
 *
 * Invariant: an attempt that yields holds neither slot nor resources; it gets them again before its function goes on, unless it has
 * been dropped or has ended meanwhile.
 */
import type { TaskAttempt } from './attempt.js';
import type { TaskRecord } from './task-record.js';

type Run = TaskAttempt<TaskRecord>;

/** The attempts, as seen from here. @internal */
export interface YieldPort {
  /** The attempt's slot goes to others. */
  left(run: Run): void;
  /** The attempt has its slot again, or does not need it any more. */
  regained(run: Run): void;
  /** A selection is due. */
  changed(): void;
}

/** The yielded slots of one scheduler. @internal */
export class YieldedSlots {
  readonly #port: YieldPort;
  /** Attempts that wait for a slot again, first come first served. */
  readonly #waiting = new Map<Run, () => void>();

  constructor(port: YieldPort) {
    this.#port = port;
  }

  /** Those that wait for a slot again, in the order in which they came. */
  get waiting(): Iterable<Run> {
    return this.#waiting.keys();
  }

  get isAnyWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** See `TaskContext.yieldSlot`. */
  async yield<T>(run: Run, work: () => T | PromiseLike<T>): Promise<T> {
    // Asked for within a `work` of its own, or after the end: there is nothing to give.
    if (run.isYielding || run.hasEnded || run.isDropped) return work();
    run.isYielding = true;
    this.#port.left(run);
    try {
      return await work();
    } finally {
      await this.#regain(run);
    }
  }

  /** The attempt has been granted a slot again. */
  granted(run: Run): void {
    this.#port.regained(run);
    this.#goOn(run);
  }

  /** The attempt was dropped or has ended: its function goes on without a slot, to its end. */
  gone(run: Run): void {
    this.#goOn(run);
  }

  #regain(run: Run): Promise<void> | undefined {
    if (run.hasEnded || run.isDropped) return undefined;
    return new Promise((resolve) => {
      this.#waiting.set(run, resolve);
      this.#port.changed();
    });
  }

  #goOn(run: Run): void {
    const resolve = this.#waiting.get(run);
    this.#waiting.delete(run);
    resolve?.();
  }
}
