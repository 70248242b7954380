/** What a feed can be told: the options of `queue.from`, as types and as checks. */
import { type FeedFailure, SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { isThenable } from '../../core/thenable.js';
import type { Handle } from '../tasks/handle.js';
import type { Items } from './source.js';
import { checkSubmitOptions, type HandleOf, type SubmitOptions } from '../submission/submit-options.js';

/**
 * What happens after something in a feed has failed: nothing more is taken (`stop`), or the feed goes on (`continue`).
 *
 * @public
 */
export type OnFeedError = 'stop' | 'continue';

/**
 * Adds items to a feed, to be taken before what its source has left; those added last come first. Only the iterable is kept.
 *
 * @returns whether they will be taken: not any more when the feed is about to end.
 * @throws SchedulerError `InvalidArgument` for what is not iterable.
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
   * Is given each result once, in the order in which the tasks are done, one at a time: the next when the promise that it
   * may return has settled. `add` is the feed's own.
   */
  readonly onResult?: (value: R, item: I, index: number, add: AddItems<I>) => unknown;
  /** Whether `done()` gives the results. When not given: if neither `onResult` nor a reader takes them. */
  readonly collect?: boolean;
  /**
   * How many items are taken beyond those for which the queue has slots: an integer from 0. As many as the slots when not given,
   * at most 1,000. All that is taken and not yet handed over counts.
   */
  readonly ahead?: number;
  /**
   * What follows a failure; `stop` when not given. A function is told of each failure once, and says what follows; it
   * goes on unless that is `stop`. It says so at once: a promise is a failure of its own, and stops the feed.
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

/** Most items taken ahead when nothing is said, and where slots have no bound. */
const MOST_AHEAD = 1_000;

/** How many items may be taken and not handed over. @internal */
export function windowOf(concurrency: number, ahead: number | undefined): number {
  const slots = concurrency === Number.POSITIVE_INFINITY ? 0 : concurrency;
  const more = ahead ?? Math.min(concurrency, MOST_AHEAD);
  return Math.max(1, slots + more);
}

/** What follows a failure. Throws what `onError` throws, and `InvalidOption` where it gives a promise. @internal */
export function whatFollows<I>(onError: FeedOptions<I, never>['onError'], failure: FeedFailure<I>): OnFeedError {
  if (typeof onError !== 'function') return onError ?? 'stop';
  const answer: unknown = onError(failure);
  if (!isThenable(answer)) return answer === 'stop' ? 'stop' : 'continue';
  // Nobody waits for it: how it ends must not end the process.
  Promise.resolve(answer).catch(() => undefined);
  refuse('onError must say at once what follows, got a promise');
}

const NAMES = {
  onResult: true,
  collect: true,
  ahead: true,
  onError: true,
  task: true,
  signal: true,
} satisfies Record<keyof FeedOptions<never, never>, true>;

/** @throws SchedulerError `InvalidOption` for what is no object, an unknown option or a value that is not of its type. @internal */
export function checkFeedOptions(options: FeedOptions<unknown, unknown>): void {
  checkOptionNames('from', options, NAMES);
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
