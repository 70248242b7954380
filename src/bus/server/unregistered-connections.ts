/**
 * The connections that have not registered yet, from the first byte of TCP on. They have shown no token, so they are bounded apart from
 * registered peers, and can lock nobody out.
 *
 * Invariant: at most `most` of them; a further one costs the oldest its place. One without a WebSocket is destroyed after `patienceMs`.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/ports.js';

/** @internal */
export interface UnregisteredBounds {
  readonly most: number;
  readonly patienceMs: number;
  /** Called when one has lost its place. */
  readonly onCrowd: () => void;
}

/** @internal */
export class UnregisteredConnections {
  readonly #bounds: UnregisteredBounds;
  readonly #clock: Clock;
  /** Oldest first, each with the function that stops its timer. */
  readonly #waiting = new Map<Duplex, () => void>();

  constructor(bounds: UnregisteredBounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** A connection has arrived. Does nothing for one that is known. */
  add(socket: Duplex): void {
    if (this.#waiting.has(socket) || socket.destroyed) return;
    this.#waiting.set(
      socket,
      this.#clock.after(this.#bounds.patienceMs, () => socket.destroy()),
    );
    socket.once('close', () => this.remove(socket));
    if (this.#waiting.size <= this.#bounds.most) return;
    const [oldest] = this.#waiting.keys();
    if (oldest === undefined) return;
    this.remove(oldest);
    oldest.destroy();
    this.#bounds.onCrowd();
  }

  /** The connection is a WebSocket now. Whoever reads it has a deadline of its own. */
  upgraded(socket: Duplex): void {
    this.#waiting.get(socket)?.();
    if (this.#waiting.has(socket)) this.#waiting.set(socket, () => undefined);
  }

  /** The connection has registered, or is gone. */
  remove(socket: Duplex): void {
    this.#waiting.get(socket)?.();
    this.#waiting.delete(socket);
  }

  destroyAll(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }
}
