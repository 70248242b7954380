/**
 * When to look at the folder again: as soon as the file system tells of a change, and every `checkMs` in any case, because
 * network file systems tell nothing. It watches only while somebody waits.
 */
import type { ClockPort, FolderPort } from './ports.js';

/**
 * Rings for everybody who waits for a change.
 *
 * @internal
 */
export class Bell {
  readonly #folder: FolderPort;
  readonly #clock: ClockPort;
  readonly #checkMs: number;
  readonly #listeners = new Set<() => void>();
  #rings = 0;
  #waiting = 0;
  #stop: (() => void) | undefined;

  constructor(folder: FolderPort, clock: ClockPort, checkMs: number) {
    this.#folder = folder;
    this.#clock = clock;
    this.#checkMs = checkMs;
  }

  /**
   * Calls `look` now and after every ring until it gives something, and resolves with that. No ring is missed: one that comes
   * while it looks makes it look again. Rejects with what `look` rejects with, or with the reason when `signal` aborts.
   */
  async until<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
    this.#waiting += 1;
    if (this.#waiting === 1) this.#start();
    try {
      for (;;) {
        signal.throwIfAborted();
        const seen = this.#rings;
        const found = await look();
        if (found !== undefined) return found;
        if (this.#rings === seen) await this.#ring(signal);
      }
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#stop?.();
    }
  }

  #ring(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#listeners.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.#listeners.add(end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }

  #start(): void {
    const ring = (): void => {
      this.#rings += 1;
      for (const listener of this.#listeners) listener();
    };
    let cancelTimer: (() => void) | undefined;
    const plan = (): void => {
      cancelTimer = this.#clock.after(this.#checkMs, true, () => {
        plan();
        ring();
      });
    };
    plan();
    const stopWatching = this.#folder.watch(ring);
    this.#stop = () => {
      cancelTimer?.();
      stopWatching();
    };
  }
}
