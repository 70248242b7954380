/**
 * One connection to the bus. Owns the edge: bounds incoming messages in size, depth and rate before any other code sees them, bounds
 * unsent bytes, and detects dead peers. Knows nothing of jobs.
 *
 * Invariant: `gone` is called exactly once, as soon as the peer is lost or closing, and nothing is received after it.
 */
import type { RawData, WebSocket } from 'ws';
import type { BusLimits } from './bus-options.js';
import { decodeFrame } from '../protocol/frames.js';
import type { Clock, Environment } from '../../core/ports.js';
import { TokenBucket } from './token-bucket.js';

/** @internal */
export interface PeerEvents {
  /** Takes a message; returns its fault, if it has one. */
  receive(value: unknown): string | undefined;
  gone(): void;
}

/** Close code: the peer violated the protocol. */
const POLICY_VIOLATION = 1008;
const BINARY = 1003;
/** Close code: the peer may reconnect. @internal */
export const TRY_AGAIN_LATER = 1013;

/** @internal */
export class Peer {
  readonly #socket: WebSocket;
  readonly #limits: BusLimits;
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #events: PeerEvents;
  #isGone = false;
  /** Number of pings without an answer. */
  #unanswered = 0;
  #stopResume: (() => void) | undefined;
  #stopBeat: () => void;
  #stopWaiting: (() => void) | undefined;

  constructor(socket: WebSocket, limits: BusLimits, { clock }: Environment, events: PeerEvents) {
    this.#socket = socket;
    this.#limits = limits;
    this.#clock = clock;
    this.#events = events;
    this.#bucket = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, clock.now());
    this.#stopBeat = clock.after(limits.heartbeatMs, () => this.#beat());
    socket.on('message', (data, isBinary) => this.#take(data, isBinary));
    socket.on('pong', () => this.#hear());
    socket.on('ping', () => this.#hear());
    // An invalid frame; the socket closes itself with the matching code.
    socket.on('error', () => this.#leave());
    socket.on('close', () => {
      this.#leave();
      this.#stopWaiting?.();
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Sends a frame. Closes the peer if it reads too slowly; does nothing once it is gone. */
  send(text: string): void {
    if (this.#isGone) return;
    if (this.#socket.bufferedAmount + Buffer.byteLength(text) > this.#limits.maxBufferedBytes) {
      this.close(TRY_AGAIN_LATER, 'slow consumer: too many unread bytes');
      return;
    }
    this.#socket.send(text);
  }

  /** Sends an error and closes. */
  refuse(code: string, message: string, status: number = POLICY_VIOLATION): void {
    if (this.#isGone) return;
    this.#socket.send(JSON.stringify({ cmd: 'error', code, message }));
    this.close(status, code);
  }

  /** Asks the peer to close, and cuts it off if it does not. */
  close(status: number, reason: string): void {
    this.#leave();
    this.#socket.close(status, reason);
    this.#stopWaiting ??= this.#clock.after(this.#limits.patienceMs, () => this.#socket.terminate());
  }

  #take(data: RawData, isBinary: boolean): void {
    if (this.#isGone) return;
    this.#hear();
    if (isBinary || !Buffer.isBuffer(data)) {
      this.refuse('invalid-message', 'messages must be text', BINARY);
      return;
    }
    const waitMs = this.#bucket.take(this.#clock.now());
    if (waitMs > 0) this.#pause(waitMs);
    const decoded = decodeFrame(data.toString());
    const fault = decoded.ok ? this.#events.receive(decoded.value) : decoded.message;
    if (fault !== undefined) this.refuse('invalid-message', fault);
  }

  /** Stops reading for a while, so that messages pile up at the sender. Messages already read are processed and extend the pause. */
  #pause(waitMs: number): void {
    this.#socket.pause();
    this.#stopResume?.();
    this.#stopResume = this.#clock.after(waitMs, () => {
      this.#stopResume = undefined;
      this.#socket.resume();
    });
  }

  #hear(): void {
    this.#unanswered = 0;
  }

  #beat(): void {
    // Two, not one: if this process was blocked, one answer may have arrived unread. The same holds while reading is paused.
    const isPaused = this.#stopResume !== undefined;
    if (this.#unanswered >= 2 && !isPaused) {
      this.#leave();
      this.#socket.terminate();
      return;
    }
    this.#unanswered += 1;
    this.#socket.ping();
    this.#stopBeat = this.#clock.after(this.#limits.heartbeatMs, () => this.#beat());
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#stopBeat();
    this.#stopResume?.();
    // A paused socket would not notice that the other side closes.
    this.#socket.resume();
    this.#events.gone();
  }
}
