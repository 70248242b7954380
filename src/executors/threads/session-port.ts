/**
 * The main thread's end of a session's channel. Everything that comes through it is checked before it is handed on, and what the
 * worker had posted before it ended can still be read.
 *
 * Invariant: messages are handed on in the order in which the worker posted them, none after `close`.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { fromWorker, type FromWorker, type ToWorker } from './messages.js';

/**
 * Hears what comes through the port.
 *
 * @internal
 */
export interface PortListener {
  readonly received: (message: FromWorker) => void;
  /** A message came that this thread cannot read. */
  readonly broken: (error: unknown) => void;
}

/**
 * One end of a new channel.
 *
 * @internal
 */
export class SessionPort {
  /** The end to be transferred to the worker. */
  readonly workerEnd: MessagePort;
  readonly #port: MessagePort;
  readonly #listener: PortListener;

  constructor(listener: PortListener) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.workerEnd = port2;
    this.#listener = listener;
    port1.on('message', (message: unknown) => this.#check(message));
    port1.on('messageerror', (error) => this.#listener.broken(error));
  }

  /** @throws the error of `postMessage` if something in the message cannot be cloned. */
  post(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  /** Hands on all that has been posted, without waiting for the event loop. */
  drain(): void {
    for (let entry = receiveMessageOnPort(this.#port); entry !== undefined; entry = receiveMessageOnPort(this.#port)) {
      this.#check(entry.message);
    }
  }

  close(): void {
    this.#port.close();
  }

  #check(message: unknown): void {
    let checked: FromWorker;
    try {
      checked = fromWorker(message);
    } catch (error) {
      this.#listener.broken(error);
      return;
    }
    this.#listener.received(checked);
  }
}
