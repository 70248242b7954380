/**
 * The one queue through which every message to an actor passes, first in, first out. It exists because an actor that
 * sends from within its own transition would recurse, and a long chain of actors would overflow the stack.
 *
 * Invariant: a message is delivered only by `drain`, never from within another delivery.
 */
import { elementAt } from '../core/element-at.js';

/** What events of type `E` can be sent to; every XState actor is one. @internal */
export interface Receiver<E> {
  send(event: E): void;
}

/** Kept free at the front before the arrays are cut, so that a long drain costs O(1) per message. */
const CUT_AFTER = 4096;

/** Messages on their way. `post` is O(1); memory O(messages waiting). @internal */
export class RunQueue {
  /** How many messages have been posted, for tests that bound it. */
  posted = 0;
  #receivers: Receiver<unknown>[] = [];
  #events: unknown[] = [];
  #head = 0;
  #isDraining = false;
  #isWoken = false;
  #lastReceiver: Receiver<unknown> | undefined = undefined;
  #lastEvent: unknown = undefined;

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Appends a message. Somebody must `drain`; a message posted from outside of a drain is delivered by a microtask at the latest. */
  post<E>(receiver: Receiver<E>, event: NoInfer<E>): void {
    this.posted += 1;
    this.#receivers.push(receiver);
    this.#events.push(event);
    this.#wake();
  }

  /** Keeps one message to be delivered when there are no others; keeping it again before that has no effect. */
  postLast<E>(receiver: Receiver<E>, event: NoInfer<E>): void {
    this.#lastReceiver = receiver;
    this.#lastEvent = event;
    this.#wake();
  }

  /** Whether a message is kept for when there are no others. */
  get hasLast(): boolean {
    return this.#lastReceiver !== undefined;
  }

  /** Delivers until nothing is left. Does nothing when called from within a delivery: the outer call goes on. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (;;) {
        if (this.#head === this.#receivers.length && !this.#takeLast()) break;
        const receiver = elementAt(this.#receivers, this.#head);
        const event = elementAt(this.#events, this.#head);
        this.#head += 1;
        if (this.#head === CUT_AFTER) this.#cut();
        receiver.send(event);
      }
    } finally {
      this.#cut();
      this.#isDraining = false;
    }
  }

  #wake(): void {
    if (this.#isDraining || this.#isWoken) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      this.drain();
    });
  }

  #takeLast(): boolean {
    const receiver = this.#lastReceiver;
    if (receiver === undefined) return false;
    const event = this.#lastEvent;
    this.#lastReceiver = undefined;
    this.#lastEvent = undefined;
    this.post(receiver, event);
    return true;
  }

  #cut(): void {
    if (this.#head === this.#receivers.length) {
      this.#receivers.length = 0;
      this.#events.length = 0;
    } else {
      this.#receivers.splice(0, this.#head);
      this.#events.splice(0, this.#head);
    }
    this.#head = 0;
  }
}
