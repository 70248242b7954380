/** The options of a bus, among them a bound for everything that can grow, and their validation. */
import type { Server } from 'node:http';
import { SchedulerError } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { checkInteger } from '../integer-option.js';
import { DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES } from '../protocol/defaults.js';
import type { Environment } from '../../core/ports.js';

/**
 * The bounds of a bus: integers of at least 1. Times are at most 2,147,483,647 ms, the longest that a timer can wait.
 *
 * @public
 */
export interface BusLimits {
  /** Maximum size of a message, in bytes, from 4,096 to 8,388,608. A longer one closes its connection (1009). Default: 65,536. */
  readonly maxFrameBytes: number;
  /** Messages per second from one peer. A peer that sends more is read more slowly. Default: 1,000. */
  readonly messagesPerSecond: number;
  /** Messages that a peer can send at once after a silence. Default: 2,000. */
  readonly messageBurst: number;
  /** Bytes per second from one peer, and twice as many at once after a silence. Beyond, it is read more slowly. Default: 8 MiB. */
  readonly bytesPerSecond: number;
  /**
   * Maximum number of unsent bytes for one peer; at least twice `maxFrameBytes`. A peer that reads too slowly and exceeds it is
   * closed (1013). Default: 4 MiB.
   */
  readonly maxBufferedBytes: number;
  /** Maximum number of registered peers. Further connections get status 503. Default: 256. */
  readonly maxPeers: number;
  /** Maximum number of connections that have not registered. A further one costs the oldest its place. Default: 128. */
  readonly maxUnregistered: number;
  /**
   * Maximum number of unsettled jobs. Further ones are rejected, and so are those of a producer that has more than are still free:
   * one producer can have half of them. Default: 20,000.
   */
  readonly maxJobs: number;
  /** Maximum memory of these jobs, in bytes, shared in the same way: 1 KiB for each and the arguments as text. Default: 64 MiB. */
  readonly maxJobBytes: number;
  /** A job fails after this many schedulers were lost that had started it. Default: 5. */
  readonly maxLosses: number;
  /** Maximum number of messages kept for a disconnected producer. Default: 1,000. */
  readonly maxFeedback: number;
  /** Maximum total size of these messages, in bytes. Default: 1 MiB. */
  readonly maxFeedbackBytes: number;
  /**
   * How long a disconnected producer can resume its session, in milliseconds; then its waiting jobs are dropped. Producers of the
   * simple protocol cannot come back: theirs are dropped after the same time if no scheduler is connected that runs timed jobs.
   * Default: 60,000.
   */
  readonly sessionMs: number;
  /**
   * Interval of pings to a peer, in milliseconds, at most 858,993,458. A peer that has not answered two of them is lost when the
   * third is due. Default: 15,000.
   */
  readonly heartbeatMs: number;
  /**
   * How long a scheduler can take to answer an offer, in milliseconds; a slower one counts as lost. A job that it has accepted and
   * not started for as long goes to another scheduler as soon as one is idle. Default: 15,000.
   */
  readonly offerMs: number;
  /** How long a peer can take to register, and to close when asked, in milliseconds. Default: 5,000. */
  readonly patienceMs: number;
}

/**
 * The options of a bus.
 *
 * @public
 */
export interface BusOptions extends Partial<BusLimits> {
  /** The address to listen on. Default: `127.0.0.1`, which only this computer can reach. */
  readonly host?: string;
  /** The port to listen on; 0 picks a free one. Default: 8101. */
  readonly port?: number;
  /** An HTTP server to attach to, instead of `host` and `port`. It may start listening later, and closing the bus leaves it open. */
  readonly server?: Server;
  /** The path to accept connections on. Default: any path. */
  readonly path?: string;
  /** Send every job of the simple protocol to all connected schedulers, and keep none. Default: false. */
  readonly broadcast?: boolean;
  /** The token that every register message must contain. Default: none is required. */
  readonly token?: string;
  /**
   * The origins of web pages that can connect, such as `https://example.org`. Programs other than browsers send no origin and can
   * always connect. Default: none.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * The names by which clients can address the bus, such as `bus.example.org`, in addition to IP addresses, `localhost`, the name of
   * this computer and `host`; `*` for any name. Default: none.
   */
  readonly allowedHosts?: readonly string[];
  /** Called with one line when peers send wrong tokens or crowd the bus; for each of the two at most every ten seconds. */
  readonly onTrouble?: (message: string) => void;
  /** Clock and randomness. Default: those of the system. */
  readonly environment?: Environment;
}

