/**
 * What a user can say of a pool of threads, checked where it is said: everything behind this file works with settled
 * options only.
 */
import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ResourceLimits } from 'node:worker_threads';
import { SchedulerError } from '../../core/failures.js';

/**
 * Options of `threads`.
 *
 * @public
 */
export interface ThreadsOptions {
  /** Most worker threads at a time, an integer from 1. Default: the available parallelism. */
  readonly size?: number;
  /**
   * Puts results and partial results that are typed arrays or `DataView`s (themselves, or nested in arrays and plain
   * objects) on shared memory, so that dependents read them without a copy. They then see each other's writes.
   * Default: false.
   */
  readonly share?: boolean;
  /**
   * How long, in milliseconds, an aborted function that asked for its signal has to end by itself before its worker is
   * terminated. A function that did not ask is terminated at once. Default: 1,000.
   */
  readonly graceMs?: number;
  /** How long, in milliseconds, a worker without work is kept for the next attempt. Default: 5,000. */
  readonly idleMs?: number;
  /** Limits of each worker's heap, stack and code, as Node's `Worker` takes them. */
  readonly resourceLimits?: ResourceLimits;
}

/**
 * The options with everything in its place.
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

// What a Node timer can wait; beyond it, it would fire at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Throws `SchedulerError` `InvalidOption` for what no pool could work with.
 *
 * @internal
 */
export function settleOptions(moduleUrl: URL | string, options: ThreadsOptions): SettledOptions {
  return {
    moduleHref: hrefOf(moduleUrl),
    size: integer('size', options.size ?? availableParallelism(), 1, Number.MAX_SAFE_INTEGER),
    share: options.share ?? false,
    graceMs: integer('graceMs', options.graceMs ?? 1_000, 0, MAX_TIMER_MS),
    idleMs: integer('idleMs', options.idleMs ?? 5_000, 0, MAX_TIMER_MS),
    resourceLimits: options.resourceLimits,
  };
}

function hrefOf(moduleUrl: URL | string): string {
  if (moduleUrl instanceof URL) return moduleUrl.href;
  if (isAbsolute(moduleUrl)) return pathToFileURL(moduleUrl).href;
  if (URL.canParse(moduleUrl)) return moduleUrl;
  throw new SchedulerError(
    'InvalidOption',
    `threads(): expected the URL or the absolute path of a module, got ${JSON.stringify(moduleUrl)}; ` +
      'new URL(…, import.meta.url) makes one of a relative path',
  );
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SchedulerError(
    'InvalidOption',
    `threads(): expected ${name} to be an integer from ${least} to ${most}, got ${String(value)}`,
  );
}
