/**
 * The inspector of one scheduler: a recorder, and a server on this computer that shows what it records to pages.
 *
 * Owns the server and its end. It does not keep the process alive, unless it is asked to. A page's fault closes that page only.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type * as ws from 'ws';
import { SchedulerError } from '../../core/failures.js';
import { neededPackage } from '../../core/needed-package.js';
import type { Scheduler } from '../../runtime/scheduler.js';
import { queueChart, schedulerChart, taskChart } from '../../runtime/statecharts/charts.js';
import { backgroundClock, systemEnvironment, wallClockMs } from '../../system/environment.js';
import { packageVersion } from '../../system/package-version.js';
import { traceText } from '../export/trace-text.js';
import { INSPECT_VERSION } from '../protocol/frames.js';
import type { InspectorMessage } from '../protocol/messages.js';
import { Recorder } from '../recorder/recorder.js';
import { traceRecording } from '../recorder/trace-recording.js';
import { Access, bracketed } from './access.js';
import { Feed } from './feed.js';
import { type Download, httpFace } from './http-face.js';
import { type CheckedOptions, checkedInspectOptions, type InspectOptions } from './inspect-options.js';
import { PageClient } from './page-client.js';
import { PageDesk } from './page-desk.js';
import { PageFiles } from './page-files.js';
import { MOST_MESSAGE_BYTES } from './page-messages.js';

/** Pages at once. */
const MOST_PAGES = 16;
/** Connections at once: of pages, and those that load one. */
const MOST_CONNECTIONS = 64;
const MOST_HEAD_BYTES = 8_192;
/** How long a connection may take for a request. */
const REQUEST_MS = 10_000;
/** How long a page may take to close its connection. */
const CLOSE_MS = 1_000;
/** Close code: the inspector is closed. */
const GOING_AWAY = 1001;
const SOCKET_PATH = '/socket';

/**
 * A running inspector. Made by `inspect`.
 *
 * @public
 */
