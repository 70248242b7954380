/**
 * What can be submitted, as types and as checks: the options of a task, the form of its arguments, and the handle it gives.
 */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { checkAmount } from '../../core/order/resource-ledger.js';
import type { TaskFunction } from '../../core/ports.js';
import type { SettledListener } from '../events/event-hub.js';
import type { Handle, StreamHandle } from '../tasks/handle.js';
import { checkListener } from '../policies/queue-policy.js';
import { checkRetry, checkTimeout, type RetryOptions } from '../policies/retry.js';

/**
 * The options of `submit` and `stream`.
 *
 * @public
 */
export interface SubmitOptions {
  /** Name of the task, not empty, not beginning with `#`, unique among the tasks that have not settled. */
  readonly id?: string;
  /** What the task takes of the queue's resources from its start to its end; at most their capacity. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Keep the slot and the resources after the task is done, until a task that releases it has settled. */
  readonly hold?: boolean;
  /** Tasks submitted with `hold` that are to be let go when this task ends. Each is also a dependency. */
  readonly release?: readonly Handle<unknown>[];
  /** Tasks that must be done before this one starts, though it does not need their results. */
  readonly after?: readonly Handle<unknown>[];
  /** An integer, higher first, 0 when not given. Comes before demand order; dependencies inherit it. */
  readonly priority?: number;
  /** How many partial results the task will deliver. Only for tasks that deliver several. */
  readonly results?: number;
  /**
   * How many partial results may be there that nobody has taken: an integer from 1. The function is asked for more only when there
   * are fewer. No limit when not given. Only for tasks that deliver several.
   */
  readonly ahead?: number;
  /** Cancels the task when it aborts. */
  readonly signal?: AbortSignal;
  /** How long an attempt may take, in milliseconds: see `QueuePolicy`, which this comes before. */
  readonly timeoutMs?: number;
  /** When the task is tried again, in place of what its queue says. */
  readonly retry?: RetryOptions;
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
 * The handle that a function's return type gives: of many results for a generator, else of one.
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
        : Handle<Awaited<R>>;

/**
 * Anything whose values can be read one after the other, or a promise of it.
 *
 * @public
 */
export type Iterated<Y> = Iterable<Y> | AsyncIterable<Y> | PromiseLike<Iterable<Y> | AsyncIterable<Y>>;

/**
 * What a function is called with when `G` is submitted as an argument: the value for a handle, also inside arrays and plain
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
 * What a function is called with when `G` are submitted as its arguments.
 *
 * @public
 */
export type Values<G extends readonly unknown[]> = { [K in keyof G]: ValueOf<G[K]> };

/**
 * No restriction when `G` can be the arguments of `F`, in number and types; else nothing fits. It lets a function without
 * annotations take its parameters' types from the arguments, and still refuses one argument too many.
 *
 * @public
 */
export type Fitting<F extends TaskFunction, G> = G extends Args<Parameters<F>> ? unknown : never;

/**
 * What is delivered of a result that is `Iterated`.
 *
 * @public
 */
export type Delivered<R> =
  R extends PromiseLike<infer I> ? Delivered<I> : R extends Iterable<infer Y> | AsyncIterable<infer Y> ? Y : never;

const NAMES = {
  id: true,
  resources: true,
  hold: true,
  release: true,
  after: true,
  priority: true,
  results: true,
  ahead: true,
  signal: true,
  timeoutMs: true,
  retry: true,
  onSettled: true,
} satisfies Record<keyof SubmitOptions, true>;

/** @throws SchedulerError `InvalidOption` for an unknown option or a value that is not of its type. @internal */
export function checkSubmitOptions(options: SubmitOptions): void {
  checkOptionNames('submit', options, NAMES);
  const { id, hold, release, after, priority, results, ahead, signal } = options;
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.startsWith('#'))) {
    throw new SchedulerError(
      'InvalidOption',
      `a task's id must be a string, not empty and not beginning with #, got ${shown(id)}`,
    );
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
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new SchedulerError('InvalidOption', `signal must be an AbortSignal, got ${shown(signal)}`);
  }
  checkTimeout(options.timeoutMs);
  if (options.retry !== undefined) checkRetry(options.retry);
  checkListener(options.onSettled);
}

/** Whether calling `fn` gives a generator, sync or async. @internal */
export function isGeneratorFunction(fn: unknown): boolean {
  // What Object.prototype.toString would read, without the string that it makes.
  if (typeof fn !== 'function' || !(Symbol.toStringTag in fn)) return false;
  const tag = fn[Symbol.toStringTag];
  return tag === 'GeneratorFunction' || tag === 'AsyncGeneratorFunction';
}
