/**
 * The one queue that every message to an actor passes through, first in, first out. If actors sent from within their own
 * transitions, each send would nest in the one before, and a long chain of actors would overflow the stack.
 *
 * Two kinds of message are not delivered in that order: urgent ones (the scheduler is started, stopped or closed) come before
 * all others, so that nothing is granted after a stop; the last one (something has changed) comes when there are no others.
 *
 * Invariant: a message is delivered only by `drain`, never from within another delivery.
 */
import { Fifo } from '../../core/fifo.js';

/** A destination of events of type `E`; every XState actor is one. @internal */
export interface Receiver<E> {
  send(event: E): void;
}

/** Its `then` is a microtask without the async resource that `queueMicrotask` makes for each. */
const settled = Promise.resolve();

/** Messages on their way. `post` is O(1); memory O(messages waiting). @internal */
export class EventQueue {
  /** How many messages have been posted, for tests that bound it. */
  posted = 0;
  /** How often messages have begun to be delivered. */
  drains = 0;
  /** The waiting messages: of each the receiver, then the event. */
  readonly #messages = new Fifo<unknown>();
  #isDraining = false;
  #isWoken = false;
  /** Messages that overtake all others, in their own order; few and rare. */
  #urgent: { readonly receiver: Receiver<unknown>; readonly event: unknown }[] = [];
  #lastReceiver: Receiver<unknown> | undefined = undefined;
  #lastEvent: unknown = undefined;

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Appends a message. It is delivered by the drain under way, else by the next one: a microtask drains at the latest. */
  post<E>(receiver: Receiver<E>, event: NoInfer<E>): void {
    this.#append(receiver, event);
    this.#wake();
  }

  /** Appends a message and drains, unless a drain is under way. */
  deliver<E>(receiver: Receiver<E>, event: NoInfer<E>): void {
    this.#append(receiver, event);
    this.drain();
  }

  /** Like `post`, but the message is delivered before all messages that are not urgent. */
  postUrgent<E>(receiver: Receiver<E>, event: NoInfer<E>): void {
    this.posted += 1;
    this.#urgent.push({ receiver, event });
    this.#wake();
  }

  /** Keeps one message to be delivered when there are no others. Replaces the one that is kept already. */
  postLast<E>(receiver: Receiver<E>, event: NoInfer<E>): void {
    this.#lastReceiver = receiver;
    this.#lastEvent = event;
    this.#wake();
  }

  /** Whether an urgent message waits. */
  get hasUrgent(): boolean {
    return this.#urgent.length > 0;
  }

  /** Whether a message is kept for when there are no others. */
  get hasLast(): boolean {
    return this.#lastReceiver !== undefined;
  }

  /** Delivers until the queue is empty. Has no effect when called from within a delivery: the outer call goes on. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.drains += 1;
    try {
      for (;;) {
        const urgent = this.#urgent.length === 0 ? undefined : this.#urgent.shift();
        if (urgent !== undefined) {
          urgent.receiver.send(urgent.event);
          continue;
        }
        if (this.#messages.size === 0 && !this.#takeLast()) break;
        const receiver = this.#messages.shift() as Receiver<unknown>;
        const event = this.#messages.shift();
        receiver.send(event);
      }
    } finally {
      this.#isDraining = false;
    }
  }

  #append(receiver: Receiver<unknown>, event: unknown): void {
    this.posted += 1;
    this.#messages.push(receiver);
    this.#messages.push(event);
  }

  #wake(): void {
    if (this.#isDraining || this.#isWoken) return;
    this.#isWoken = true;
    void settled.then(this.#woken);
  }

  readonly #woken = (): void => {
    this.#isWoken = false;
    this.drain();
  };

  #takeLast(): boolean {
    const receiver = this.#lastReceiver;
    if (receiver === undefined) return false;
    const event = this.#lastEvent;
    this.#lastReceiver = undefined;
    this.#lastEvent = undefined;
    this.#append(receiver, event);
    return true;
  }
}
