/**
 * A client's connection to its bus, through however many sockets: dials, registers, notices silence, comes back. Knows nothing of jobs.
 *
 * Invariant: between `registered` and `lost` there is exactly one socket, and nothing that another one says is heard. After `ended`
 * nothing happens any more.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import { describe, SchedulerError } from '../../core/failures.js';
import type { Environment } from '../../core/ports.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { systemEnvironment } from '../../system/environment.js';
import { DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES } from '../protocol/defaults.js';
import { decodeFrame, encodeFrame } from '../protocol/frames.js';
import { type Checked, readAsAny, type ToAny } from '../protocol/messages.js';
import { webSockets } from '../web-sockets.js';
import { checkConnectOptions, type ConnectOptions, urlOf } from './connect-options.js';
import { pauseMs } from './reconnection.js';

/** The bus's answer to a registration. @internal */
export type Registered = Extract<ToAny, { cmd: 'registered' }>;

/** What the owner of a connection does. @internal */
export interface ConnectionEvents<M> {
  /** The message to register with, without the token; asked for anew for each socket. */
  registration(): object;
  read(value: unknown): Checked<M>;
  registered(message: Registered): void;
  receive(message: M): void;
  /** What was registered is no longer. */
  lost(): void;
  /** It is over: closed by its owner (no error), or for good by the bus. */
  ended(error: SchedulerError | undefined): void;
}

/** The bus will not think better of it. */
const FINAL_CODES = new Set([1002, 1003, 1007, 1008, 1009, 4001]);

/** How long the bus may take to answer a handshake and a registration. */
const PATIENCE_MS = 10_000;

/** How long the bus may take to close. */
const CLOSE_MS = 2000;

/** How long a message of the bus may be: a job's feedback is somewhat longer than what the scheduler said. */
const MAX_RECEIVED_BYTES = 2 * MAX_FRAME_BYTES;

/** @internal */
export class Connection<M> {
  readonly #options: ConnectOptions;
  readonly #url: string;
  readonly #events: ConnectionEvents<M>;
  readonly #environment: Environment;
  #socket: WebSocket | undefined;
  #isRegistered = false;
  #isEnded = false;
  /** How often it has dialled since it was registered. */
  #attempts = 0;
  #heardAt = 0;
  #maxFrameBytes = DEFAULT_FRAME_BYTES;
  #refusal: string | undefined;
  /** Whether trying again would be in vain, whatever the code of the close. */
  #isHopeless = false;
  #stopTimer: (() => void) | undefined;

  constructor(options: ConnectOptions, events: ConnectionEvents<M>) {
    this.#options = options;
    checkConnectOptions(options);
    this.#url = urlOf(options);
    this.#events = events;
    this.#environment = options.environment ?? systemEnvironment;
  }

  /** Begins. The owner's events come later than the call. */
  open(): void {
    void this.#dial();
  }

  /** How long a message may be. */
  get maxFrameBytes(): number {
    return this.#maxFrameBytes;
  }

  /** Sends a message; nothing when there is no connection, or it does not fit. Resolves when it is on its way, or cannot be. */
  send(message: object): Promise<void> {
    const encoded = encodeFrame(message, this.#maxFrameBytes);
    return encoded.ok ? this.sendText(encoded.text) : Promise.resolve();
  }

  /** The same for a message that is text already and is known to fit. */
  sendText(text: string): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || !this.#isRegistered) return Promise.resolve();
    return new Promise((resolve) => socket.send(text, () => resolve()));
  }

