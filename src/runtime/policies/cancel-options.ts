/** The options of `cancel`: their types and their checks. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { refusal } from '../../core/refusal.js';
import { checkGrace } from './retry.js';

/**
 * How a task is cancelled.
 *
 * @public
 */
export interface CancelOptions {
  /** Becomes the `reason` of the outcome and of the attempt's signal. */
  readonly reason?: unknown;
  /** Cancel its dependents as well, near and far, instead of letting them fail with `DependencyFailed`. */
  readonly downstream?: boolean;
  /**
   * Cancel its inputs as well, near and far, unless something else needs them: an unsettled task that depends on them, a caller
   * who waits for their end, or a reader of their partial results.
   */
  readonly orphans?: boolean;
  /**
   * How long, in milliseconds (at most 2³¹ − 1), a running attempt has to end by itself before its worker is terminated. Default: the
   * queue's `graceMs`, else the executor's.
   */
  readonly graceMs?: number;
}

const NAMES = { reason: true, downstream: true, orphans: true, graceMs: true } satisfies Record<
  keyof CancelOptions,
  true
>;

/**
 * Reads the argument of `cancel`: a plain object is options, any other value the reason.
 *
 * @throws SchedulerError `InvalidOption`, naming what is wrong.
 * @internal
 */
export function cancelOptionsOf(given: unknown): CancelOptions {
  try {
    return read(given);
  } catch (error) {
    throw refusal('the options of cancel', error);
  }
}

function read(given: unknown): CancelOptions {
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) {
    return { reason: given };
  }
  checkOptionNames('cancel', given, NAMES);
  const options: Readonly<Record<string, unknown>> = { ...given };
  const { downstream, orphans, graceMs } = options;
  if (downstream !== undefined && typeof downstream !== 'boolean') {
    throw new SchedulerError('InvalidOption', `downstream must be true or false, got ${shown(downstream)}`);
  }
  if (orphans !== undefined && typeof orphans !== 'boolean') {
    throw new SchedulerError('InvalidOption', `orphans must be true or false, got ${shown(orphans)}`);
  }
  checkGrace(graceMs);
  return options;
}
