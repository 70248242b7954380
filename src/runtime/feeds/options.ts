/** The options of `queue.from`: their types, their checks and their defaults. */
import { type FeedFailure, SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { refusal } from '../../core/refusal.js';
import { isThenable } from '../../core/user-value.js';
import type { Handle } from '../tasks/handle.js';
import type { Items } from './source.js';
import { checkSubmitOptions, type HandleOf, type SubmitOptions } from '../submission/submit-options.js';

/**
 * The effect of a failure on its feed: it takes nothing more (`stop`), or goes on (`continue`).
 *
 * @public
 */
export type OnFeedError = 'stop' | 'continue';

/**
 * Adds items to a feed, to be taken before what its source has left; those added last come first. Only the iterable is kept.
 *
 * @returns whether they will be taken: false once the feed is about to end.
 * @throws SchedulerError `InvalidArgument` for a value that is not iterable.
 * @public
 */
export type AddItems<I> = (items: Items<I>) => boolean;

/**
 * The options of `queue.from`.
 *
 * @public
 */
export interface FeedOptions<I, R> {
  /**
   * Called with each result once, in the order in which the tasks are done, one at a time: if it returns a promise, the next call
   * waits until that has settled. `add` is the feed's own.
   */
  readonly onResult?: (value: R, item: I, index: number, add: AddItems<I>) => unknown;
  /** Whether `done()` resolves with the results. Default: if neither `onResult` nor a reader takes them. */
  readonly collect?: boolean;
  /**
   * How many items are taken beyond those for which the queue has slots: an integer from 0. Default: as many as the slots, at most
   * 1,000. An item counts from the moment it is taken until its result has been handed over.
   */
  readonly ahead?: number;
  /**
   * The effect of a failure. Default: `stop`. A function is called once with each failure; the feed goes on unless it returns
   * `stop`. It must answer synchronously: a promise counts as a failure of its own, and stops the feed.
   */
  readonly onError?: OnFeedError | ((failure: FeedFailure<I>) => OnFeedError | undefined);
  /** The options of the items' tasks: the same for all, or by item. */
  readonly task?: SubmitOptions | ((item: I, index: number) => SubmitOptions);
  /** Cancels the feed when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * The result of a task whose function returns `R`.
 *
 * @public
 */
export type ResultOf<R> = HandleOf<R> extends Handle<infer T> ? T : never;

/** Upper bound of the default of `ahead`, and its value for a queue of unlimited concurrency. */
const MOST_AHEAD = 1_000;

/** The window of a feed: how many items may be taken and not yet handed over. @internal */
export function windowOf(concurrency: number, ahead: number | undefined): number {
  const slots = concurrency === Number.POSITIVE_INFINITY ? 0 : concurrency;
  const more = ahead ?? Math.min(concurrency, MOST_AHEAD);
  return Math.max(1, slots + more);
}

/** The effect of a failure. Throws what `onError` throws, and `InvalidOption` if it returns a promise. @internal */
export function whatFollows<I>(onError: FeedOptions<I, never>['onError'], failure: FeedFailure<I>): OnFeedError {
  if (typeof onError !== 'function') return onError ?? 'stop';
  const answer: unknown = onError(failure);
  if (!isThenable(answer)) return answer === 'stop' ? 'stop' : 'continue';
  // Its rejection would otherwise be unhandled and end the process.
  Promise.resolve(answer).catch(() => undefined);
  refuse('onError must return stop or continue synchronously, got a promise');
}

const NAMES = {
  onResult: true,
  collect: true,
  ahead: true,
  onError: true,
  task: true,
  signal: true,
} satisfies Record<keyof FeedOptions<never, never>, true>;

/**
 * A copy of the options, checked.
 *
 * @throws SchedulerError `InvalidOption` for a value that is no object, an unknown option, or an option of the wrong type;
 * `InvalidArgument` for options that throw when they are read.
 * @internal
 */
export function checkedFeedOptions(given: FeedOptions<unknown, unknown>): FeedOptions<unknown, unknown> {
  try {
    checkOptionNames('from', given, NAMES);
    const options = { ...given };
    check(options);
    return options;
  } catch (error) {
    throw refusal('the options of from', error);
  }
}

function check(options: FeedOptions<unknown, unknown>): void {
  const { onResult, collect, ahead, onError, task, signal } = options;
  if (onResult !== undefined && typeof onResult !== 'function') {
    refuse(`onResult must be a function, got ${shown(onResult)}`);
  }
  if (collect !== undefined && typeof collect !== 'boolean') {
    refuse(`collect must be true or false, got ${shown(collect)}`);
  }
  if (ahead !== undefined && !(Number.isSafeInteger(ahead) && ahead >= 0)) {
    refuse(`ahead must be an integer of at least 0, got ${shown(ahead)}`);
  }
  if (onError !== undefined && onError !== 'stop' && onError !== 'continue' && typeof onError !== 'function') {
    refuse(`onError must be stop, continue or a function, got ${shown(onError)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    refuse(`signal must be an AbortSignal, got ${shown(signal)}`);
  }
  if (typeof task === 'object' && task !== null) checkSubmitOptions(task);
  else if (task !== undefined && typeof task !== 'function') {
    refuse(`task must be the options of submit or a function, got ${shown(task)}`);
  }
}

function refuse(message: string): never {
  throw new SchedulerError('InvalidOption', message);
}
