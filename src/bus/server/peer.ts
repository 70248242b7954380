/**
 * One connection to the bus. Owns the edge: bounds incoming messages in size, depth and rate before any other code sees them, bounds
 * unsent bytes, and detects dead peers. Knows nothing of jobs. What is read waits for the peer's turn, in order,
 * and the peer is not read further while much waits.
 *
 * Invariant: `gone` is called exactly once, as soon as the peer is lost or closing, and nothing is received after it.
 */
import type { RawData, WebSocket } from 'ws';
import type { BusLimits } from './bus-options.js';
import { decodeFrame } from '../protocol/frames.js';
import type { Clock, Environment } from '../../core/ports.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { bytesOf, Inbox, type Received } from './inbox.js';
import type { Turns, TurnTaker } from './turns.js';
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

/** What a peer shares with the others. @internal */
export interface PeerSurroundings {
  readonly limits: BusLimits;
  readonly environment: Environment;
  readonly turns: Turns;
  /** The bytes that all peers together have not read. */
  unreadBytes(): number;
}

/** All peers together can leave so many full send buffers unread, and each a small part of its own beside that. */
const FULL_BUFFERS = 16;
const SMALL_PART = 1 / 16;

/** @internal */
export class Peer implements TurnTaker {
  readonly #socket: WebSocket;
  readonly #surroundings: PeerSurroundings;
  readonly #clock: Clock;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #events: PeerEvents;
  readonly #inbox = new Inbox();
  /** Too much waits, or nothing is to be handled for a while: it is not read. */
  #isBehind = false;
  #isHeld = false;
  #isGone = false;
  /** Number of pings without an answer. */
  #unanswered = 0;
  #stopResume: (() => void) | undefined;
  #stopBeat: () => void;
  #stopHolding: (() => void) | undefined;
  #stopWaiting: (() => void) | undefined;
  #isClosed = false;

  constructor(socket: WebSocket, surroundings: PeerSurroundings, events: PeerEvents) {
    const { limits, environment } = surroundings;
    const { clock } = environment;
    this.#socket = socket;
    this.#surroundings = surroundings;
    this.#clock = clock;
    this.#events = events;
    this.#messages = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, clock.now());
    this.#bytes = new TokenBucket(limits.bytesPerSecond, 2 * limits.bytesPerSecond, clock.now());
    this.#stopBeat = clock.after(limits.heartbeatMs, () => this.#beat());
    socket.on('message', (data, isBinary) => this.#received({ kind: 'message', data, isBinary }));
    socket.on('ping', (data) => this.#received({ kind: 'ping', data }));
    socket.on('pong', (data) => this.#received({ kind: 'pong', data }));
    // An invalid frame; the socket closes itself with the matching code.
    socket.on('error', () => {
      this.#received({ kind: 'end' });
      this.#terminateLater();
    });
    socket.on('close', () => {
      this.#received({ kind: 'end' });
      this.#isClosed = true;
      this.#stopWaiting?.();
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  nextBytes(): number | undefined {
    return this.#isHeld ? undefined : this.#inbox.nextBytes;
  }

  takeOne(): void {
    const received = this.#inbox.shift();
    if (received !== undefined) this.#take(received);
    if (this.#inbox.size > 0) return;
    this.#isBehind = false;
    this.#resume();
  }

  /** Sends a frame. Closes the peer if it reads too slowly; does nothing once it is gone. */
  send(text: string): void {
    if (this.#hasRoomFor(Buffer.byteLength(text))) this.#socket.send(text);
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

  /** Handles nothing more for a while, then calls `then` and goes on. */
  holdFor(waitMs: number, then: () => void): void {
    this.#isHeld = true;
    this.#socket.pause();
    this.#stopHolding = this.#clock.after(waitMs, () => {
      this.#isHeld = false;
      then();
      if (this.#isGone) return;
      this.#surroundings.turns.add(this);
      this.#resume();
    });
  }

  get unreadBytes(): number {
    return this.#socket.bufferedAmount;
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#isGone) return false;
    const { maxBufferedBytes } = this.#surroundings.limits;
    const unread = this.#socket.bufferedAmount + bytes;
    if (unread <= SMALL_PART * maxBufferedBytes) return true;
    if (unread > maxBufferedBytes) {
      this.close(TRY_AGAIN_LATER, 'slow consumer: too many unread bytes');
      return false;
    }
    if (this.#surroundings.unreadBytes() <= FULL_BUFFERS * maxBufferedBytes) return true;
    // At once: what it has not read is to be free.
    this.#leave();
    this.#socket.terminate();
    return false;
  }

  #terminateLater(): void {
    if (this.#isClosed) return;
    this.#stopWaiting ??= this.#clock.after(this.#surroundings.limits.patienceMs, () => this.#socket.terminate());
  }

  #received(received: Received): void {
    if (this.#isGone) return;
    this.#inbox.push(received);
    if (this.#inbox.size === 1) this.#surroundings.turns.add(this);
    if (!this.#inbox.isFull || this.#isBehind) return;
    this.#isBehind = true;
    this.#socket.pause();
  }

  #take(received: Received): void {
    if (received.kind === 'end') {
      this.#leave();
      return;
    }
    this.#count(bytesOf(received));
    if (received.kind === 'message') this.#takeMessage(received.data, received.isBinary);
    else if (received.kind === 'ping' && this.#hasRoomFor(received.data.length)) this.#socket.pong(received.data);
  }

  #takeMessage(data: RawData, isBinary: boolean): void {
    if (isBinary || !Buffer.isBuffer(data)) {
      this.refuse('invalid-message', 'messages must be text', BINARY);
      return;
    }
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
      this.#resume();
    });
  }

  #resume(): void {
    if (!this.#isBehind && !this.#isHeld && this.#stopResume === undefined) this.#socket.resume();
  }

  /** Counts something received, and pauses a peer that sends too much. */
  #count(bytes: number): void {
    this.#unanswered = 0;
    const now = this.#clock.now();
    const waitMs = Math.max(this.#messages.take(now), this.#bytes.take(now, bytes));
    if (waitMs > 0) this.#pause(waitMs);
  }

  #beat(): void {
    // Two, not one: if this process was blocked, one answer may have arrived unread. The same holds while reading is paused.
    const isPaused = this.#stopResume !== undefined || this.#inbox.size > 0;
    if (this.#unanswered >= 2 && !isPaused) {
      this.#leave();
      this.#socket.terminate();
      return;
    }
    this.#unanswered += 1;
    this.#socket.ping();
    this.#stopBeat = this.#clock.after(this.#surroundings.limits.heartbeatMs, () => this.#beat());
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#inbox.clear();
    this.#stopBeat();
    this.#stopResume?.();
    this.#stopHolding?.();
    // A paused socket would not notice that the other side closes.
    this.#socket.resume();
    this.#events.gone();
  }
}
