/** A queue's defaults for the attempts of its tasks, and its rule of preemption. */
import { SchedulerError, shown } from '../../core/failures.js';
import type { SettledListener } from '../events/event-hub.js';
import type { OnInterrupted } from '../keeping/kept-task.js';
import { checkGrace, checkRetry, checkTimeout, type RetryOptions } from './retry.js';

/**
 * The part of a queue's options that is about attempts.
 *
 * @public
 */
export interface QueuePolicy {
  /**
   * How long an attempt may take, in milliseconds from its handover to the executor. Default: no limit. An attempt that takes longer is
   * ended, and the task fails with `TaskTimedOut` unless it is retried. A task's own `timeoutMs` overrides this one.
   */
  readonly timeoutMs?: number;
  /** When a task is retried. Default: never. A task's own `retry` replaces it as a whole. */
  readonly retry?: RetryOptions;
  /**
   * How long, in milliseconds (at most 2³¹ − 1), an attempt that is cancelled, timed out or evicted has to end by itself before
   * its worker is terminated. Default: the executor's own.
   */
  readonly graceMs?: number;
  /** Called when a task of the queue has settled; see `SchedulerEvents.settled`. */
  readonly onSettled?: SettledListener;
  /**
   * Whether a full queue evicts: if a ready task is more urgent than a running one, the least urgent running task is ended and the
   * ready one starts. Of several equally urgent tasks the one that started last is evicted. Equal urgency never evicts.
   */
  readonly preempt?: boolean;
  /** The fate of an evicted task: it becomes ready again (`requeue`, the default), or fails with `TaskEvicted` (`drop`). */
  readonly onEvict?: 'requeue' | 'drop';
  /** Whether its tasks are kept in the scheduler's store, if it has one. Those without a `key` get one from their function and arguments. Default: false. */
  readonly store?: boolean;
  /** What becomes of a kept task that was running when an earlier run ended: it runs again (`retry`, the default), or fails with `TaskInterrupted`. */
  readonly onInterrupted?: OnInterrupted;
  /** Whether failures of kept tasks are kept and restored too. Default: false, a task that failed runs again. */
  readonly keepFailures?: boolean;
}

/** The names of these options. @internal */
export const POLICY_NAMES = {
  timeoutMs: true,
  retry: true,
  graceMs: true,
  onSettled: true,
  preempt: true,
  onEvict: true,
  store: true,
  onInterrupted: true,
  keepFailures: true,
} satisfies Record<keyof QueuePolicy, true>;

/** A copy of these of a queue's options, so that later changes by the user have no effect. @internal */
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
    throw new SchedulerError('InvalidOption', 'onEvict is for queues with preempt: true; other queues evict nothing');
  }
  checkFlag('store', policy.store);
  checkFlag('keepFailures', policy.keepFailures);
  checkOnInterrupted(policy.onInterrupted);
}

/** @throws SchedulerError `InvalidOption` unless it is undefined or one of the two words. @internal */
export function checkOnInterrupted(given: unknown): void {
  if (given === undefined || given === 'retry' || given === 'fail') return;
  throw new SchedulerError('InvalidOption', `onInterrupted must be retry or fail, got ${shown(given)}`);
}

function checkFlag(name: string, given: unknown): void {
  if (given === undefined || typeof given === 'boolean') return;
  throw new SchedulerError('InvalidOption', `${name} must be true or false, got ${shown(given)}`);
}

/** @throws SchedulerError `InvalidOption` unless it is undefined or a function. @internal */
export function checkListener(onSettled: unknown): void {
  if (onSettled !== undefined && typeof onSettled !== 'function') {
    throw new SchedulerError('InvalidOption', `onSettled must be a function, got ${shown(onSettled)}`);
  }
}
