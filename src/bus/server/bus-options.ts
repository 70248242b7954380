/** What a bus can be told, with the bound of everything that could grow, and the check of it. */
import type { Server } from 'node:http';
import { SchedulerError } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { checkInteger } from '../integer-option.js';
import { DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES } from '../protocol/defaults.js';
import type { Environment } from '../../core/ports.js';

/**
 * The bounds of a bus. Each has a default; all are integers from 1. Times are at most 2,147,483,647 ms, which is what timers take.
 *
 * @public
 */
export interface BusLimits {
  /** How long a message may be, in bytes: from 4,096 to 8,388,608; 65,536. A longer one closes its connection (1009). */
  readonly maxFrameBytes: number;
  /** How many messages a second are taken from one peer; 1,000. One that sends more is read more slowly. */
  readonly messagesPerSecond: number;
  /** How many messages are taken at once from one peer that was silent; 2,000. */
  readonly messageBurst: number;
  /** How many bytes may wait to be sent to one peer that reads slowly, at least twice `maxFrameBytes`; 4 MiB. One that lets more pile up is closed (1013). */
  readonly maxBufferedBytes: number;
  /** How many connections there may be; 256. A further one is answered with status 503. */
  readonly maxPeers: number;
  /** How many jobs are kept, waiting or with schedulers; 10,000. A further one is rejected. */
  readonly maxJobs: number;
  /** How many bytes these may take; 64 MiB. */
  readonly maxJobBytes: number;
  /** After how many lost schedulers that had started it a job fails; 5. */
  readonly maxLosses: number;
  /** How many messages are kept for a producer that may come back; 1,000. */
  readonly maxFeedback: number;
  /** How many bytes these may take; 1 MiB. */
  readonly maxFeedbackBytes: number;
  /** For how long a producer that is gone may come back, in milliseconds; 60,000. */
  readonly sessionMs: number;
  /**
   * How often a peer is asked whether it is there, in milliseconds, at most 858,993,458; 15,000. One that
   * has answered neither of two is lost by the third.
   */
  readonly heartbeatMs: number;
  /** How long a scheduler may take to accept a job, in milliseconds; 15,000. One that takes longer is taken for lost. */
  readonly offerMs: number;
  /** How long a peer may take to register, and to close when asked to, in milliseconds; 5,000. */
  readonly patienceMs: number;
}

/**
 * The options of a bus.
 *
 * @public
 */
export interface BusOptions extends Partial<BusLimits> {
  /** The address to listen on; `127.0.0.1`, which only this computer reaches. */
  readonly host?: string;
  /** The port to listen on; 8101. With 0 any that is free. */
  readonly port?: number;
  /** A server to be a part of in place of `host` and `port`, listening already or later. It is not closed along with the bus. */
  readonly server?: Server;
  /** The path to listen at; any when not given. */
  readonly path?: string;
  /** Give every job of the simple protocol to every scheduler that is there, and keep none. */
  readonly broadcast?: boolean;
  /** What every peer must have in its register message. */
  readonly token?: string;
  /** The origins of web pages that may connect, such as `https://example.org`; none. What is no browser has no origin and may. */
  readonly allowedOrigins?: readonly string[];
  /** Time and chance; the real ones when not given. */
  readonly environment?: Environment;
}

const DEFAULT_LIMITS: BusLimits = {
  maxFrameBytes: DEFAULT_FRAME_BYTES,
  messagesPerSecond: 1000,
  messageBurst: 2000,
  maxBufferedBytes: 4 * 1024 * 1024,
  maxPeers: 256,
  maxJobs: 10_000,
  maxJobBytes: 64 * 1024 * 1024,
  maxLosses: 5,
  maxFeedback: 1000,
  maxFeedbackBytes: 1024 * 1024,
  sessionMs: 60_000,
  heartbeatMs: 15_000,
  offerMs: 15_000,
  patienceMs: 5000,
};

/** After how many heartbeats that were not heard a client takes the bus for lost: it has missed two of them. @internal */
export const BEATS_OF_SILENCE = 2.5;

/** What lies between these is a limit; where nothing is said, every integer from 1. */
const RANGES: ReadonlyMap<string, readonly [least: number, most?: number]> = new Map<
  string,
  readonly [number, number?]
>([
  // Every message fits that is no job's arguments or result.
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
  environment: true,
  maxFrameBytes: true,
  messagesPerSecond: true,
  messageBurst: true,
  maxBufferedBytes: true,
  maxPeers: true,
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

/** @throws SchedulerError `InvalidOption` for an option that does not exist or a limit that is none. @internal */
export function limitsOf(options: BusOptions): BusLimits {
  checkOptionNames('a bus', options, OPTION_NAMES);
  if (options.token === '') throw new SchedulerError('InvalidOption', 'a token must not be empty');
  const limits: BusLimits = { ...DEFAULT_LIMITS, ...pick(options) };
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    const [least, most] = RANGES.get(name) ?? [1];
    checkInteger(name, value, least, most);
  }
  const { maxFrameBytes, maxBufferedBytes } = limits;
  // What the bus says is somewhat longer than what it was told, and one such message must always find room.
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
