/** What holds for all tasks of a queue that do not say otherwise, and what the queue does when it is full. */
import { SchedulerError, shown } from '../../core/failures.js';
import type { SettledListener } from '../events/event-hub.js';
import { checkGrace, checkRetry, checkTimeout, type RetryOptions } from './retry.js';

/**
 * The part of a queue's options that is about attempts.
 *
 * @public
 */
export interface QueuePolicy {
  /**
   * How long an attempt may take, in milliseconds from when its executor is given it; without limit when not given. One that takes longer is ended, and
   * the task fails with `TaskTimedOut` unless it is tried again. A task's own `timeoutMs` comes before this one.
   */
  readonly timeoutMs?: number;
  /** When a task is tried again; never when not given. A task's own `retry` takes its place as a whole. */
  readonly retry?: RetryOptions;
  /**
   * How long, in milliseconds, an attempt that is ended before its time (cancelled, timed out, evicted) has to end by itself
   * before its worker is terminated, at most 2³¹ − 1; the executor's own bound when not given.
   */
  readonly graceMs?: number;
  /** Called when a task of the queue has settled; see `SchedulerEvents.settled`. */
  readonly onSettled?: SettledListener;
  /**
   * When the queue is full and a ready task is more urgent than one that is running: end the least urgent one and let the
   * other start. Of several that are equally urgent the one that started last goes. Equal urgency never evicts.
   */
  readonly preempt?: boolean;
  /** What becomes of an evicted task: it waits to be started again (`requeue`, the default), or fails with `TaskEvicted` (`drop`). */
  readonly onEvict?: 'requeue' | 'drop';
}

/** The names of these options. @internal */
export const POLICY_NAMES = {
  timeoutMs: true,
  retry: true,
  graceMs: true,
  onSettled: true,
  preempt: true,
  onEvict: true,
} satisfies Record<keyof QueuePolicy, true>;

/** Only these of a queue's options, as they were when the queue was added. @internal */
export function policyOf(options: QueuePolicy): QueuePolicy {
  const names = Object.keys(POLICY_NAMES).filter(isPolicyName);
  const policy: QueuePolicy = Object.fromEntries(
    names.filter((name) => name in options).map((name) => [name, options[name]]),
  );
  return policy.retry === undefined ? policy : { ...policy, retry: { ...policy.retry } };
}

function isPolicyName(name: string): name is keyof QueuePolicy {
  return Object.hasOwn(POLICY_NAMES, name);
}

/** @throws SchedulerError `InvalidOption`, naming what is wrong. @internal */
export function checkPolicy(policy: QueuePolicy): void {
  const { timeoutMs, retry, graceMs, onSettled, preempt, onEvict } = policy;
  checkTimeout(timeoutMs);
  if (retry !== undefined) checkRetry(retry);
  checkGrace(graceMs);
  checkListener(onSettled);
  if (preempt !== undefined && typeof preempt !== 'boolean') {
    throw new SchedulerError('InvalidOption', `preempt must be true or false, got ${shown(preempt)}`);
  }
  if (onEvict !== undefined && onEvict !== 'requeue' && onEvict !== 'drop') {
    throw new SchedulerError('InvalidOption', `onEvict must be requeue or drop, got ${shown(onEvict)}`);
  }
  if (onEvict !== undefined && preempt !== true) {
    throw new SchedulerError('InvalidOption', 'onEvict is for queues with preempt: true; others evict nothing');
  }
}

/** @throws SchedulerError `InvalidOption` unless it is undefined or a function. @internal */
export function checkListener(onSettled: unknown): void {
  if (onSettled !== undefined && typeof onSettled !== 'function') {
    throw new SchedulerError('InvalidOption', `onSettled must be a function, got ${shown(onSettled)}`);
  }
}
