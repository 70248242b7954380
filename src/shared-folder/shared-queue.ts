/**
 * A queue whose tasks are shared with others. A shared task is two tasks of the scheduler: one on the queue itself, which
 * takes a slot, claims and runs, and ends at once when the task is claimed elsewhere; and one that everything else depends
 * on, which takes no slot and has the result, from here or from elsewhere. When an owner elsewhere is given up, the second
 * submits the first again.
 */
import { describe, SchedulerError } from '../core/failures.js';
import type { TaskFunction } from '../core/ports.js';
import { taskContext } from '../core/task-context.js';
import type { Handle } from '../runtime/handle.js';
import type { Queue } from '../runtime/queue.js';
import type { Args, Fitting, HandleOf, SubmitOptions, Values } from '../runtime/submission.js';
import type { Bell } from './bell.js';
import type { Claims, Seen } from './claims.js';
import { Tried } from './shared-executor.js';
import { attemptIdOf } from './task-names.js';

/**
 * The options of a shared task. Its id names the work for all participants: the same id is the same function with the same
 * arguments everywhere.
 *
 * @public
 */
export interface SharedTaskOptions extends Omit<SubmitOptions, 'hold' | 'release'> {
  readonly id: string;
}

/**
 * What a shared function gives: its result, of a generator the array of all that it delivers.
 *
 * @public
 */
export type SharedResult<R> = HandleOf<R> extends Handle<infer T> ? T : never;

/**
 * A queue whose tasks are done by one of all participants of a shared folder.
 *
 * @public
 */
export class SharedQueue {
  readonly #here: Queue;
  readonly #outcomes: Queue;
  readonly #claims: Claims;
  readonly #bell: Bell;

  /** @internal */
  constructor(here: Queue, outcomes: Queue, claims: Claims, bell: Bell) {
    this.#here = here;
    this.#outcomes = outcomes;
    this.#claims = claims;
    this.#bell = bell;
  }

  get name(): string {
    return this.#here.name;
  }

  /**
   * Submits a function as `Queue.submit` does, under a name that all participants know it by; `task` is that name, or
   * options with it. Whoever is first to start it runs it; everybody's handle gets the result.
   *
   * The task fails with what the function threw, or, where that was elsewhere, with `SharedTaskFailed`; with
   * `FolderUnavailable` or `FolderCorrupt` when the folder is no longer of use; with `NotStorable`.
   *
   * @throws SchedulerError as `Queue.submit`.
   */
  submit<G extends readonly unknown[], F extends (...args: Values<G>) => unknown>(
    task: string | SharedTaskOptions,
    fn: F & Fitting<F, G>,
    ...args: G
  ): Handle<SharedResult<ReturnType<F>>>;
  submit<A extends readonly unknown[], R>(
    task: string | SharedTaskOptions,
    fn: (...args: A) => R,
    ...args: Args<NoInfer<A>>
  ): Handle<SharedResult<R>>;
  submit(task: string | SharedTaskOptions, fn: TaskFunction, ...args: unknown[]): Handle<unknown> {
    const run = fn as (...values: unknown[]) => unknown;
    return this.share(task, (queue, options) => queue.submit(options, run, ...args));
  }

  /**
   * The same for anything that can be submitted to a queue: `start` is called with the queue and the options to submit with,
   * now, and again when the task is taken over from somebody else.
   *
   * @throws SchedulerError as `Queue.submit`, and whatever `start` throws.
   */
  share<T>(task: string | SharedTaskOptions, start: (queue: Queue, options: SubmitOptions) => Handle<T>): Handle<T> {
    const options = checked(task);
    const { id, priority, signal } = options;
    // Of the two tasks the one that users see is to be cancelled first; a signal made of another aborts after it.
    const here = { ...options, id: attemptIdOf(id), ...(signal && { signal: AbortSignal.any([signal]) }) };
    const first = start(this.#here, here);
    try {
      const outcome = (tried: unknown): Promise<T> =>
        this.#outcomeOf(id, tried, (ended) => start(this.#here, { ...here, signal: ended }));
      return this.#outcomes.submit(
        { id, ...(priority !== undefined && { priority }), ...(signal && { signal }) },
        outcome,
        first,
      );
    } catch (error) {
      first.cancel(error);
      throw error;
    }
  }

  /** `again` submits the attempt once more, to be cancelled by the signal that it is given. */
  async #outcomeOf<T>(id: string, first: unknown, again: (signal: AbortSignal) => Handle<unknown>): Promise<T> {
    const { signal } = taskContext();
    let { outcome } = triedOf(first);
    for (;;) {
      switch (outcome.kind) {
        case 'done':
          // The types are the submitter's: what is in the folder is as the codec reads it.
          return outcome.value as T;
        case 'failed':
          throw outcome.error;
        case 'elsewhere': {
          const next = await this.#bell.until(() => this.#lookAt(id, signal), signal);
          outcome = next.kind === 'open' ? triedOf(await again(signal).result()).outcome : next;
          break;
        }
        default:
          return outcome satisfies never;
      }
    }
  }

  /** Undefined as long as somebody else has it. */
  async #lookAt(id: string, signal: AbortSignal): Promise<Exclude<Seen, { kind: 'elsewhere' }> | undefined> {
    const seen = await this.#claims.look(id, () => !signal.aborted);
    return seen.kind === 'elsewhere' ? undefined : seen;
  }
}

/** What the attempt gave; of one that streams it is the only thing that it delivered. */
function triedOf(value: unknown): Tried {
  const tried: unknown = Array.isArray(value) ? value[0] : value;
  if (tried instanceof Tried) return tried;
  throw new SchedulerError('InvalidArgument', `a shared task was submitted to another queue: got ${describe(value)}`);
}

function checked(task: string | SharedTaskOptions): SharedTaskOptions {
  const options = typeof task === 'string' ? { id: task } : task;
  if (typeof options !== 'object' || options === null || typeof options.id !== 'string' || options.id === '') {
    throw new SchedulerError('InvalidOption', 'a shared task needs an id that all participants know it by');
  }
  if (Object.hasOwn(options, 'hold') || Object.hasOwn(options, 'release')) {
    throw new SchedulerError('InvalidOption', `task ${options.id} is shared: it cannot hold or release`, {
      tasks: [options.id],
    });
  }
  return options;
}
