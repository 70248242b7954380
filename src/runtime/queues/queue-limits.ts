/** The limits of a queue that may change while it runs, and their checks. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { checkAmount } from '../../core/order/resource-ledger.js';

/**
 * The limits of a queue that `queue.set` changes.
 *
 * @public
 */
export interface QueueLimits {
  /** How many tasks run at once: an integer from 1, or `Infinity`. */
  readonly concurrency?: number;
  /** Capacities by name, finite numbers from 0. A name that is new adds a resource; resources that are not named keep theirs. */
  readonly resources?: Readonly<Record<string, number>>;
}

const NAMES = { concurrency: true, resources: true } satisfies Record<keyof QueueLimits, true>;

/** @throws SchedulerError `InvalidOption`. @internal */
export function checkSettableLimits(name: string, limits: QueueLimits): void {
  checkOptionNames('queue.set', limits, NAMES);
  checkLimits(name, limits);
}

/** @throws SchedulerError `InvalidOption`. @internal */
export function checkLimits(
  name: string,
  { concurrency, resources }: { readonly [Limit in keyof QueueLimits]: QueueLimits[Limit] | undefined },
): void {
  checkCount(name, 'concurrency', concurrency);
  if (resources !== undefined && (typeof resources !== 'object' || resources === null)) {
    const message = `the resources of queue ${name} must be an object of capacities, got ${shown(resources)}`;
    throw new SchedulerError('InvalidOption', message, { queue: name });
  }
  for (const [resource, capacity] of Object.entries(resources ?? {}))
    checkAmount(capacity, `the capacity of resource ${resource}`);
}

/** @throws SchedulerError `InvalidOption` unless `count` is undefined, a positive integer or infinite. @internal */
export function checkCount(name: string, option: string, count: unknown): void {
  const isCount =
    count === Number.POSITIVE_INFINITY || (typeof count === 'number' && Number.isSafeInteger(count) && count >= 1);
  if (count === undefined || isCount) return;
  const what = `the ${option} of queue ${name} must be an integer of at least 1, or Infinity`;
  throw new SchedulerError('InvalidOption', `${what}, got ${shown(count)}`, { queue: name });
}
