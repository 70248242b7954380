/**
 * The interfaces through which the core and the runtime use the outside: executors run attempts, a turn says when a burst of
 * submissions has ended, an environment has the clock and chance. Each adapter implements one of them; none knows the scheduler.
 */
import type { TaskContext } from './task-context.js';
import type { TraceScope } from './trace-headers.js';

/**
 * Any function that can be submitted.
 *
 * @public
 */
export type TaskFunction = (...args: never[]) => unknown;

/**
 * One attempt at a task, as an executor sees it. The executor reports by calling `partial` any number of times and then
 * `done` or `failed` exactly once, also after `abort`; later reports are ignored. It may report from within `run`.
 *
 * @public
 */
export interface Attempt extends TaskContext {
  readonly fn: TaskFunction;
  /** The arguments with every handle replaced by its value. */
  readonly args: readonly unknown[];
  /** Whether `fn` returns an iterable (sync or async) whose values are the partial results. */
  readonly stream: boolean;
  /**
   * What identifies its work in every run with the same store; undefined unless the scheduler keeps the task in a store. `fn` is the
   * fingerprint of the function.
   */
  readonly kept?: { readonly key: string; readonly fn: string } | undefined;
  /** How many partial results earlier attempts have delivered, which are ignored when they are reported again. */
  readonly deliveredBefore?: number;
  /** Whether to ask for the next partial result only after the promise returned by `partial` has resolved. */
  readonly isPaced?: boolean;
  /** Where the scheduler is traced: every call into the function, a generator's `next` included, goes through it on this thread. */
  readonly scope?: TraceScope | undefined;
  /**
   * To be called directly before the function. Returns false if it must not be called any more, because the scheduler was stopped or
   * closed after the attempt was handed over; the attempt has then ended, and is not reported on.
   */
  begins?(): boolean;
  /**
   * Reports the next partial result. If it returns a promise, the executor asks the function for more only after that has
   * resolved, as it also does when the attempt is aborted.
   */
  partial(value: unknown): void | PromiseLike<void>;
  /** Reports that the function returned `value` (a stream: that it ended; the value is ignored). Frees the slot. */
  done(value: unknown): void;
  /** Reports that the function threw, or that the attempt could not be run or was aborted. Frees the slot. */
  failed(error: unknown): void;
}

/**
 * Runs attempts. An executor may serve several queues. It need not limit the number of attempts: the scheduler starts no more
 * than a queue has slots.
 *
 * @public
 */
export interface Executor {
  /** Short name for messages: `inline`, `threads`, `processes`. */
  readonly name: string;
  /** Whether it also runs commands, which `queue.run` and `queue.lines` submit. */
  readonly runsCommands?: boolean;
  /**
   * Whether attempts that end in the same turn of microtasks are settled together: first all of them, then the starts they make
   * room for. That is cheaper when many end at once, and the next start is selected with all of them settled. Without it, an end
   * and everything that follows from it is handled before `done` or `failed` returns.
   */
  readonly endsTogether?: boolean;
  /** Throws a `SchedulerError` at submission if `fn` cannot run here. */
  accept?(fn: TaskFunction): void;
  /** Begins the attempt. Must not throw: errors are reported by `attempt.failed`. */
  run(attempt: Attempt): void;
  /**
   * Ends the attempt, whose outcome is no longer wanted, as soon as possible, and reports its end as always. If that takes
   * terminating its worker, the function first has `graceMs` milliseconds to end by itself; by default the executor's own bound.
   */
  abort(attempt: Attempt, reason: unknown, graceMs?: number): void;
  /**
   * Tells the executor, before its first attempt, the id of its scheduler's store: attempts of an earlier scheduler with that store may
   * be under way.
   */
  resumes?(storeId: string): void;
  /**
   * Calls `changed` with the number of attempts that the executor can run at once, as soon as it is known and whenever it changes: for
   * executors whose workers come and go. A queue follows it with `concurrency: 'workers'`.
   */
  watchSlots?(changed: (slots: number) => void): void;
  /** Releases everything the executor holds. Called once, when nothing runs any more. */
  close(): Promise<void>;
}

/**
 * Calls `callback` when the current burst of submissions has ended: in a microtask in production, on command in simulation.
 *
 * @internal
 */
export type Turn = (callback: () => void) => void;

/**
 * Time, for timeouts and pauses.
 *
 * @internal
 */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now or somewhat later. Returns a function that prevents that. */
  after(delayMs: number, callback: () => void): () => void;
}

/**
 * Is told when the event loop has nothing left to do, so that the process would end.
 *
 * @internal
 */
export interface LoopMember {
  loopEnds(): void;
}

/**
 * The clock, chance, and the end of the event loop.
 *
 * @internal
 */
export interface Environment {
  readonly clock: Clock;
  /** Calls `loopEnds` of the member whenever the event loop has nothing left to do. Does not keep the member alive. */
  readonly watchLoop?: ((member: LoopMember) => void) | undefined;
  /** A number from 0 to less than 1, uniformly distributed. */
  random(): number;
}
