/** What is tried again, how often, and after which pause. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';

/**
 * When a task whose attempt failed or timed out is tried again. Evictions do not count as attempts here.
 *
 * @public
 */
export interface RetryOptions {
  /** Most attempts that may fail, the first one included: an integer from 1. */
  readonly attempts: number;
  /** Pause before the second attempt, in milliseconds; 0 when not given. */
  readonly backoffMs?: number;
  /** Each further pause is so many times as long as the one before; 2 when not given, at least 1. */
  readonly factor?: number;
  /** The longest pause, in milliseconds; one day when not given. */
  readonly maxBackoffMs?: number;
  /** The share of each pause that is left to chance, from 0 (none, the default) to 1: so much of it may be left out. */
  readonly jitter?: number;
  /**
   * Whether that error is worth another attempt; every one is when not given. `attempt` is the number of the one that failed, from
   * 1. If it throws, the task fails with what it throws; a promise
   * is no answer, the task fails with `InvalidArgument` then.
   */
  readonly when?: (error: unknown, attempt: number) => boolean;
}

const NAMES = {
  attempts: true,
  backoffMs: true,
  factor: true,
  maxBackoffMs: true,
  jitter: true,
  when: true,
} satisfies Record<keyof RetryOptions, true>;
const DAY_MS = 86_400_000;

/** @throws SchedulerError `InvalidOption`, naming what is wrong. @internal */
export function checkRetry(retry: unknown): asserts retry is RetryOptions {
  checkOptionNames('retry', retry, NAMES);
  const { attempts, when } = retry;
  if (!Number.isSafeInteger(attempts) || typeof attempts !== 'number' || attempts < 1) {
    throw new SchedulerError(
      'InvalidOption',
      `retry.attempts must be an integer of at least 1, got ${shown(attempts)}`,
    );
  }
  checkRange('retry.backoffMs', retry.backoffMs, 0);
  checkRange('retry.factor', retry.factor, 1);
  checkRange('retry.maxBackoffMs', retry.maxBackoffMs, 0);
  checkRange('retry.jitter', retry.jitter, 0, 1);
  if (when !== undefined && typeof when !== 'function') {
    throw new SchedulerError('InvalidOption', `retry.when must be a function, got ${shown(when)}`);
  }
}

/** @throws SchedulerError `InvalidOption` unless it is undefined or a time that a timer takes. @internal */
export function checkGrace(graceMs: unknown): void {
  checkRange('graceMs', graceMs, 0, MAX_TIMER_MS);
}

/** @throws SchedulerError `InvalidOption` unless it is undefined or a time to be within. @internal */
export function checkTimeout(timeoutMs: unknown): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === 'number' && Number.isFinite(timeoutMs) && timeoutMs > 0) return;
  const message = `timeoutMs must be a finite number of more than 0, got ${shown(timeoutMs)}`;
  throw new SchedulerError('InvalidOption', message);
}

/** @throws SchedulerError `InvalidOption` unless `value` is undefined or a finite number in the range. @internal */
function checkRange(name: string, value: unknown, least: number, most = Number.POSITIVE_INFINITY): void {
  if (value === undefined) return;
  if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? `a finite number of at least ${least}` : `from ${least} to ${most}`;
  throw new SchedulerError('InvalidOption', `${name} must be ${range}, got ${shown(value)}`);
}

/**
 * The pause, in milliseconds, between the failed attempt number `failures` (not counting evictions) and the next one:
 * `backoffMs · factor^(failures − 1)`, at most `maxBackoffMs`, less a random part of it.
 *
 * @internal
 */
export function pauseMs(retry: RetryOptions, failures: number, random: () => number): number {
  const { backoffMs = 0, factor = 2, maxBackoffMs = DAY_MS, jitter = 0 } = retry;
  if (backoffMs === 0) return 0;
  const whole = Math.min(maxBackoffMs, backoffMs * factor ** (failures - 1));
  return jitter === 0 ? whole : whole * (1 - jitter * random());
}
