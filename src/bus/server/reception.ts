/**
 * The step from a WebSocket to a registered peer: takes the register message, checks the token, and gives the peer its role.
 *
 * Invariant: an answer to a registration comes when the token check says so, and whatever a peer sends until then waits for it.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { BusLimits } from './bus-options.js';
import { Peer, type PeerSurroundings, TRY_AGAIN_LATER } from './peer.js';
import { readRegistration, type Registration } from '../protocol/messages.js';
import { type Role, type RoleHome, roleOf } from './roles.js';
import type { TokenCheck } from './token-check.js';
import type { UnregisteredConnections } from './unregistered-connections.js';

/** Maximum size of what arrives before the first message is complete: more than any register message has. */
const MAX_FIRST_BYTES = 512 * 1024;

/** A WebSocket that has just been opened. @internal */
export interface Arrival {
  readonly socket: WebSocket;
  /** What the WebSocket speaks over. */
  readonly connection: Duplex;
  readonly address: string;
}

/** @internal */
export interface ReceptionParts extends RoleHome, Omit<PeerSurroundings, 'unreadBytes'> {
  readonly limits: BusLimits;
  readonly tokens: TokenCheck;
  readonly unregistered: UnregisteredConnections;
}

/** @internal */
export class Reception {
  readonly #parts: ReceptionParts;
  readonly #surroundings: PeerSurroundings;
  readonly #peers = new Set<Peer>();
  #registered = 0;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
    const { limits, environment, turns } = parts;
    this.#surroundings = { limits, environment, turns, unreadBytes: () => this.#unreadBytes() };
  }

  /** Open WebSockets, registered or not. */
  get size(): number {
    return this.#peers.size;
  }

  get isFull(): boolean {
    return this.#registered >= this.#parts.limits.maxPeers;
  }

  closeAll(status: number, reason: string): void {
    for (const peer of this.#peers) peer.close(status, reason);
  }

  #unreadBytes(): number {
    let bytes = 0;
    for (const peer of this.#peers) bytes += peer.unreadBytes;
    return bytes;
  }

  welcome({ socket, connection, address }: Arrival): void {
    const { limits, environment, unregistered, tokens } = this.#parts;
    const { clock } = environment;
    let role: Role | undefined;
    const stopWaiting = clock.after(limits.patienceMs, () => peer.refuse('not-registered', 'no register message'));
    const left = (gone: Role): void => {
      this.#registered -= 1;
      gone.leave();
    };
    const register = (registration: Registration): void => {
      this.#registered += 1;
      role = roleOf(registration, peer, this.#parts);
      // Messages sent on joining may already have closed a slow peer.
      if (peer.isGone) left(role);
    };
    const peer = new Peer(socket, this.#surroundings, {
      receive: (value) => {
        if (role !== undefined) return role.receive(value);
        const checked = readRegistration(value);
        if (!checked.ok) return checked.fault;
        const registration = checked.message;
        const { isRight, afterMs } = tokens.judge(registration.token, address);
        stopWaiting();
        const answer = (): void => {
          if (peer.isGone) return;
          if (!isRight) peer.refuse('unauthorized', 'a token is missing or wrong');
          else if (this.isFull) peer.refuse('full', 'too many peers', TRY_AGAIN_LATER);
          else register(registration);
        };
        // From now on only its own faults can end it.
        if (isRight) unregistered.remove(connection);
        if (afterMs === 0) answer();
        else peer.holdFor(afterMs, answer);
        return undefined;
      },
      gone: () => {
        stopWaiting();
        this.#peers.delete(peer);
        if (role !== undefined) left(role);
      },
    });
    this.#peers.add(peer);
    unregistered.upgraded(connection);
    // Until its first message is complete, nobody knows who it is.
    let first = 0;
    const count = ({ length }: Buffer): void => {
      first += length;
      if (first > MAX_FIRST_BYTES) connection.destroy();
    };
    connection.on('data', count);
    socket.once('message', () => connection.off('data', count));
  }
}
