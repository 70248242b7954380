/** Retries: which failures are retried, how often and after which pause; and the checks of times. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';

/**
 * When a task whose attempt failed or timed out is retried. Evictions do not count as attempts here.
 *
 * @public
 */
export interface RetryOptions {
  /** Maximum number of failed attempts, including the first: an integer from 1. */
  readonly attempts: number;
  /** Pause before the second attempt, in milliseconds. Default: 0. */
  readonly backoffMs?: number;
  /** Ratio of each further pause to the one before, at least 1. Default: 2. */
  readonly factor?: number;
  /** The longest pause, in milliseconds. Default: one day. */
  readonly maxBackoffMs?: number;
  /** The share of each pause that is random, from 0 (the default) to 1: a pause is shortened by up to that share. */
  readonly jitter?: number;
  /**
   * Whether to retry after that error. Default: after every error. `attempt` is the number of the failed attempt, from 1. If the
   * function throws, the task fails with that error; if it returns a promise, the task fails with `InvalidArgument`.
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

/** @throws SchedulerError `InvalidOption` unless it is undefined or a delay that timers support. @internal */
export function checkGrace(graceMs: unknown): void {
  checkRange('graceMs', graceMs, 0, MAX_TIMER_MS);
}

/** @throws SchedulerError `InvalidOption` unless it is undefined or a finite time of more than 0. @internal */
export function checkTimeout(timeoutMs: unknown): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === 'number' && Number.isFinite(timeoutMs) && timeoutMs > 0) return;
  const message = `timeoutMs must be a finite number greater than 0, got ${shown(timeoutMs)}`;
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
