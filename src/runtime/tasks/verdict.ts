/** What follows from a failed attempt: another one, by the task's retry policy or its queue's, or the failure of the task. */
import type { Environment } from '../../core/ports.js';
import { answerOf } from '../../core/user-value.js';
import { pauseMs } from '../policies/retry.js';
import type { TaskRecord } from './task-record.js';

/** The error that counts and, where another attempt follows, after how many milliseconds. @internal */
export interface Verdict {
  readonly error: unknown;
  readonly retryInMs?: number;
}

/** The parts of the runtime that a verdict depends on. @internal */
export interface VerdictPort {
  readonly environment: Environment;
  /** Whether the scheduler is closing: it starts nothing more. */
  readonly isClosing: () => boolean;
}

/** The verdict on the attempt under way, which is counted as a failure. @internal */
export function verdictOn(record: TaskRecord, error: unknown, { environment, isClosing }: VerdictPort): Verdict {
  const retry = record.extras?.retry ?? record.queue.policy.retry;
  if (retry === undefined || isClosing()) return { error };
  record.failures += 1;
  if (record.failures >= retry.attempts) return { error };
  try {
    if (retry.when !== undefined && !answerOf('retry.when', retry.when(error, record.attempt))) return { error };
  } catch (ofWhen) {
    return { error: ofWhen };
  }
  return { error, retryInMs: pauseMs(retry, record.failures, () => environment.random()) };
}
