/**
 * What the core and the runtime ask of the outside, and nothing of how it is done: executors run attempts, a turn port
 * says when a burst of submissions is over. Every adapter implements one of these; none of them knows the scheduler.
 */
import type { TaskContext } from './task-context.js';

/**
 * Any function that can be submitted.
 *
 * @public
 */
export type TaskFunction = (...args: never[]) => unknown;

/**
 * One attempt at a task, as an executor sees it. The executor reports by calling `partial` any number of times and then
 * `done` or `failed` exactly once, also after `abort`; whatever it reports after that is ignored. It may report from
 * within `run`.
 *
 * @public
 */
export interface Attempt extends TaskContext {
  readonly fn: TaskFunction;
  /** The arguments with every handle replaced by its value. */
  readonly args: readonly unknown[];
  /** Whether `fn` returns an iterable (sync or async) whose values are the partial results. */
  readonly stream: boolean;
  /** Whether the function is not to be asked for its next partial result before what `partial` returned has resolved. */
  readonly isPaced?: boolean;
  /**
   * The next partial result. Where it returns a promise, the executor waits for that before it asks the function for more; it
   * resolves also when the attempt is aborted.
   */
  partial(value: unknown): void | PromiseLike<void>;
  /** The function returned `value` (of a stream: it came to its end, the value is ignored). Frees the slot. */
  done(value: unknown): void;
  /** The function threw, or the attempt could not be run or was aborted. Frees the slot. */
  failed(error: unknown): void;
}

/**
 * Runs attempts. An executor may serve several queues; it never queues on behalf of the scheduler, which starts no more
 * than a queue has slots.
 *
 * @public
 */
export interface Executor {
  /** Short name for messages: `inline`, `threads`, `processes`. */
  readonly name: string;
  /** Whether it runs commands too: what `queue.run` and `queue.lines` submit. */
  readonly runsCommands?: boolean;
  /**
   * Whether attempts that end in the same turn of microtasks are seen to together: first all their ends, then what these make
   * room for. Where many end at once that is cheaper, and the next start is selected by what is known of all of them. Without
   * it an end is seen to, with all that it leads to, before `done` or `failed` returns.
   */
  readonly endsTogether?: boolean;
  /** Throws a `SchedulerError` at submission when `fn` cannot run here. */
  accept?(fn: TaskFunction): void;
  /** Begins the attempt. Must not throw: what goes wrong is reported by `attempt.failed`. */
  run(attempt: Attempt): void;
  /**
   * The attempt's outcome is no longer wanted: end it as soon as can be, then report its end as always. Where its worker has to
   * be terminated for that, the function has `graceMs` milliseconds to end by itself; the executor's own bound when not given.
   */
  abort(attempt: Attempt, reason: unknown, graceMs?: number): void;
  /** Frees what the executor holds. Called once, when nothing runs any more. */
  close(): Promise<void>;
}

/**
 * Runs `callback` when the present burst of submissions is over: a microtask in production, on command in simulation.
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
  /** Calls `callback` once, `delayMs` from now or somewhat later. Returns what prevents it. */
  after(delayMs: number, callback: () => void): () => void;
}

/**
 * What the runtime takes from its environment besides executors.
 *
 * @internal
 */
export interface Environment {
  readonly clock: Clock;
  /** A number from 0 to less than 1, any as likely as any other. */
  random(): number;
}
