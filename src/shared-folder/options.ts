/** The options of a shared folder, their defaults and their validation. All other files work with validated options. */
import { SchedulerError, shown } from '../core/failures.js';
import { checkOptionNames } from '../core/option-names.js';
import { MAX_TIMER_MS } from '../core/timers.js';
import type { Clock } from '../core/ports.js';
import { type Codec, jsonCodec } from './codec.js';
import type { FolderPort } from './ports.js';

/**
 * Options of `sharedFolder`. All participants in a folder should have the same.
 *
 * @public
 */
export interface SharedFolderOptions {
  /** How results are encoded. Default: JSON, which refuses values that it cannot represent. */
  readonly codec?: Codec;
  /** A task fails when its function has thrown this many times, over all participants. Default: 1. */
  readonly attempts?: number;
  /**
   * Whether tasks that have failed before this participant comes to them run again, once and with all their attempts. Default: false.
   */
  readonly retryFailed?: boolean;
  /** How many times a task is taken over from a silent owner before it fails. Default: 3. */
  readonly takeovers?: number;
  /** Interval of a participant's heartbeat, in milliseconds. Default: 5,000. */
  readonly beatMs?: number;
  /** Silence after which a participant is taken for dead, in milliseconds; at least twice `beatMs`. Default: 30,000. */
  readonly expireMs?: number;
  /**
   * Interval of checks on tasks claimed elsewhere, and of retries while the folder is unavailable, in milliseconds. The first checks
   * are closer together. Default: 1,000.
   */
  readonly checkMs?: number;
  /** How long an unavailable folder is retried before tasks fail, in milliseconds. Default: 30,000. */
  readonly patienceMs?: number;
  /**
   * Called once with the error when the folder becomes unavailable, and with `undefined` when it is available again. Default: a process
   * warning with the code `PULLGRAPH_FOLDER_UNAVAILABLE`.
   */
  readonly onOutage?: (error: SchedulerError | undefined) => void;
  /** Maximum size of one result, in bytes. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** Name of this participant in messages to others. Default: host name and process id. */
  readonly label?: string;
  /** @internal The folder, in place of the one on disk. */
  readonly _folder?: FolderPort;
  /** @internal The clock, in place of the process's own. */
  readonly _clock?: Clock;
  /** @internal The participant's name in the folder, in place of a random one. */
  readonly _participant?: string;
}

/**
 * Validated options, with defaults applied.
 *
 * @internal
 */
export interface SettledOptions {
  readonly codec: Codec;
  readonly attempts: number;
  readonly retryFailed: boolean;
  readonly takeovers: number;
  readonly beatMs: number;
  readonly expireMs: number;
  readonly checkMs: number;
  readonly patienceMs: number;
  readonly maxBytes: number;
  readonly onOutage: (error: SchedulerError | undefined) => void;
  readonly label: string;
}

const OPTION_NAMES = {
  codec: true,
  attempts: true,
  retryFailed: true,
  takeovers: true,
  beatMs: true,
  expireMs: true,
  checkMs: true,
  patienceMs: true,
  maxBytes: true,
  onOutage: true,
  label: true,
  _folder: true,
  _clock: true,
  _participant: true,
} satisfies Record<keyof SharedFolderOptions, true>;

const MAX_COUNT = 1_000;
const MAX_BYTES = 2 ** 30;

/**
 * Validates options and applies defaults.
 *
 * @throws SchedulerError `InvalidOption`.
 * @internal
 */
export function settleOptions(options: SharedFolderOptions, label: string): SettledOptions {
  checkOptionNames('sharedFolder', options, OPTION_NAMES);
  const beatMs = integer('beatMs', options.beatMs ?? 5_000, 1, MAX_TIMER_MS);
  return {
    codec: codec(options.codec ?? jsonCodec),
    attempts: integer('attempts', options.attempts ?? 1, 1, MAX_COUNT),
    retryFailed: flag('retryFailed', options.retryFailed ?? false),
    takeovers: integer('takeovers', options.takeovers ?? 3, 0, MAX_COUNT),
    beatMs,
    expireMs: integer('expireMs', options.expireMs ?? Math.max(30_000, 2 * beatMs), 2 * beatMs, MAX_TIMER_MS),
    checkMs: integer('checkMs', options.checkMs ?? 1_000, 1, MAX_TIMER_MS),
    patienceMs: integer('patienceMs', options.patienceMs ?? 30_000, 0, MAX_TIMER_MS),
    maxBytes: integer('maxBytes', options.maxBytes ?? 64 * 2 ** 20, 0, MAX_BYTES),
    onOutage: callback('onOutage', options.onOutage ?? warn),
    label: text('label', options.label ?? label),
  };
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SchedulerError(
    'InvalidOption',
    `sharedFolder: expected ${name} to be an integer from ${least} to ${most}, got ${shown(value)}`,
  );
}

function warn(error: SchedulerError | undefined): void {
  if (error !== undefined) process.emitWarning(error.message, { code: 'PULLGRAPH_FOLDER_UNAVAILABLE' });
}

function callback<T>(name: string, value: T): T {
  if (typeof value === 'function') return value;
  throw new SchedulerError('InvalidOption', `sharedFolder: expected ${name} to be a function, got ${shown(value)}`);
}

function flag(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new SchedulerError('InvalidOption', `sharedFolder: expected ${name} to be true or false, got ${shown(value)}`);
}

function text(name: string, value: string): string {
  if (typeof value === 'string') return value;
  throw new SchedulerError('InvalidOption', `sharedFolder: expected ${name} to be a string, got ${shown(value)}`);
}

function codec(value: Codec): Codec {
  const isCodec = typeof value?.encode === 'function' && typeof value.decode === 'function';
  if (isCodec) return value;
  throw new SchedulerError('InvalidOption', 'sharedFolder: expected codec to have the functions encode and decode');
}
