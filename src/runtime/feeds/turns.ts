/**
 * The times of a feed's turns: each in a microtask, and now and then in a later turn of the event loop. Items that end without a start,
 * because their submission is refused or their task is cancelled, wait for nothing; a long row of them in microtasks would block the
 * event loop.
 *
 * Invariant: at most one turn is due.
 */

/** How many such items end before the next turn waits for the event loop. */
const MOST_IDLE = 100;

/** The turns of one feed. @internal */
export class FeedTurns {
  readonly #turn: () => void;
  readonly #later: (callback: () => void) => void;
  #isDue = false;
  #idle = 0;

  /** @param later - calls back in a later turn of the event loop. */
  constructor(turn: () => void, later: (callback: () => void) => void) {
    this.#turn = turn;
    this.#later = later;
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  /** An item has ended without a start. */
  countIdle(): void {
    this.#idle += 1;
  }

  soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    if (this.#idle < MOST_IDLE) {
      queueMicrotask(this.#begin);
    } else {
      this.#idle = 0;
      this.#later(this.#begin);
    }
  }

  readonly #begin = (): void => {
    this.#isDue = false;
    this.#turn();
  };
}
