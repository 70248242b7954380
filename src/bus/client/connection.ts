/**
 * A client's connection to its bus, over any number of sockets: dials, registers, detects silence, reconnects. A bus that does not
 * answer speaks the simple protocol. Knows nothing of jobs.
 *
 * Invariant: between `registered` and `lost` there is exactly one socket, and messages of any other are ignored. `ended` is the last
 * event.
 */
import type { RawData, WebSocket } from 'ws';
import { describe, SchedulerError } from '../../core/failures.js';
import type { Environment } from '../../core/ports.js';
import { systemEnvironment } from '../../system/environment.js';
import { DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES } from '../protocol/defaults.js';
import { decodeFrame, encodeFrame } from '../protocol/frames.js';
import { type Checked, readAsAny, type ToAny } from '../protocol/messages.js';
import { webSockets } from '../web-sockets.js';
import { checkConnectOptions, type ConnectOptions, urlOf } from './connect-options.js';
import { describeFailure, readRefusal } from './dial-failures.js';
import { pauseMs } from './reconnection.js';
import { SilenceWatch } from './silence-watch.js';

/** The bus's answer to a registration. @internal */
export type Registered = Extract<ToAny, { cmd: 'registered' }>;

/** The callbacks of a connection's owner. @internal */
export interface ConnectionEvents<M> {
  /** The register message, without the token. Called for each socket. */
  registration(): object;
  read(value: unknown): Checked<M>;
  registered(message: Registered): void;
  receive(message: M): void;
  /** The registered socket was lost. */
  lost(): void;
  /** Reads a message of a bus of the simple protocol. A client without this does not understand such a bus. */
  readSimple?(value: unknown): Checked<M>;
  /** The bus speaks the simple protocol: it does not answer registrations, and does not say how jobs end. */
  simple?(): void;
  /** The connection has ended for good: closed by its owner (no error), or refused or unreachable. */
  ended(error: SchedulerError | undefined): void;
}

/** Close codes after which reconnecting is pointless. */
const FINAL_CODES = new Set([1002, 1003, 1007, 1008, 1009, 4001]);

/** How long the bus can take to answer a handshake. */
const PATIENCE_MS = 10_000;

/** How long the bus can take to answer a registration. One of the simple protocol never does. @internal */
export const ANSWER_MS = 5000;

/** How long the bus can take to close. */
const CLOSE_MS = 2000;

/** How long a bus of the simple protocol can take to answer pings. */
const SIMPLE_SILENCE_MS = 45_000;

const NO_ANSWER =
  'the bus did not answer the registration; if it speaks the simple protocol only, jobs can be requested with the option simple';

/** Maximum size of a message of the bus: feedback is somewhat longer than the report it passes on. */
const MAX_RECEIVED_BYTES = 2 * MAX_FRAME_BYTES;

/** @internal */
export class Connection<M> {
  readonly #options: ConnectOptions;
  readonly #url: string;
  readonly #events: ConnectionEvents<M>;
  readonly #environment: Environment;
  #socket: WebSocket | undefined;
  #isRegistered = false;
  #isSimple = false;
  #isEnded = false;
  /** Number of dials since the last registration. */
  #attempts = 0;
  readonly #silence: SilenceWatch;
  #maxFrameBytes = DEFAULT_FRAME_BYTES;
  #refusal: string | undefined;
  /** Reconnecting is pointless, whatever the close code. */
  #isHopeless = false;
  /** Stops the pause before the next dial. */
  #stopPause: (() => void) | undefined;

  constructor(options: ConnectOptions, events: ConnectionEvents<M>) {
    this.#options = options;
    checkConnectOptions(options);
    this.#url = urlOf(options);
    this.#events = events;
    this.#environment = options.environment ?? systemEnvironment;
    this.#silence = new SilenceWatch(this.#environment.clock);
  }

  /** Starts dialling. Events follow asynchronously. */
  open(): void {
    void this.#dial();
  }

  /** Maximum size of a message to the bus. */
  get maxFrameBytes(): number {
    return this.#maxFrameBytes;
  }