const DEFAULT_LIMITS: BusLimits = {
  maxFrameBytes: DEFAULT_FRAME_BYTES,
  messagesPerSecond: 1000,
  messageBurst: 2000,
  bytesPerSecond: 8 * 1024 * 1024,
  maxBufferedBytes: 4 * 1024 * 1024,
  maxPeers: 256,
  maxUnregistered: 128,
  maxJobs: 20_000,
  maxJobBytes: 64 * 1024 * 1024,
  maxLosses: 5,
  maxFeedback: 1000,
  maxFeedbackBytes: 1024 * 1024,
  sessionMs: 60_000,
  heartbeatMs: 15_000,
  offerMs: 15_000,
  patienceMs: 5000,
};

/** A client takes the bus for lost after this many heartbeat intervals of silence, having missed two pings. @internal */
export const BEATS_OF_SILENCE = 2.5;

/** Ranges of limits; a limit without an entry is any integer of at least 1. */
const RANGES: ReadonlyMap<string, readonly [least: number, most?: number]> = new Map<
  string,
  readonly [number, number?]
>([
  // Large enough for every message apart from arguments and results.
  ['maxFrameBytes', [4096, MAX_FRAME_BYTES]],
  ['sessionMs', [1, MAX_TIMER_MS]],
  ['heartbeatMs', [1, Math.floor(MAX_TIMER_MS / BEATS_OF_SILENCE)]],
  ['offerMs', [1, MAX_TIMER_MS]],
  ['patienceMs', [1, MAX_TIMER_MS]],
]);

const OPTION_NAMES = {
  host: true,
  port: true,
  server: true,
  path: true,
  broadcast: true,
  token: true,
  allowedOrigins: true,
  allowedHosts: true,
  onTrouble: true,
  environment: true,
  maxFrameBytes: true,
  messagesPerSecond: true,
  messageBurst: true,
  bytesPerSecond: true,
  maxBufferedBytes: true,
  maxPeers: true,
  maxUnregistered: true,
  maxJobs: true,
  maxJobBytes: true,
  maxLosses: true,
  maxFeedback: true,
  maxFeedbackBytes: true,
  sessionMs: true,
  heartbeatMs: true,
  offerMs: true,
  patienceMs: true,
} satisfies Record<keyof BusOptions, true>;

/** @throws SchedulerError `InvalidOption` for an unknown option or a limit out of range. @internal */
export function limitsOf(options: BusOptions): BusLimits {
  checkOptionNames('a bus', options, OPTION_NAMES);
  if (options.token === '') throw new SchedulerError('InvalidOption', 'a token must not be empty');
  const limits: BusLimits = { ...DEFAULT_LIMITS, ...pick(options) };
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    const [least, most] = RANGES.get(name) ?? [1];
    checkInteger(name, value, least, most);
  }
  const { maxFrameBytes, maxBufferedBytes } = limits;
  // A message of the bus is somewhat longer than the one it passes on, and must always fit.
  if (maxBufferedBytes < 2 * maxFrameBytes) {
    throw new SchedulerError(
      'InvalidOption',
      `maxBufferedBytes must be at least twice maxFrameBytes, got ${maxBufferedBytes} and ${maxFrameBytes}`,
    );
  }
  return limits;
}

function pick(options: BusOptions): Partial<BusLimits> {
  const given = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(DEFAULT_LIMITS, name) && value !== undefined,
  );
  return Object.fromEntries(given);
}
