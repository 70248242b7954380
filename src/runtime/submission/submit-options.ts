/**
 * The types and checks of a submission: the options of a task, its arguments, and the handle that it returns.
 */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { checkAmount } from '../../core/order/resource-ledger.js';
import { checkTraceHeaders, type TraceHeaders } from '../../core/trace-headers.js';
import type { SettledListener } from '../events/event-hub.js';
import { Group } from '../group.js';
import type { Handle, StreamHandle } from '../tasks/handle.js';
import type { OnInterrupted } from '../keeping/kept-task.js';
import { checkListener, checkOnInterrupted } from '../policies/queue-policy.js';
import { checkRetry, checkTimeout, type RetryOptions } from '../policies/retry.js';

/**
 * The options of `submit` and `stream`.
 *
 * @public
 */
export interface SubmitOptions {
  /** Id of the task: not empty, not beginning with `#`, unique among the tasks that have not settled. */
  readonly id?: string;
  /** Tasks of one kind take about the same time: what is learned of durations is kept by it. Default: the function's name. */
  readonly kind?: string;
  /** The amounts of the queue's resources that the task takes from its start to its end; at most their capacity. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Keep the slot and the resources after the task is done, until a task that releases it has settled. */
  readonly hold?: boolean;
  /** Tasks submitted with `hold` that are released when this task has settled. Each is also a dependency. */
  readonly release?: readonly Handle<unknown>[];
  /** Tasks that must be done before this one starts, though it does not need their results. */
  readonly after?: readonly Handle<unknown>[];
  /** An integer, higher first. Default: 0. Takes precedence over demand order; dependencies inherit it. */
  readonly priority?: number;
  /** How many partial results the task will deliver. Only for tasks that deliver several. */
  readonly results?: number;
  /**
   * How many partial results may be there and not taken: an integer from 1. The function is asked for more only when there
   * are fewer. Default: no limit. Only for tasks that deliver several.
   */
  readonly ahead?: number;
  /** Whose rate it counts for, in a queue with `rateByKey`: a host, a tenant. */
  readonly rateKey?: string;
  /** The group that the task joins; see `scheduler.group`. */
  readonly group?: Group;
  /** Cancels the task when it aborts. */
  readonly signal?: AbortSignal;
  /** How long an attempt may take, in milliseconds. Overrides the queue's: see `QueuePolicy`. */
  readonly timeoutMs?: number;
  /** When the task is retried. Replaces the queue's `retry` as a whole. */
  readonly retry?: RetryOptions;
  /**
   * Its name in the scheduler's store, the same in every run: its outcome is kept, and restored when function, arguments and dependencies
   * are the same. Has no effect in a scheduler without a store. See docs/store.md.
   */
  readonly key?: string;
  /** Overrides the queue's `store`: `false` for a task that need not be kept or cannot be, and has no `key`; `true` for one to be kept. */
  readonly store?: boolean;
  /** Stands for the function's code in the store, in place of its text: change it when the code changes what the result is. */
  readonly version?: string | number;
  /** Overrides the queue's `onInterrupted`. */
  readonly onInterrupted?: OnInterrupted;
  /**
   * The trace context that the task belongs to: of a request, of a message. Passed on to the function (`taskContext().trace`); the parent of the
   * task's span where the scheduler is instrumented. Default there: the context that is active at the call.
   */
  readonly trace?: TraceHeaders;
  /** Called when the task has settled, before the queue's and the scheduler's listeners; see `SchedulerEvents.settled`. */
  readonly onSettled?: SettledListener;
}

type Primitive = string | number | bigint | boolean | symbol | null | undefined;
type Opaque =
  | Primitive
  | ((...args: never[]) => unknown)
  | Date
  | RegExp
  | Error
  | Promise<unknown>
  | ArrayBufferLike
  | ArrayBufferView;

/**
 * A value, or a handle of it, or an array or plain object that contains handles in place of values.
 *
 * @public
 */
export type Arg<P> =
  | P
  | Handle<P>
  | (P extends Opaque ? never : P extends object ? { readonly [K in keyof P]: Arg<P[K]> } : never);

/**
 * The arguments of a function, each of which may be a handle or contain handles.
 *
 * @public
 */
export type Args<A extends readonly unknown[]> = { [K in keyof A]: Arg<A[K]> };

type AnyGenerator = Generator<unknown, unknown, never> | AsyncGenerator<unknown, unknown, never>;

type YieldOf<R> =
  R extends Generator<infer Y, unknown, never>
    ? Y
    : R extends AsyncGenerator<infer Y, unknown, never>
      ? Awaited<Y>
      : never;

type IsAny<R> = 0 extends 1 & R ? true : false;

/**
 * The result of a task whose function returns `R`: that of the other task, if `R` is a handle.
 *
 * @public
 */
export type Followed<R> = R extends Handle<infer T> ? T : R;

/**
 * The handle for a function's return type: of many results for a generator, else of one.
 *
 * @public
 */
export type HandleOf<R> =
  IsAny<R> extends true
    ? Handle<R>
    : [R] extends [never]
      ? Handle<never>
      : [R] extends [AnyGenerator]
        ? StreamHandle<YieldOf<R>>
        : Handle<Followed<Awaited<R>>>;

/**
 * A value that can be iterated, sync or async, or a promise of one.
 *
 * @public
 */
export type Iterated<Y> = Iterable<Y> | AsyncIterable<Y> | PromiseLike<Iterable<Y> | AsyncIterable<Y>>;