export class Inspector implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets: ws.WebSocketServer;
  readonly #recorder: Recorder;
  readonly #feed: Feed;
  readonly #desk: PageDesk;
  readonly #options: CheckedOptions;
  readonly #epochMs = wallClockMs();
  #access: Access | undefined = undefined;
  #closed: Promise<void> | undefined = undefined;

  /** As `inspect`. @internal */
  static async _start(scheduler: Scheduler, given: InspectOptions): Promise<Inspector> {
    const options = checkedInspectOptions(given);
    const { hub } = scheduler._engine;
    const sockets = await neededPackage('ws', 'pullgraph/inspect', () => import('ws'));
    if (hub.tap !== undefined) {
      throw new SchedulerError('NotSupported', 'the scheduler has an inspector already: close that one first');
    }
    const inspector = new Inspector(scheduler, options, sockets);
    try {
      await Promise.all([inspector.#recorder.attach(), inspector.#listen()]);
    } catch (error) {
      await inspector.close();
      throw error;
    }
    return inspector;
  }

  // Private, so that its parameters are not in the declarations, which then need none of the types of ws.
  private constructor(scheduler: Scheduler, options: CheckedOptions, { WebSocketServer }: typeof ws) {
    this.#options = options;
    this.#recorder = new Recorder(scheduler._engine, { maxRows: options.maxRows, keepsWork: options.control });
    this.#feed = new Feed(this.#recorder, backgroundClock);
    this.#desk = new PageDesk(this.#recorder, this.#feed, options);
    this.#server = createServer({
      maxHeaderSize: MOST_HEAD_BYTES,
      requestTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('connection', (socket) => socket.unref());
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MOST_MESSAGE_BYTES,
      maxFragments: 16,
      perMessageDeflate: false,
    });
  }

  /**
   * The address to open in a browser on this computer. Its fragment holds a secret: who has it can see, and with `control` steer, the
   * scheduler.
   */
  get url(): string {
    const access = this.#accessNow();
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw closedError();
    return `http://${bracketed(hostOf(this.#options.host))}:${address.port}/#token=${access.token}`;
  }

  /** How many pages are open. */
  get pages(): number {
    return this.#feed.clients.size;
  }

  /** Keeps the process alive until `unref` or `close`; an inspector by itself does not. */
  ref(): this {
    this.#server.ref();
    return this;
  }

  /** Lets the process end, though the inspector is open. */
  unref(): this {
    this.#server.unref();
    return this;
  }

  /** Closes all pages' connections and the server, and stops recording. Resolves when that is done; the same promise each time. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const client of this.#feed.clients) client.close(GOING_AWAY, 'the inspector was closed');
    this.#recorder.detach();
    const { clients } = this.#sockets;
    // With a timer that keeps the process alive: the caller waits for the end.
    const stopWaiting =
      clients.size === 0
        ? undefined
        : systemEnvironment.clock.after(CLOSE_MS, () => clients.forEach((socket) => socket.terminate()));
    // Not by `once`, which rejects at an error that comes first.
    await Promise.all([...clients].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    stopWaiting?.();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #listen(): Promise<void> {
    const { port, host, allowedHosts } = this.#options;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    this.#server.unref();
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw closedError();
    this.#access = new Access(host, address.port, allowedHosts);
    const trace: Download = {
      type: 'application/json; charset=utf-8',
      name: 'trace.json',
      pieces: () => traceText(traceRecording(this.#recorder)),
    };
    const downloads = new Map([['/trace.json', trace]]);
    this.#server.on('request', httpFace({ access: this.#access, files: new PageFiles(), downloads }));
  }

  #accessNow(): Access {
    if (this.#access === undefined) throw closedError();
    return this.#access;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const status = this.#faultOf(request);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#opened(opened));
  }

  /** The status with which an upgrade is refused. */
  #faultOf({ headers, url }: IncomingMessage): number | undefined {
    const access = this.#accessNow();
    if (!access.isOwnHost(headers) || !access.isOwnOrigin(headers)) return 403;
    if (url !== SOCKET_PATH) return 404;
    if (!access.hasSession(headers)) return 401;
    return this.#closed !== undefined || this.#feed.clients.size >= MOST_PAGES ? 503 : undefined;
  }

  #opened(socket: ws.WebSocket): void {
    const client = new PageClient(socket, this.#recorder, () => this.#hello());
    this.#feed.join(client);
    // A wrong frame: ws closes the connection itself.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#desk.receive(client, isBinary ? '' : textOf(data)));
    socket.on('close', () => {
      this.#desk.left(client);
      this.#feed.leave(client);
    });
  }

  #hello(): InspectorMessage {
    const { control, maxRows } = this.#options;
    return {
      type: 'hello',
      version: INSPECT_VERSION,
      product: `pullgraph ${packageVersion()}`,
      control,
      epochMs: this.#epochMs,
      maxRows,
      settledBefore: this.#recorder.settledBefore,
      charts: {
        task: taskChart.machine.definition,
        queue: queueChart.machine.definition,
        scheduler: schedulerChart.machine.definition,
      },
    };
  }
}

function textOf(data: ws.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

/** The host for a URL: an address that stands for all is reached by the one of this computer. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function closedError(): SchedulerError {
  return new SchedulerError('NotSupported', 'the inspector is closed');
}

/**
 * Opens an inspector of `scheduler`: a page on this computer that shows its queues, tasks, failures and actors as they are, and as they
 * were since this call. Recording begins now; what is sent to pages is made only while there are some. Needs the package `ws`.
 *
 * @returns once it listens and knows all tasks that have not settled: open `url` in a browser.
 *
 * Rejects with a `SchedulerError` `InvalidOption`, `MissingPackage`, or `NotSupported` where the scheduler has an inspector already; or with
 * the system's error if it cannot listen.
 *
 * @public
 */
export function inspect(scheduler: Scheduler, options: InspectOptions = {}): Promise<Inspector> {
  return Inspector._start(scheduler, options);
}
