/** What an exploration leaves open, and how far it goes. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import type { OnFailure } from '../../runtime/lifecycle.js';

/**
 * How fine the steps of an exploration are. `macro`: each event from outside, with everything that it leads to, as inside one process.
 * `micro`: each delivery of a message, in any order that keeps the messages of a pair in theirs, as between threads or machines.
 *
 * @public
 */
export type Granularity = 'macro' | 'micro';

/**
 * What may happen in an exploration, besides that tasks deliver and end. Each number counts per run, over all tasks, from 0 to 15.
 *
 * @public
 */
export interface ExploreBounds {
  /** Default: `macro`. */
  readonly granularity?: Granularity;
  /** How many attempts may fail. Default: 1. */
  readonly failures?: number;
  /** How many attempts may time out. Default: 0. */
  readonly timeouts?: number;
  /** How many tasks may be cancelled. Default: 1. */
  readonly cancels?: number;
  /** How often the scheduler may be stopped; it may always be started. Default: 1. */
  readonly stops?: number;
  /** How often a queue may be paused; it may always be resumed. Default: 0. */
  readonly pauses?: number;
  /** How many attempts may be evicted. Default: 0. */
  readonly evictions?: number;
  /** How often the number of slots of a queue may be set to 1, or back. Default: 0. */
  readonly limits?: number;
  /** Whether the scheduler may be closed, and whether it may be terminated as well. Default: false. */
  readonly closes?: boolean | 'or terminates';
  /** Whether another attempt follows after a pause instead of at once. Default: false. */
  readonly backoff?: boolean;
  /** Whether something may happen between the grant of a start and the call of the function. Default: false. */
  readonly lateBegin?: boolean;
  /** Whether tasks are submitted one by one, at any time, instead of all at the start. Default: false. */
  readonly lateSubmit?: boolean;
  /** As `SchedulerOptions.onFailure`. Default: `continue`. */
  readonly onFailure?: OnFailure;
  /** Gives up after so many states. Default: 2,000,000. */
  readonly maxStates?: number;
}

/** All bounds. @internal */
export type Bounds = Required<ExploreBounds>;

/** What one number bounds, in the order in which a state counts it. @internal */
export const COUNTED = ['failures', 'timeouts', 'cancels', 'stops', 'pauses', 'evictions', 'limits'] as const;

const MOST = 15;

const DEFAULTS: Bounds = {
  granularity: 'macro',
  failures: 1,
  timeouts: 0,
  cancels: 1,
  stops: 1,
  pauses: 0,
  evictions: 0,
  limits: 0,
  closes: false,
  backoff: false,
  lateBegin: false,
  lateSubmit: false,
  onFailure: 'continue',
  maxStates: 2_000_000,
};

const NAMES = {
  granularity: true,
  failures: true,
  timeouts: true,
  cancels: true,
  stops: true,
  pauses: true,
  evictions: true,
  limits: true,
  closes: true,
  backoff: true,
  lateBegin: true,
  lateSubmit: true,
  onFailure: true,
  maxStates: true,
} satisfies Record<keyof ExploreBounds, true>;

const CHOICES: Partial<Record<keyof ExploreBounds, readonly unknown[]>> = {
  granularity: ['macro', 'micro'],
  closes: [true, false, 'or terminates'],
  backoff: [true, false],
  lateBegin: [true, false],
  lateSubmit: [true, false],
  onFailure: ['continue', 'stop', 'abort'],
};

/** @throws SchedulerError `InvalidOption`, naming what is wrong. @internal */
export function boundsOf(given: ExploreBounds): Bounds {
  checkOptionNames('bounds', given, NAMES);
  const bounds: Bounds = {
    ...DEFAULTS,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  for (const [name, value] of Object.entries(bounds)) {
    const choices = new Map(Object.entries(CHOICES)).get(name);
    if (choices !== undefined && !choices.includes(value)) {
      throw invalid(`${name} must be one of ${choices.join(', ')}, got ${shown(value)}`);
    }
  }
  for (const name of COUNTED) checkCount(name, bounds[name], 0, MOST);
  checkCount('maxStates', bounds.maxStates, 1, 100_000_000);
  return bounds;
}

function checkCount(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw invalid(`${name} must be an integer from ${least} to ${most}, got ${shown(value)}`);
}

function invalid(message: string): SchedulerError {
  return new SchedulerError('InvalidOption', message);
}
