/**
 * What has been read from a peer and waits for its turn, in order. The peer is not to be read while the inbox is full; what has
 * arrived in one piece is kept all the same.
 */
import type { RawData } from 'ws';
import { Fifo } from '../../core/fifo.js';

/** What has been read, or that nothing more will be. @internal */
export type Received =
  | { readonly kind: 'message'; readonly data: RawData; readonly isBinary: boolean }
  | { readonly kind: 'ping' | 'pong'; readonly data: Buffer }
  | { readonly kind: 'end' };

const MAX_ENTRIES = 64;
const MAX_BYTES = 64 * 1024;

/** @internal */
export class Inbox {
  #entries = new Fifo<Received>();
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get isFull(): boolean {
    return this.#entries.size >= MAX_ENTRIES || this.#bytes >= MAX_BYTES;
  }

  /** The size of the next entry; undefined if there is none. */
  get nextBytes(): number | undefined {
    return this.#entries.size === 0 ? undefined : bytesOf(this.#entries.first);
  }

  push(received: Received): void {
    this.#entries.push(received);
    this.#bytes += bytesOf(received);
  }

  shift(): Received | undefined {
    const received = this.#entries.shift();
    this.#bytes -= bytesOf(received);
    return received;
  }

  clear(): void {
    this.#entries = new Fifo();
    this.#bytes = 0;
  }
}

/** By default ws gives every message as one buffer. @internal */
export function bytesOf(received: Received | undefined): number {
  return received !== undefined && 'data' in received && Buffer.isBuffer(received.data) ? received.data.length : 0;
}
