/**
 * What a user can say of a shared folder, checked where it is said: everything behind this file works with settled options
 * only.
 */
import { SchedulerError, shown } from '../core/failures.js';
import { checkOptionNames } from '../core/option-names.js';
import { MAX_TIMER_MS } from '../core/timers.js';
import type { Clock } from '../core/ports.js';
import { type Codec, jsonCodec } from './codec.js';
import type { FolderPort } from './ports.js';

/**
 * Options of `sharedFolder`. All participants of a folder should be given the same.
 *
 * @public
 */
export interface SharedFolderOptions {
  /** How results are written. Default: JSON, which refuses what it cannot hold. */
  readonly codec?: Codec;
  /** How many times in all a task's function may throw, wherever it runs, before the task has failed. Default: 1. */
  readonly attempts?: number;
  /** How many times a task is taken over from an owner that fell silent, before the task has failed. Default: 3. */
  readonly takeovers?: number;
  /** How often, in milliseconds, a participant shows that it is alive. Default: 5,000. */
  readonly beatMs?: number;
  /** How long, in milliseconds, a participant is silent before it is given up. At least twice `beatMs`. Default: 30,000. */
  readonly expireMs?: number;
  /**
   * How often, in milliseconds, a task that is claimed elsewhere is looked at, and a folder that cannot be used is tried again.
   * The first looks come sooner after each other. Default: 1,000.
   */
  readonly checkMs?: number;
  /** How long, in milliseconds, a folder that cannot be used is waited for before tasks fail. Default: 30,000. */
  readonly patienceMs?: number;
  /** Most bytes of one result. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** What others are told of this participant. Default: the name of the computer and the number of the process. */
  readonly label?: string;
  /** @internal The folder, in place of the one on disk. */
  readonly _folder?: FolderPort;
  /** @internal The clock, in place of the process's own. */
  readonly _clock?: Clock;
  /** @internal The participant's name in the folder, in place of a random one. */
  readonly _participant?: string;
}

/**
 * The options with everything in its place.
 *
 * @internal
 */
export interface SettledOptions {
  readonly codec: Codec;
  readonly attempts: number;
  readonly takeovers: number;
  readonly beatMs: number;
  readonly expireMs: number;
  readonly checkMs: number;
  readonly patienceMs: number;
  readonly maxBytes: number;
  readonly label: string;
}

const OPTION_NAMES = {
  codec: true,
  attempts: true,
  takeovers: true,
  beatMs: true,
  expireMs: true,
  checkMs: true,
  patienceMs: true,
  maxBytes: true,
  label: true,
  _folder: true,
  _clock: true,
  _participant: true,
} satisfies Record<keyof SharedFolderOptions, true>;

const MAX_COUNT = 1_000;
const MAX_BYTES = 2 ** 30;

/**
 * Throws `SchedulerError` `InvalidOption` for what no participant could work with.
 *
 * @internal
 */
export function settleOptions(options: SharedFolderOptions, label: string): SettledOptions {
  checkOptionNames('sharedFolder', options, OPTION_NAMES);
  const beatMs = integer('beatMs', options.beatMs ?? 5_000, 1, MAX_TIMER_MS);
  return {
    codec: codec(options.codec ?? jsonCodec),
    attempts: integer('attempts', options.attempts ?? 1, 1, MAX_COUNT),
    takeovers: integer('takeovers', options.takeovers ?? 3, 0, MAX_COUNT),
    beatMs,
    expireMs: integer('expireMs', options.expireMs ?? Math.max(30_000, 2 * beatMs), 2 * beatMs, MAX_TIMER_MS),
    checkMs: integer('checkMs', options.checkMs ?? 1_000, 1, MAX_TIMER_MS),
    patienceMs: integer('patienceMs', options.patienceMs ?? 30_000, 0, MAX_TIMER_MS),
    maxBytes: integer('maxBytes', options.maxBytes ?? 64 * 2 ** 20, 0, MAX_BYTES),
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

function text(name: string, value: string): string {
  if (typeof value === 'string') return value;
  throw new SchedulerError('InvalidOption', `sharedFolder: expected ${name} to be a string, got ${shown(value)}`);
}

function codec(value: Codec): Codec {
  const isCodec = typeof value?.encode === 'function' && typeof value.decode === 'function';
  if (isCodec) return value;
  throw new SchedulerError('InvalidOption', 'sharedFolder: a codec has the functions encode and decode');
}
