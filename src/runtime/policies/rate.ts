/** The options of rate limits, and their checks. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';

/**
 * How often attempts may start: a token bucket. It holds `burst` starts when full, and regains one every `intervalMs / limit`
 * milliseconds. So in any interval at most `limit + burst - 1` attempts start, and with the default burst they are evenly spaced.
 *
 * @public
 */
export interface RateOptions {
  /** How many attempts may start per interval, in the long run: an integer from 1. */
  readonly limit: number;
  /** The interval, in milliseconds: a finite number greater than 0. */
  readonly intervalMs: number;
  /** How many attempts may start at once after a time without any: an integer from 1. Default: 1. */
  readonly burst?: number;
}

const NAMES = { limit: true, intervalMs: true, burst: true } satisfies Record<keyof RateOptions, true>;

/** @throws SchedulerError `InvalidOption` unless `rate` is undefined or a rate; `option` is its name. @internal */
export function checkRate(option: string, rate: unknown): asserts rate is RateOptions | undefined {
  if (rate === undefined) return;
  checkOptionNames(option, rate, NAMES);
  const { limit, intervalMs, burst = 1 } = rate;
  for (const [name, count] of [
    ['limit', limit],
    ['burst', burst],
  ] as const) {
    if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 1) continue;
    throw new SchedulerError(
      'InvalidOption',
      `${option}.${name} must be an integer of at least 1, got ${shown(count)}`,
    );
  }
  if (typeof intervalMs === 'number' && Number.isFinite(intervalMs) && intervalMs > 0) return;
  const message = `${option}.intervalMs must be a finite number greater than 0, got ${shown(intervalMs)}`;
  throw new SchedulerError('InvalidOption', message);
}
