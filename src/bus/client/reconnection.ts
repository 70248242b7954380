/**
 * Exponential backoff with jitter: pauses double up to a maximum, and half of each is random, so that clients that lost the same bus
 * do not reconnect all at once.
 */
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { checkInteger } from '../integer-option.js';

/**
 * How a client reconnects to its bus.
 *
 * @public
 */
export interface ReconnectOptions {
  /** Maximum of the first pause, in milliseconds: an integer from 1 to 2,147,483,647. Default: 500. */
  readonly baseMs?: number;
  /** Maximum of all pauses, in milliseconds: an integer from 1 to 2,147,483,647. Default: 30,000. */
  readonly maxMs?: number;
  /** Number of dials before giving up, at least 1; a successful registration resets the count. Default: no limit. */
  readonly attempts?: number;
}

const OPTION_NAMES = { baseMs: true, maxMs: true, attempts: true } satisfies Record<keyof ReconnectOptions, true>;

/** @throws SchedulerError `InvalidOption` for an unknown option or a value out of range. @internal */
export function checkReconnect(options: ReconnectOptions): void {
  checkOptionNames('reconnect', options, OPTION_NAMES);
  const { baseMs = 1, maxMs = 1, attempts = 1 } = options;
  checkInteger('reconnect.baseMs', baseMs, 1, MAX_TIMER_MS);
  checkInteger('reconnect.maxMs', maxMs, 1, MAX_TIMER_MS);
  checkInteger('reconnect.attempts', attempts, 1);
}

/** The pause after dial number `attempt`, from 1; `random` is from 0 to less than 1. @internal */
export function pauseMs(attempt: number, { baseMs = 500, maxMs = 30_000 }: ReconnectOptions, random: number): number {
  const longest = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return longest / 2 + (longest / 2) * random;
}
