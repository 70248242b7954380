/**
 * One connection to the bus. Owns the edge: bounds incoming messages in size, depth and rate before any other code sees them, bounds
 * unsent bytes, and detects dead peers. Knows nothing of jobs. The server passes on one message of each peer per turn of the event
 * loop, so that peers take turns however much each sends.
 *
 * Invariant: `gone` is called exactly once, as soon as the peer is lost or closing, and nothing is received after it.
 */
import type { RawData, WebSocket } from 'ws';
import type { BusLimits } from './bus-options.js';
import { decodeFrame } from '../protocol/frames.js';
import type { Clock, Environment } from '../../core/ports.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
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
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
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
    this.#messages = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, clock.now());
    this.#bytes = new TokenBucket(limits.bytesPerSecond, 2 * limits.bytesPerSecond, clock.now());
    this.#stopBeat = clock.after(limits.heartbeatMs, () => this.#beat());
    socket.on('message', (data, isBinary) => this.#take(data, isBinary));
    // These cost time too, so they count.
    socket.on('pong', (data) => this.#count(data.length));
    socket.on('ping', (data) => this.#count(data.length));
    // An invalid frame; the socket closes itself with the matching code.
    socket.on('error', () => {
      this.#leave();
      this.#terminateLater();
    });
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
    this.#terminateLater();
  }

  /** Reads nothing for a while. What has been read already is still received. */
  pauseFor(waitMs: number): void {
    if (!this.#isGone) this.#pause(waitMs);
  }

  #terminateLater(): void {
    this.#stopWaiting ??= this.#clock.after(this.#limits.patienceMs, () => this.#socket.terminate());
  }

  #take(data: RawData, isBinary: boolean): void {
    if (this.#isGone) return;
    if (isBinary || !Buffer.isBuffer(data)) {
      this.refuse('invalid-message', 'messages must be text', BINARY);
      return;
    }
    this.#count(data.length);
    const decoded = decodeFrame(data.toString());
    const fault = decoded.ok ? this.#events.receive(decoded.value) : decoded.message;
    if (fault !== undefined) this.refuse('invalid-message', fault);
  }

  /** Stops reading for a while, so that messages pile up at the sender. Messages already read are processed and extend the pause. */
  #pause(waitMs: number): void {
    this.#socket.pause();
    this.#stopResume?.();
    this.#stopResume = this.#clock.after(Math.min(MAX_TIMER_MS, waitMs), () => {
      this.#stopResume = undefined;
      this.#socket.resume();
    });
  }

  /** Counts something received, and pauses a peer that sends too much. */
  #count(bytes: number): void {
    if (this.#isGone) return;
    this.#unanswered = 0;
    const now = this.#clock.now();
    const waitMs = Math.max(this.#messages.take(now), this.#bytes.take(now, bytes));
    if (waitMs > 0) this.#pause(waitMs);
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