/**
 * The argument that a function receives when `G` is submitted: the value in place of a handle, also inside arrays and plain
 * objects.
 *
 * @public
 */
export type ValueOf<G> =
  G extends Handle<infer T>
    ? T
    : G extends Opaque
      ? G
      : G extends object
        ? { -readonly [K in keyof G]: ValueOf<G[K]> }
        : G;

/**
 * The arguments that a function receives when `G` are submitted.
 *
 * @public
 */
export type Values<G extends readonly unknown[]> = { [K in keyof G]: ValueOf<G[K]> };

/**
 * The type of the partial results of an `Iterated` result.
 *
 * @public
 */
export type Delivered<R> =
  R extends PromiseLike<infer I> ? Delivered<I> : R extends Iterable<infer Y> | AsyncIterable<infer Y> ? Y : never;

const NAMES = {
  id: true,
  kind: true,
  resources: true,
  hold: true,
  release: true,
  after: true,
  priority: true,
  results: true,
  ahead: true,
  rateKey: true,
  group: true,
  signal: true,
  timeoutMs: true,
  retry: true,
  key: true,
  store: true,
  version: true,
  onInterrupted: true,
  trace: true,
  onSettled: true,
} satisfies Record<keyof SubmitOptions, true>;

/**
 * A copy of the options, checked.
 *
 * @throws SchedulerError `InvalidOption` for an unknown option, an option of the wrong type, and one for streams where there is none.
 * @internal
 */
export function checkedSubmitOptions(given: SubmitOptions, isStream: boolean): SubmitOptions {
  // Names first: what is no object has no copy.
  checkOptionNames('submit', given, NAMES);
  const options: SubmitOptions = { ...given };
  checkSubmitOptions(options);
  const several = options.ahead === undefined ? 'results' : 'ahead';
  if (options[several] !== undefined && !isStream) {
    throw new SchedulerError(
      'InvalidOption',
      `${several} is for tasks that deliver several: a generator function, or queue.stream`,
    );
  }
  return options;
}

/** @throws SchedulerError `InvalidOption` for an unknown option or an option of the wrong type. @internal */
export function checkSubmitOptions(options: SubmitOptions): void {
  checkOptionNames('submit', options, NAMES);
  const { id, hold, release, after, priority, results, ahead, signal } = options;
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.startsWith('#'))) {
    throw new SchedulerError(
      'InvalidOption',
      `a task's id must be a string, not empty and not beginning with #, got ${shown(id)}`,
    );
  }
  const { kind } = options;
  if (kind !== undefined && (typeof kind !== 'string' || kind === '')) {
    throw new SchedulerError('InvalidOption', `a kind must be a string that is not empty, got ${shown(kind)}`);
  }
  if (hold !== undefined && typeof hold !== 'boolean') {
    throw new SchedulerError('InvalidOption', `hold must be true or false, got ${shown(hold)}`);
  }
  if ((release !== undefined && !Array.isArray(release)) || (after !== undefined && !Array.isArray(after))) {
    throw new SchedulerError('InvalidOption', 'release and after take arrays of handles');
  }
  if (priority !== undefined && !Number.isSafeInteger(priority)) {
    throw new SchedulerError('InvalidOption', `a priority must be an integer, got ${shown(priority)}`);
  }
  if (results !== undefined) {
    checkAmount(results, 'the number of results');
    if (!Number.isSafeInteger(results)) {
      throw new SchedulerError('InvalidOption', `the number of results must be an integer, got ${results}`);
    }
  }
  if (ahead !== undefined && !(Number.isSafeInteger(ahead) && ahead >= 1)) {
    throw new SchedulerError('InvalidOption', `ahead must be an integer of at least 1, got ${shown(ahead)}`);
  }
  if (options.rateKey !== undefined && typeof options.rateKey !== 'string') {
    throw new SchedulerError('InvalidOption', `rateKey must be a string, got ${shown(options.rateKey)}`);
  }
  if (options.group !== undefined && !(options.group instanceof Group)) {
    throw new SchedulerError('InvalidOption', `group must be made by scheduler.group(), got ${shown(options.group)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new SchedulerError('InvalidOption', `signal must be an AbortSignal, got ${shown(signal)}`);
  }
  const { key, store, version } = options;
  if (store !== undefined && typeof store !== 'boolean') {
    throw new SchedulerError('InvalidOption', `store must be true or false, got ${shown(store)}`);
  }
  if (store === false && key !== undefined) {
    throw new SchedulerError('InvalidOption', `a task with store: false is not kept and has no key, got ${shown(key)}`);
  }
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw new SchedulerError('InvalidOption', `a key must be a string that is not empty, got ${shown(key)}`);
  }
  if (version !== undefined && typeof version !== 'string' && typeof version !== 'number') {
    throw new SchedulerError('InvalidOption', `a version must be a string or a number, got ${shown(version)}`);
  }
  checkOnInterrupted(options.onInterrupted);
  checkTimeout(options.timeoutMs);
  if (options.retry !== undefined) checkRetry(options.retry);
  if (options.trace !== undefined) checkTraceHeaders(options.trace);
  checkListener(options.onSettled);
}

/** Whether calling `fn` returns a generator, sync or async. @internal */
export function isGeneratorFunction(fn: unknown): boolean {
  // The property that Object.prototype.toString reads, without the string that it makes.
  if (typeof fn !== 'function' || !(Symbol.toStringTag in fn)) return false;
  const tag = fn[Symbol.toStringTag];
  return tag === 'GeneratorFunction' || tag === 'AsyncGeneratorFunction';
}
