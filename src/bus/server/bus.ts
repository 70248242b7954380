/**
 * The bus: a WebSocket server between producers and schedulers. It keeps jobs and assigns them; each scheduler decides in which
 * order it runs the jobs that it has accepted.
 *
 * Owns the server, admission, and the step from connection to registered peer. A peer's fault closes that peer only.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type * as ws from 'ws';
import { SchedulerError } from '../../core/failures.js';
import { systemEnvironment } from '../../system/environment.js';
import { type BusLimits, type BusOptions, limitsOf } from './bus-options.js';
import type { LedgerCounts } from './job-ledger.js';
import { Peer } from './peer.js';
import { DEFAULT_PORT } from '../protocol/defaults.js';
import { readRegistration } from '../protocol/messages.js';
import { type Role, roleOf } from './roles.js';
import type { Environment } from '../../core/ports.js';
import { Switchboard } from './switchboard.js';
import { webSockets } from '../web-sockets.js';

/**
 * Counters of a bus.
 *
 * @public
 */
export interface BusCounts extends LedgerCounts {
  /** Open connections, registered or not. */
  readonly peers: number;
  /** Sessions of producers of version 2, connected or not. */
  readonly sessions: number;
  /** Jobs of the simple protocol that were sent to every scheduler. */
  readonly broadcasts: number;
}

/** Close code: the server is shutting down. */
const GOING_AWAY = 1001;

/** Maximum fragments of one message, whose total size `maxFrameBytes` bounds. */
const MAX_FRAGMENTS = 1024;

/**
 * A running bus. Made by `startBus`.
 *
 * @public
 */
export class Bus {
  readonly #sockets: ws.WebSocketServer;
  readonly #server: Server;
  readonly #isServerOwn: boolean;
  readonly #limits: BusLimits;
  readonly #environment: Environment;
  readonly #switchboard: Switchboard;
  readonly #digest: Buffer | undefined;
  readonly #peers = new Set<Peer>();
  readonly #id = randomBytes(4).toString('hex');
  #lastPeer = 0;
  #closed: Promise<void> | undefined;

  /** As `startBus`. @internal */
  static async start(options: BusOptions): Promise<Bus> {
    const bus = new Bus(options, await webSockets());
    return bus.#listening();
  }

  // Private, so that its parameters are not in the declarations, which then need none of the types of ws.
  private constructor(options: BusOptions, { WebSocketServer }: typeof ws) {
    this.#limits = limitsOf(options);
    this.#environment = options.environment ?? systemEnvironment;
    this.#switchboard = new Switchboard(this.#limits, this.#environment, options.broadcast ?? false, this.#id);
    this.#digest = options.token === undefined ? undefined : digest(options.token);
    const allowed = new Set(options.allowedOrigins);
    this.#isServerOwn = options.server === undefined;
    this.#server = options.server ?? createServer((_, response) => response.writeHead(426).end('WebSocket only'));
    this.#sockets = new WebSocketServer({
      server: this.#server,
      ...(options.path === undefined ? {} : { path: options.path }),
      maxPayload: this.#limits.maxFrameBytes,
      maxFragments: MAX_FRAGMENTS,
      perMessageDeflate: false,
      verifyClient: ({ req }, answer) => {
        const fault = this.#judge(req, allowed);
        if (fault === undefined) answer(true);
        else answer(false, fault.status, fault.message);
      },
    });
    // The owner of a shared server handles its errors; for the bus's own server, `listening` rejects.
    this.#sockets.on('error', () => undefined);
    this.#sockets.on('connection', (socket) => this.#welcome(socket));
    if (this.#isServerOwn) this.#server.listen(options.port ?? DEFAULT_PORT, options.host ?? '127.0.0.1');
  }

  /** Resolves when the bus listens; at once on a shared server, which starts listening on its own. */
  async #listening(): Promise<this> {
    if (this.#isServerOwn && !this.#server.listening) await once(this.#sockets, 'listening');
    return this;
  }

  /**
   * The address for clients, without the path.
   *
   * @throws SchedulerError `InvalidOption` if the bus is not listening on a port.
   */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') {
      throw new SchedulerError('InvalidOption', 'a bus has an address only while it listens on a port');
    }
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `ws://${host}:${address.port}`;
  }

  get counts(): BusCounts {
    return { peers: this.#peers.size, sessions: this.#switchboard.sessions.size, ...this.#switchboard.counts };
  }

  /**
   * Closes every connection and the bus's own server. Unsettled jobs are lost, and schedulers stop running them. Resolves when
   * everything is closed. Further calls return the same promise.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#sockets.close(() => resolve()));
    // First, so that the jobs of a leaving scheduler are not assigned to the next.
    this.#switchboard.close();
    for (const peer of this.#peers) peer.close(GOING_AWAY, 'the bus is closing');
    await closed;
    if (this.#isServerOwn) {
      const ended = new Promise<void>((resolve) => this.#server.close(() => resolve()));
      this.#server.closeAllConnections();
      await ended;
    }
    this.#switchboard.sessions.close();
  }

  /** Browsers send the origin of the page, which the page cannot forge; other programs send none. */
  #judge(request: IncomingMessage, allowed: ReadonlySet<string>): { status: number; message: string } | undefined {
    const { origin } = request.headers;
    if (origin !== undefined && !allowed.has(origin)) return { status: 403, message: 'Origin not allowed' };
    if (this.#sockets.clients.size >= this.#limits.maxPeers) return { status: 503, message: 'Too many connections' };
    return undefined;
  }

  #welcome(socket: ws.WebSocket): void {
    const { clock } = this.#environment;
    let role: Role | undefined;
    const stopWaiting = clock.after(this.#limits.patienceMs, () =>
      peer.refuse('not-registered', 'no register message'),
    );
    const peer = new Peer(socket, this.#limits, this.#environment, {
      receive: (value) => {
        if (role !== undefined) return role.receive(value);
        const checked = readRegistration(value);
        if (!checked.ok) return checked.fault;
        if (!this.#isTrusted(checked.message.token)) {
          peer.refuse('unauthorized', 'a token is missing or wrong');
          return undefined;
        }
        stopWaiting();
        role = roleOf(checked.message, peer, {
          switchboard: this.#switchboard,
          limits: this.#limits,
          environment: this.#environment,
          nextId: () => this.#nextId(),
        });
        // Messages sent on joining may already have closed a slow peer.
        if (peer.isGone) role.leave();
        return undefined;
      },
      gone: () => {
        stopWaiting();
        this.#peers.delete(peer);
        role?.leave();
      },
    });
    this.#peers.add(peer);
  }

  /** Compares in constant time, regardless of length and common prefix. */
  #isTrusted(token: string | undefined): boolean {
    return this.#digest === undefined || timingSafeEqual(digest(token ?? ''), this.#digest);
  }

  #nextId(): string {
    this.#lastPeer += 1;
    return `${this.#id}-s${this.#lastPeer}`;
  }
}

/**
 * Starts a bus. Resolves when it listens; with `server`, at once.
 *
 * Rejects with a `SchedulerError` `InvalidOption` or `MissingPackage`, or with the system's error if the bus cannot listen.
 *
 * @public
 */
export function startBus(options: BusOptions = {}): Promise<Bus> {
  return Bus.start(options);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
