/**
 * Lets the peers of a bus take turns: one message of each, before the next of any, and input and output of the process in between.
 * So the others wait for a peer's latest message at most, however much it sends.
 *
 * Bound: at most so many messages are handled before the event loop goes on.
 */
import { Fifo } from '../../core/fifo.js';

const MESSAGES_AT_ONCE = 16;

/** @internal */
export class Turns {
  readonly #waiting = new Fifo<() => boolean>();
  #isDue = false;

  /** @param takeOne - handles one message and returns whether there are more. Called at every turn until it returns false. */
  add(takeOne: () => boolean): void {
    this.#waiting.push(takeOne);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isDue || this.#waiting.size === 0) return;
    this.#isDue = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#isDue = false;
    try {
      for (let left = Math.min(this.#waiting.size, MESSAGES_AT_ONCE); left > 0; left -= 1) {
        const takeOne = this.#waiting.shift();
        if (takeOne?.() === true) this.#waiting.push(takeOne);
      }
    } finally {
      this.#schedule();
    }
  }
}
