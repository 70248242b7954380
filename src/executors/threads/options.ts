/**
 * The options of a pool of threads, checked when the pool is made: all other files see settled options only.
 */
import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { hrefOf, integerOption } from '../remote/option-values.js';

/**
 * Options of `threads`.
 *
 * @public
 */
export interface ThreadsOptions {
  /** Most worker threads at a time, an integer from 1. Default: the available parallelism. */
  readonly size?: number;
  /**
   * Puts typed arrays and `DataView`s in results and partial results (at the top, or nested in arrays and plain objects) on
   * shared memory, so that dependents read them without a copy, and see each other's writes. Default: false.
   */
  readonly share?: boolean;
  /**
   * How long, in milliseconds, an aborted function that has read its signal has to end by itself before its worker is
   * terminated. For a function that has not, the worker is terminated at once. Default: 1,000.
   */
  readonly graceMs?: number;
  /** How long, in milliseconds, an idle worker is kept for the next attempt. Default: 5,000. */
  readonly idleMs?: number;
  /** Limits of each worker's heap, stack and code, as Node's `Worker` takes them. */
  readonly resourceLimits?: ResourceLimits;
}

const NAMES = {
  size: true,
  share: true,
  graceMs: true,
  idleMs: true,
  resourceLimits: true,
} satisfies Record<keyof ThreadsOptions, true>;

/**
 * The options with defaults filled in.
 *
 * @internal
 */
export interface SettledOptions {
  readonly moduleHref: string;
  readonly size: number;
  readonly share: boolean;
  readonly graceMs: number;
  readonly idleMs: number;
  readonly resourceLimits: ResourceLimits | undefined;
}

/**
 * Checks the options and fills in defaults.
 *
 * @throws SchedulerError `InvalidOption`.
 *
 * @internal
 */
export function settleOptions(moduleUrl: URL | string, options: ThreadsOptions): SettledOptions {
  checkOptionNames('threads', options, NAMES);
  return {
    moduleHref: hrefOf('threads', moduleUrl),
    size: integerOption('threads', 'size', options.size ?? availableParallelism(), 1, Number.MAX_SAFE_INTEGER),
    share: options.share ?? false,
    graceMs: integerOption('threads', 'graceMs', options.graceMs ?? 1_000, 0, MAX_TIMER_MS),
    idleMs: integerOption('threads', 'idleMs', options.idleMs ?? 5_000, 0, MAX_TIMER_MS),
    resourceLimits: options.resourceLimits,
  };
}
