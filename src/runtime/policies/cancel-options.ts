/** What can be said when a task is cancelled. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { checkGrace } from './retry.js';

/**
 * How a task is cancelled.
 *
 * @public
 */
export interface CancelOptions {
  /** Becomes the `reason` of the outcome and of the attempt's signal. */
  readonly reason?: unknown;
  /** Cancel what depends on it as well, near and far, instead of letting it fail with `DependencyFailed`. */
  readonly downstream?: boolean;
  /**
   * Cancel its inputs as well, near and far, as far as nothing else needs them: no unsettled task depends on them, and nobody waits
   * for their end or reads their partial results.
   */
  readonly orphans?: boolean;
  /**
   * How long, in milliseconds (at most 2³¹ − 1), a running attempt has to end by itself before its worker is terminated; what its queue or
   * executor says when not given.
   */
  readonly graceMs?: number;
}

const NAMES = { reason: true, downstream: true, orphans: true, graceMs: true } satisfies Record<
  keyof CancelOptions,
  true
>;

/**
 * Reads what `cancel` was given: a plain object is options, anything else the reason.
 *
 * @throws SchedulerError `InvalidOption`, naming what is wrong.
 * @internal
 */
export function cancelOptionsOf(given: unknown): CancelOptions {
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) {
    return { reason: given };
  }
  const options: unknown = given;
  checkOptionNames('cancel', options, NAMES);
  const { downstream, orphans, graceMs } = options;
  if (downstream !== undefined && typeof downstream !== 'boolean') {
    throw new SchedulerError('InvalidOption', `downstream must be true or false, got ${shown(downstream)}`);
  }
  if (orphans !== undefined && typeof orphans !== 'boolean') {
    throw new SchedulerError('InvalidOption', `orphans must be true or false, got ${shown(orphans)}`);
  }
  checkGrace(graceMs);
  return given;
}
