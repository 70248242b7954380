/**
 * One connection of the bus, whoever is behind it. Owns the edge: what comes in is bounded in size, depth and rate before anybody looks
 * at it, what goes out is bounded in bytes, and who does not answer is found out. It knows nothing of jobs.
 *
 * Invariant: `gone` is called exactly once, as soon as the peer is of no more use, and nothing is received after it.
 */
import type { RawData, WebSocket } from 'ws';
import type { BusLimits } from './bus-options.js';
import { decodeFrame } from '../protocol/frames.js';
import type { Clock, Environment } from '../../core/ports.js';
import { TokenBucket } from './token-bucket.js';

/** What the bus hears of a peer. @internal */
export interface PeerEvents {
  /** A message came; returns what is wrong with it, if anything is. */
  receive(value: unknown, bytes: number): string | undefined;
  gone(): void;
}

/** The peer did what the protocol does not allow. */
const POLICY_VIOLATION = 1008;
const BINARY = 1003;
/** The peer did nothing wrong that it could not do better another time. @internal */
export const TRY_AGAIN_LATER = 1013;

/** @internal */
export class Peer {
  readonly #socket: WebSocket;
  readonly #limits: BusLimits;
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #events: PeerEvents;
  #isGone = false;
  /** How many heartbeats it has not answered. */
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
    // What is wrong with the frames themselves; the socket closes by itself, with the code that says what it was.
    socket.on('error', () => this.#leave());
    socket.on('close', () => {
      this.#leave();
      this.#stopWaiting?.();
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Sends a frame's text, unless the peer is gone or has too much left to read. */
  send(text: string): void {
    if (this.#isGone) return;
    if (this.#socket.bufferedAmount + Buffer.byteLength(text) > this.#limits.maxBufferedBytes) {
      this.close(TRY_AGAIN_LATER, 'slow consumer: too much is waiting to be read');
      return;
    }
    this.#socket.send(text);
  }

  /** Says what is wrong, and closes. */
  refuse(code: string, message: string, status: number = POLICY_VIOLATION): void {
    if (this.#isGone) return;
    this.#socket.send(JSON.stringify({ cmd: 'error', code, message }));
    this.close(status, code);
  }

  /** Asks the peer to close; who does not is cut off. */
  close(status: number, reason: string): void {
    this.#leave();
    this.#socket.close(status, reason);
    this.#stopWaiting ??= this.#clock.after(this.#limits.patienceMs, () => this.#socket.terminate());
  }

  #take(data: RawData, isBinary: boolean): void {
    if (this.#isGone) return;
    this.#hear();
    if (isBinary || !Buffer.isBuffer(data)) {
      this.refuse('invalid-message', 'messages are text', BINARY);
      return;
    }
    const waitMs = this.#bucket.take(this.#clock.now());
    if (waitMs > 0) this.#pause(waitMs);
    const decoded = decodeFrame(data.toString());
    const fault = decoded.ok ? this.#events.receive(decoded.value, data.length) : decoded.message;
    if (fault !== undefined) this.refuse('invalid-message', fault);
  }

  /** Lets what the peer sends pile up at the peer. What has been read already is still taken, and makes the pause longer. */
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
    // Where this process itself was held up, the answer to one may be here and not read yet.
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
    // A paused socket would never see the other side's close.
    this.#socket.resume();
    this.#events.gone();
  }
}
