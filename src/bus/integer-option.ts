/** Validates integer options: counts, and times in milliseconds. */
import { SchedulerError, shown } from '../core/failures.js';

/** @throws SchedulerError `InvalidOption` unless `value` is an integer from `least` to `most`. @internal */
export function checkInteger(name: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range =
    most === Number.MAX_SAFE_INTEGER ? `an integer of at least ${least}` : `an integer from ${least} to ${most}`;
  throw new SchedulerError('InvalidOption', `${name} must be ${range}, got ${shown(value)}`);
}
