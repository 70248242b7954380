/**
 * When to try again: each pause up to twice as long as the one before, half of it by chance, so that many who lost the same bus do not
 * come back all at once.
 */
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { checkInteger } from '../integer-option.js';

/**
 * How a client comes back to its bus.
 *
 * @public
 */
export interface ReconnectOptions {
  /** The longest first pause, in milliseconds, an integer from 1 to 2,147,483,647; 500. */
  readonly baseMs?: number;
  /** The longest of all pauses, in milliseconds, an integer from 1 to 2,147,483,647; 30,000. */
  readonly maxMs?: number;
  /** How often to dial before giving up, an integer from 1; without end when not given. A connection begins the count anew. */
  readonly attempts?: number;
}

const OPTION_NAMES = { baseMs: true, maxMs: true, attempts: true } satisfies Record<keyof ReconnectOptions, true>;

/** @throws SchedulerError `InvalidOption` for what is no pause or no number of attempts. @internal */
export function checkReconnect(options: ReconnectOptions): void {
  checkOptionNames('reconnect', options, OPTION_NAMES);
  const { baseMs = 1, maxMs = 1, attempts = 1 } = options;
  checkInteger('reconnect.baseMs', baseMs, 1, MAX_TIMER_MS);
  checkInteger('reconnect.maxMs', maxMs, 1, MAX_TIMER_MS);
  checkInteger('reconnect.attempts', attempts, 1);
}

/** How long to pause before attempt number `attempt`, from 1. @internal */
export function pauseMs(attempt: number, { baseMs = 500, maxMs = 30_000 }: ReconnectOptions, random: number): number {
  const longest = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return longest / 2 + (longest / 2) * random;
}
