/**
 * How a task waits for another participant: its attempt fails with `ClaimedElsewhere`, and the retry policy of the shared queue tries
 * again after a pause. During the pause it takes no slot, can be cancelled, and does not delay `stop()`.
 */
import { SchedulerError, TaskTimedOut } from '../core/failures.js';
import type { RetryOptions } from '../runtime/policies/retry.js';

/** The first pause; each further one is twice as long, up to `checkMs`. */
const FIRST_PAUSE_MS = 50;

/** The failure of an attempt whose task another participant has claimed. @internal */
export function claimedElsewhere(id: string): SchedulerError {
  const message =
    `task ${id} is claimed by another participant; the retry policy of its queue waits for it, ` +
    'so a shared task must not have a retry policy of its own';
  return new SchedulerError('ClaimedElsewhere', message, { tasks: [id] });
}

/**
 * The retry policy of a shared queue: checks again on tasks claimed elsewhere, without limit. An attempt that timed out or failed
 * provisionally may be followed by another, here or elsewhere.
 *
 * @internal
 */
export function retryWhileElsewhere(checkMs: number, attempts: number, isProvisional: () => boolean): RetryOptions {
  return {
    attempts: Number.MAX_SAFE_INTEGER,
    backoffMs: Math.min(FIRST_PAUSE_MS, checkMs),
    maxBackoffMs: checkMs,
    factor: 2,
    when: (error) =>
      isProvisional() ||
      (error instanceof SchedulerError && error.code === 'ClaimedElsewhere') ||
      (error instanceof TaskTimedOut && attempts > 1),
  };
}
