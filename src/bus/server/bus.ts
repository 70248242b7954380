/**
 * The bus: a WebSocket server between producers and schedulers. It keeps jobs and assigns them; each scheduler decides in which
 * order it runs the jobs that it has accepted.
 *
 * Owns the server and its end. A peer's fault closes that peer only.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type * as ws from 'ws';
import { SchedulerError } from '../../core/failures.js';
import { systemEnvironment } from '../../system/environment.js';
import { type BusLimits, type BusOptions, limitsOf } from './bus-options.js';
import type { LedgerCounts } from './job-ledger.js';
import { DEFAULT_PORT } from '../protocol/defaults.js';
import { Notice } from './notice.js';
import { Reception } from './reception.js';
import { RequestCheck } from './request-check.js';
import type { Environment } from '../../core/ports.js';
import { Switchboard } from './switchboard.js';
import { TokenCheck } from './token-check.js';
import { Turns } from './turns.js';
import { UnregisteredConnections } from './unregistered-connections.js';
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

/** A plain request gets one answer, and its connection is not kept. */
const NO_MORE = { Connection: 'close' };

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
  readonly #reception: Reception;
  readonly #unregistered: UnregisteredConnections;
  readonly #notices: readonly Notice[];
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
    const { clock } = this.#environment;
    const { maxUnregistered: most, patienceMs } = this.#limits;
    const { host = '127.0.0.1', onTrouble = () => undefined } = options;
    const crowded = new Notice(clock, (count) =>
      onTrouble(`closed ${count} ${count === 1 ? 'connection' : 'connections'} that had not registered`),
    );
    const guessed = new Notice(clock, (count, address) =>
      onTrouble(count === 1 ? `a wrong token from ${address}` : `${count} wrong tokens, the latest from ${address}`),
    );
    this.#notices = [crowded, guessed];
    this.#unregistered = new UnregisteredConnections({ most, patienceMs, onCrowd: () => crowded.add('') }, clock);
    this.#reception = new Reception({
      switchboard: this.#switchboard,
      limits: this.#limits,
      environment: this.#environment,
      tokens: new TokenCheck(options.token, clock, (address) => guessed.add(address)),
      unregistered: this.#unregistered,
      turns: new Turns(),
      nextId: () => this.#nextId(),
    });
    const requests = new RequestCheck({
      origins: options.allowedOrigins ?? [],
      hosts: options.allowedHosts ?? [],
      ownHost: host,
    });
    this.#isServerOwn = options.server === undefined;
    this.#server =
      options.server ?? createServer((_, response) => response.writeHead(426, NO_MORE).end('WebSocket only'));
    this.#sockets = new WebSocketServer({
      server: this.#server,
      ...(options.path === undefined ? {} : { path: options.path }),
      maxPayload: this.#limits.maxFrameBytes,
      maxFragments: MAX_FRAGMENTS,
      perMessageDeflate: false,
      // Peers answer in turn.
      autoPong: false,
      ...closeTimeout(patienceMs),
      verifyClient: ({ req }, answer) => {
        const full = { status: 503, message: 'Too many connections' };
        const fault = requests.judge(req) ?? (this.#reception.isFull ? full : undefined);
        if (fault === undefined) answer(true);
        else answer(false, fault.status, fault.message);
      },
    });
    // The owner of a shared server handles its errors; for the bus's own server, `listening` rejects.
    this.#sockets.on('error', () => undefined);
    this.#sockets.on('connection', (socket, { socket: connection }) => {
      this.#unregistered.add(connection);
      this.#reception.welcome({ socket, connection, address: connection.remoteAddress ?? 'an unknown address' });
    });
    if (!this.#isServerOwn) return;
    this.#server.on('connection', (connection) => this.#unregistered.add(connection));
    this.#server.listen(options.port ?? DEFAULT_PORT, host);
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
    return { peers: this.#reception.size, sessions: this.#switchboard.sessions.size, ...this.#switchboard.counts };
  }

  /**
   * Closes every connection and the bus's own server. Unsettled jobs are lost, and schedulers stop running them. Resolves when
   * everything is closed: peers that do not close in `patienceMs` are cut off. Further calls return the same promise.
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
    // Listens no more from now on.
    const ended = this.#isServerOwn ? new Promise<void>((resolve) => this.#server.close(() => resolve())) : undefined;
    // Before peers leave, so that the jobs of a leaving scheduler are not assigned to the next.
    this.#switchboard.close();
    this.#reception.closeAll(GOING_AWAY, 'the bus is closing');
    const stopWaiting = this.#environment.clock.after(this.#limits.patienceMs, () => this.#cutOff());
    await closed;
    stopWaiting();
    this.#cutOff();
    await ended;
    this.#switchboard.sessions.close();
    for (const notice of this.#notices) notice.close();
  }

  #cutOff(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#unregistered.destroyAll();
    if (this.#isServerOwn) this.#server.closeAllConnections();
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

/** How long ws waits for a connection to end after a close; its types lack the option. */
function closeTimeout(ms: number): object {
  return { closeTimeout: ms };
}