  /** Sends a message, unless disconnected or too long. Resolves when it is written or dropped. */
  send(message: object): Promise<void> {
    const encoded = encodeFrame(message, this.#maxFrameBytes);
    return encoded.ok ? this.sendText(encoded.text) : Promise.resolve();
  }

  /** Like `send`, for encoded text that fits. */
  sendText(text: string): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || !(this.#isRegistered || this.#isSimple)) return Promise.resolve();
    return new Promise((resolve) => socket.send(text, () => resolve()));
  }

  /** Ends the connection. */
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
      this.#silence.heard();
      const { token } = this.#options;
      const registration = this.#events.registration();
      socket.send(JSON.stringify({ ...registration, ...(token === undefined ? {} : { token }) }));
      if ('version' in registration) this.#silence.expect(ANSWER_MS, () => this.#notAnswered());
      else this.#speakSimple();
    });
    socket.on('unexpected-response', (request, response) => {
      this.#isHopeless = (response.statusCode ?? 0) < 500;
      readRefusal(response, (refusal) => {
        trouble = refusal;
        request.destroy();
        socket.terminate();
      });
    });
    socket.on('ping', () => this.#silence.heard());
    socket.on('pong', () => this.#silence.heard());
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

  #take(data: RawData): void {
    this.#silence.heard();
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
    if (this.#isRegistered) {
      const own = this.#events.read(decoded.value);
      if (own.ok) this.#events.receive(own.message);
      else this.#misunderstood();
    } else {
      this.#takeSimple(decoded.value);
    }
  }

  #takeSimple(value: unknown): void {
    const read = this.#events.readSimple?.(value);
    if (read?.ok === true) {
      if (!this.#isSimple) this.#speakSimple();
      this.#events.receive(read.message);
    } else if (!this.#isSimple) {
      this.#misunderstood();
    }
  }

  #speakSimple(): void {
    this.#isSimple = true;
    this.#attempts = 0;
    // Such a bus need not send pings, but any WebSocket answers them.
    this.#silence.probe(
      SIMPLE_SILENCE_MS,
      () => this.#socket?.ping(),
      () => this.#socket?.terminate(),
    );
    this.#events.simple?.();
  }

  #takeCommon(message: ToAny): void {
    switch (message.cmd) {
      case 'error':
        this.#refusal = message.message;
        return;
      case 'registered':
        this.#isRegistered = true;
        this.#isSimple = false;
        this.#attempts = 0;
        this.#maxFrameBytes = message.maxFrameBytes;
        this.#silence.expect(message.silenceMs, () => this.#socket?.terminate());
        this.#events.registered(message);
        return;
    }
  }

  #misunderstood(): void {
    this.#refusal = 'the server speaks another protocol';
    this.#isHopeless = true;
    // A foreign server may not answer a close either.
    this.#socket?.terminate();
  }

  #notAnswered(): void {
    if (this.#events.readSimple === undefined) {
      this.#refusal = NO_ANSWER;
      this.#socket?.terminate();
    } else {
      this.#speakSimple();
    }
  }

  #closed(code: number, said: string): void {
    const reason = this.#refusal === NO_ANSWER ? NO_ANSWER : said;
    this.#socket = undefined;
    this.#silence.stop();
    const wasRegistered = this.#isRegistered;
    this.#isRegistered = false;
    // A bus of the simple protocol gives no job to another scheduler, so nothing is lost with it.
    this.#isSimple = false;
    if (wasRegistered) this.#events.lost();
    if (this.#isEnded) return;
    // The bus sends its reason as a message before it closes.
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
    this.#stopPause = this.#environment.clock.after(pause, () => void this.#dial());
  }

  #end(error: SchedulerError | undefined): void {
    this.#isEnded = true;
    this.#silence.stop();
    this.#stopPause?.();
    const wasRegistered = this.#isRegistered || this.#isSimple;
    this.#isRegistered = false;
    this.#isSimple = false;
    this.#socket = undefined;
    if (wasRegistered) this.#events.lost();
    this.#events.ended(error);
  }
}

function unavailable(message: string): SchedulerError {
  return new SchedulerError('BusUnavailable', message);
}
