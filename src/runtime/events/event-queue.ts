/**
 * The one queue that every message to an actor passes through, first in, first out. If actors sent from within their own
 * transitions, each send would nest in the one before, and a long chain of actors would overflow the stack.
 *
 * Two kinds of message are not delivered in that order: urgent ones (the scheduler is started, stopped or closed) come before
 * all others, so that nothing is granted after a stop; the last one (something has changed) comes when there are no others.
 *
 * Invariant: a message is delivered only by `drain`, never from within another delivery.
 */
import { elementAt } from '../../core/element-at.js';

/** A destination of events of type `E`; every XState actor is one. @internal */
export interface Receiver<E> {
  send(event: E): void;
}

/** Replaces the receiver of a delivered message, so that the queue does not keep that alive. */
const NOBODY: Receiver<unknown> = { send: () => undefined };

/** Arrays longer than this are discarded when they are empty. */
const KEEP_AT_MOST = 4096;

/** Its `then` is a microtask without the async resource that `queueMicrotask` makes for each. */
const settled = Promise.resolve();

/** Messages on their way. `post` is O(1); memory O(messages waiting). @internal */
export class EventQueue {
  /** How many messages have been posted, for tests that bound it. */
  posted = 0;
  #receivers: Receiver<unknown>[] = [];
  #events: unknown[] = [];
  /** The waiting messages stand from head to tail; the slots before the head hold nothing. */
  #head = 0;
  #tail = 0;
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
    try {
      for (;;) {
        const urgent = this.#urgent.length === 0 ? undefined : this.#urgent.shift();
        if (urgent !== undefined) {
          urgent.receiver.send(urgent.event);
          continue;
        }
        if (this.#head === this.#tail && !this.#takeLast()) break;
        const head = this.#head;
        const receiver = elementAt(this.#receivers, head);
        const event = this.#events[head];
        this.#receivers[head] = NOBODY;
        this.#events[head] = undefined;
        this.#head = head + 1;
        receiver.send(event);
      }
    } finally {
      this.#isDraining = false;
      if (this.#head === this.#tail) this.#rewind();
    }
  }

  #append(receiver: Receiver<unknown>, event: unknown): void {
    this.posted += 1;
    if (this.#head === this.#tail && this.#head > 0) this.#rewind();
    else if (this.#head > KEEP_AT_MOST && 2 * this.#head > this.#tail) this.#closeUp();
    const tail = this.#tail;
    if (tail === this.#receivers.length) {
      this.#receivers.push(receiver);
      this.#events.push(event);
    } else {
      this.#receivers[tail] = receiver;
      this.#events[tail] = event;
    }
    this.#tail = tail + 1;
  }

  /** Starts again at index 0, in the same arrays unless they have become large. */
  #rewind(): void {
    this.#head = 0;
    this.#tail = 0;
    if (this.#receivers.length <= KEEP_AT_MOST) return;
    this.#receivers = [];
    this.#events = [];
  }

  /** Moves the waiting messages to the front, so that a drain which never runs empty needs no more memory than they do. */
  #closeUp(): void {
    this.#receivers = this.#receivers.slice(this.#head, this.#tail);
    this.#events = this.#events.slice(this.#head, this.#tail);
    this.#tail -= this.#head;
    this.#head = 0;
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
