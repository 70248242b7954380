/**
 * Lets the peers of a bus take turns by what they send: self-clocked fair queueing (Golestani, INFOCOM 1994). The next message is that
 * which would be finished first if all peers were served at once, at equal speed. So one that sends little waits for the message in
 * progress at most, however much the others send.
 *
 * Bound: at most so much is handled before the event loop goes on with input and output.
 */
import { type HeapItem, IndexedHeap } from '../../core/order/indexed-heap.js';

/** How many bytes a message counts for beside its own. */
const MESSAGE_BYTES = 256;

const BYTES_AT_ONCE = 32 * 1024;

/** A peer that has messages to be handled, one after another. @internal */
export interface TurnTaker {
  /** The size of the next message; undefined if there is none. */
  nextBytes(): number | undefined;
  /** Handles it. */
  takeOne(): void;
}

interface Place extends HeapItem {
  readonly taker: TurnTaker;
  /** When its next message would be finished, in bytes of service. */
  finish: number;
}

/** @internal */
export class Turns {
  readonly #waiting = new IndexedHeap<Place>((a, b) => a.finish < b.finish);
  /** The finish of the latest message. */
  #now = 0;
  #isDue = false;

  /** A peer that had nothing to be handled has a message. */
  add(taker: TurnTaker): void {
    this.#queue({ taker, finish: this.#now, heapIndex: -1 });
    this.#schedule();
  }

  #queue(place: Place): void {
    const bytes = place.taker.nextBytes();
    if (bytes === undefined) return;
    place.finish = Math.max(this.#now, place.finish) + bytes + MESSAGE_BYTES;
    this.#waiting.push(place);
  }

  #schedule(): void {
    if (this.#isDue || this.#waiting.size === 0) return;
    this.#isDue = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#isDue = false;
    try {
      let handled = 0;
      for (let place = this.#waiting.peek(); place !== undefined; place = this.#waiting.peek()) {
        this.#waiting.remove(place);
        handled += (place.taker.nextBytes() ?? 0) + MESSAGE_BYTES;
        this.#now = Math.max(this.#now, place.finish);
        place.taker.takeOne();
        this.#queue(place);
        if (handled >= BYTES_AT_ONCE) break;
      }
    } finally {
      this.#schedule();
    }
  }
}