  /** Ends it. */
  close(): void {
    if (this.#isEnded) return;
    const socket = this.#socket;
    if (socket !== undefined) {
      const stopWaiting = this.#environment.clock.after(CLOSE_MS, () => socket.terminate());
      socket.once('close', stopWaiting);
      socket.close(1000);
    }
    this.#end(undefined);
  }

  async #dial(): Promise<void> {
    let Socket: typeof WebSocket;
    try {
      Socket = (await webSockets()).WebSocket;
    } catch (error) {
      if (!this.#isEnded) this.#end(error instanceof SchedulerError ? error : unavailable(describe(error)));
      return;
    }
    if (!this.#isEnded) this.#connect(Socket);
  }

  #connect(Socket: typeof WebSocket): void {
    this.#attempts += 1;
    const socket = new Socket(this.#url, {
      handshakeTimeout: PATIENCE_MS,
      maxPayload: MAX_RECEIVED_BYTES,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#refusal = undefined;
    let trouble: string | undefined;
    socket.on('open', () => {
      this.#heardAt = this.#environment.clock.now();
      this.#watch(PATIENCE_MS);
      const { token } = this.#options;
      socket.send(JSON.stringify({ ...this.#events.registration(), ...(token === undefined ? {} : { token }) }));
    });
    socket.on('unexpected-response', (request, response) => {
      trouble = this.#answered(request, response);
      socket.terminate();
    });
    socket.on('ping', () => this.#hear());
    socket.on('message', (data) => {
      if (socket === this.#socket) this.#take(data);
    });
    socket.on('error', (error) => {
      trouble ??= describeFailure(error);
    });
    socket.on('close', (code, reason) => {
      if (socket !== this.#socket) return;
      const said = reason.toString();
      this.#closed(code, trouble ?? (said === '' ? `the connection ended (${code})` : said));
    });
  }

  /** Something else than a WebSocket answered. */
  #answered(request: ClientRequest, response: IncomingMessage): string {
    request.destroy();
    const status = response.statusCode ?? 0;
    const message = `the server answered with status ${status}`;
    this.#isHopeless = status < 500;
    return message;
  }

  #hear(): void {
    this.#heardAt = this.#environment.clock.now();
  }

  #take(data: RawData): void {
    this.#hear();
    const decoded = Buffer.isBuffer(data) ? decodeFrame(data.toString()) : undefined;
    if (decoded?.ok !== true) {
      this.#misunderstood();
      return;
    }
    const common = readAsAny(decoded.value);
    if (common.ok) {
      this.#takeCommon(common.message);
      return;
    }
    const own = this.#isRegistered ? this.#events.read(decoded.value) : common;
    if (own.ok) this.#events.receive(own.message);
    else this.#misunderstood();
  }

  #takeCommon(message: ToAny): void {
    switch (message.cmd) {
      case 'error':
        this.#refusal = message.message;
        return;
      case 'registered':
        this.#isRegistered = true;
        this.#attempts = 0;
        this.#maxFrameBytes = message.maxFrameBytes;
        this.#watch(message.silenceMs);
        this.#events.registered(message);
        return;
      default:
        message satisfies never;
    }
  }

  #misunderstood(): void {
    this.#refusal = 'what answers there speaks another protocol';
    this.#isHopeless = true;
    // The other side may never answer a close either.
    this.#socket?.terminate();
  }

  /** Cuts off a bus that has not said anything for so long, nor in a while after, in which what has come can be read. */
  #watch(silenceMs: number, isLastTime = false): void {
    const { clock } = this.#environment;
    const left = this.#heardAt + silenceMs - clock.now();
    if (left <= 0 && isLastTime) {
      this.#socket?.terminate();
      return;
    }
    this.#stopTimer?.();
    const waitMs = Math.min(MAX_TIMER_MS, left > 0 ? left : silenceMs / 5);
    this.#stopTimer = clock.after(waitMs, () => this.#watch(silenceMs, left <= 0));
  }

  #closed(code: number, reason: string): void {
    this.#socket = undefined;
    this.#stopTimer?.();
    const wasRegistered = this.#isRegistered;
    this.#isRegistered = false;
    if (wasRegistered) this.#events.lost();
    if (this.#isEnded) return;
    // What a bus has against a peer it says before it closes.
    if (this.#isHopeless || FINAL_CODES.has(code)) {
      this.#end(unavailable(`the bus refuses: ${this.#refusal ?? reason}`));
      return;
    }
    const { reconnect = {}, onTrouble } = this.#options;
    if (this.#attempts >= (reconnect.attempts ?? Number.POSITIVE_INFINITY)) {
      this.#end(unavailable(`the bus at ${this.#url} cannot be reached: ${reason}`));
      return;
    }
    onTrouble?.(reason);
    const pause = pauseMs(Math.max(1, this.#attempts), reconnect, this.#environment.random());
    this.#stopTimer = this.#environment.clock.after(pause, () => void this.#dial());
  }

  #end(error: SchedulerError | undefined): void {
    this.#isEnded = true;
    this.#stopTimer?.();
    const wasRegistered = this.#isRegistered;
    this.#isRegistered = false;
    this.#socket = undefined;
    if (wasRegistered) this.#events.lost();
    this.#events.ended(error);
  }
}

function unavailable(message: string): SchedulerError {
  return new SchedulerError('BusUnavailable', message);
}

/** Node says nothing in the message of an error that stands for several. */
function describeFailure(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message === '' ? code || error.name : error.message;
}
