/**
 * When a feed has its turns: in a microtask, and now and then in a later turn of the event loop. Items that cannot be submitted, or
 * whose tasks are over without a start, wait for nothing: one after another in microtasks they would leave no turn to anybody
 * else in the process.
 */

/** How many such items pass before others have their turn. */
const MOST_IDLE = 100;

/** The turns of one feed; at most one is due. @internal */
export class FeedTurns {
  readonly #turn: () => void;
  readonly #later: (callback: () => void) => void;
  #isDue = false;
  #idle = 0;

  /** @param later - calls back when everybody else has had a turn. */
  constructor(turn: () => void, later: (callback: () => void) => void) {
    this.#turn = turn;
    this.#later = later;
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  /** An item has come to its end without a start. */
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
