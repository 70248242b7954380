/**
 * How a task waits for somebody else to do it: its attempt fails with `ClaimedElsewhere`, and the retry policy of a shared
 * queue has it try again after a pause. In the pause it takes no slot, can be cancelled, and does not keep `stop()` waiting.
 */
import { SchedulerError, TaskTimedOut } from '../core/failures.js';
import type { RetryOptions } from '../runtime/policies/retry.js';

/** The pause after the first look; each further one is twice as long, until they are `checkMs`. */
const FIRST_PAUSE_MS = 50;

/** What an attempt fails with whose task somebody else has. @internal */
export function claimedElsewhere(id: string): SchedulerError {
  const message =
    `task ${id} is claimed by another participant; waiting for it is what the retry policy of its queue does, ` +
    'a task that is shared must not have one of its own';
  return new SchedulerError('ClaimedElsewhere', message, { tasks: [id] });
}

/**
 * The retry policy of a shared queue: looks again at what is claimed elsewhere, without end. An attempt that took too long, and
 * one whose failure is provisional, may be followed by another, here or elsewhere.
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
