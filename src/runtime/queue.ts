/** The public face of a queue: where functions are submitted. */
import { runCommand } from '../core/command.js';
import type { CommandResult } from '../core/command-result.js';
import { SchedulerError, shown } from '../core/failures.js';
import type { TaskFunction } from '../core/ports.js';
import { checkRoom, closedError } from './policies/pending-limit.js';
import { type CommandArg, type CommandOptions, parseCommand } from './submission/command-submission.js';
import type { Engine } from './engine.js';
import { Group } from './group.js';
import { Feed } from './feeds/feed.js';
import { feedPort } from './feed-port.js';
import { checkedFeedOptions, type FeedOptions, type ResultOf, windowOf } from './feeds/options.js';
import { Handle, StreamHandle } from './tasks/handle.js';
import { WHOLE } from '../core/order/graph-node.js';
import { TaskAdmission } from './submission/task-admission.js';
import { type FeedSource, ItemSource } from './feeds/source.js';
import { parseSubmission } from './submission/parse-submission.js';
import type { Fitting, Returned } from './submission/signatures.js';
import { QueueControl } from './queues/queue-control.js';
import type { QueueState } from './queues/queue-state.js';
import {
  type Args,
  type Delivered,
  type HandleOf,
  isGeneratorFunction,
  type Iterated,
  type SubmitOptions,
  type ValueOf,
  type Values,
} from './submission/submit-options.js';

/**
 * A named queue of a scheduler: a number of slots, resources, and an executor that runs what is granted a slot.
 *
 * @public
 */
export class Queue extends QueueControl {
  readonly #engine: Engine;
  readonly #state: QueueState;
  readonly #admission: TaskAdmission;
  readonly #removed: () => void;

  /** @internal */
  constructor(engine: Engine, state: QueueState, removed: () => void, group?: Group) {
    super(engine, state);
    this.#engine = engine;
    this.#removed = removed;
    this.#state = state;
    this.#admission = new TaskAdmission(engine, state, group);
  }

  /**
   * Submits a function. Handles among the arguments, also inside arrays and plain objects, are dependencies: the function
   * is called with their results once all are there. Takes effect at once; a running scheduler selects when the present
   * synchronous stretch is over, so that tasks submitted together are ranked together.
   *
   * @returns the handle of the result; for a generator function the handle of its many results.
   * @throws SchedulerError `SchedulerClosed`, `InvalidArgument`, `InvalidOption`, `DuplicateTask`, `UnknownResource`,
   * `DemandOverCapacity`, `ForeignHandle`, `NotHeld`, `QueueClosed`, `QueueFull`, or what the queue's executor has against the function. Nothing has
   * been submitted then.
   */
  submit<G extends readonly unknown[], F extends (...args: Values<G>) => unknown>(
    options: SubmitOptions,
    fn: F & Fitting<F, G>,
    ...args: G
  ): HandleOf<Returned<F, G>>;
  submit<A extends readonly unknown[], R>(
    options: SubmitOptions,
    fn: (...args: A) => R,
    ...args: Args<NoInfer<A>>
  ): HandleOf<R>;
  submit<G extends readonly unknown[], F extends (...args: Values<G>) => unknown>(
    fn: F & Fitting<F, G>,
    ...args: G
  ): HandleOf<Returned<F, G>>;
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: Args<NoInfer<A>>): HandleOf<R>;
  submit(...given: unknown[]): unknown {
    const { options, fn, args } = parseSubmission(given);
    return isGeneratorFunction(fn)
      ? this.#stream(options, fn, args)
      : new Handle(this.#admission.admit(options, fn, args, false), WHOLE);
  }

  /**
   * Like `submit`, for any function that returns something iterable: each value is delivered as a partial result.
   *
   * @throws SchedulerError as `submit`. A function that turns out to return nothing iterable fails its task.
   */
  stream<G extends readonly unknown[], F extends (...args: Values<G>) => Iterated<unknown>>(
    options: SubmitOptions,
    fn: F & Fitting<F, G>,
    ...args: G
  ): StreamHandle<Delivered<Returned<F, G>>>;
  stream<A extends readonly unknown[], Y>(
    options: SubmitOptions,
    fn: (...args: A) => Iterated<Y>,
    ...args: Args<NoInfer<A>>
  ): StreamHandle<Y>;
  stream<G extends readonly unknown[], F extends (...args: Values<G>) => Iterated<unknown>>(
    fn: F & Fitting<F, G>,
    ...args: G
  ): StreamHandle<Delivered<Returned<F, G>>>;
  stream<A extends readonly unknown[], Y>(fn: (...args: A) => Iterated<Y>, ...args: Args<NoInfer<A>>): StreamHandle<Y>;
  stream(...given: unknown[]): unknown {
    const { options, fn, args } = parseSubmission(given);
    return this.#stream(options, fn, args);
  }

  /**
   * Resolves when `count` more tasks may be submitted (one when not given), at once for a queue without a bound. Callers are
   * answered in the order in which they asked. The places are promised to the caller, to be used right after the `await`: if
   * others wait for them, those not used are given away in a later turn of the event loop. A `submit` without `room` before it may
   * take a promised place. While the scheduler is stopped, room is made only by cancelling.
   *
   * Rejects with `InvalidOption` for a count above the bound, and with `SchedulerClosed` or `QueueClosed`, also while it waits.
   */
  async room(count = 1): Promise<void> {
    checkRoom(count);
    if (this.#engine.lifecycle.isClosed) throw closedError(this.name);
    this.#state.checkIsOpen();
    await this.#state.bound?.room(count);
  }

  /**
   * Takes items from `source` as there is room for them, calls `fn` with each as a task of this queue, and hands the results over.
   * Items are taken as the window allows: the slots and the option `ahead`; and submitted one by one, oldest first, as the
   * queue's `bound` allows. So a source without end needs little memory. Handles in an item are dependencies of its task.
   * Pulling begins after the present synchronous stretch, also while the scheduler is stopped.
   *
   * @throws SchedulerError `SchedulerClosed`, `QueueClosed`, `InvalidArgument`, `InvalidOption`, or what the queue's executor has against the
   * function.
   */
  from<I, R>(
    source: FeedSource<I>,
    fn: (item: ValueOf<I>) => R,
    options?: FeedOptions<NoInfer<I>, ResultOf<R>>,
  ): Feed<I, ResultOf<R>>;
  from<I, R>(
    source: FeedSource<I>,
    fn: (item: I) => R,
    options?: FeedOptions<NoInfer<I>, ResultOf<R>>,
  ): Feed<I, ResultOf<R>>;
  from<I, F extends (item: ValueOf<I>) => unknown>(
    source: FeedSource<I>,
    fn: F,
    options?: FeedOptions<NoInfer<I>, ResultOf<Returned<F, [I]>>>,
  ): Feed<I, ResultOf<Returned<F, [I]>>>;
  from(
    source: FeedSource<unknown>,
    fn: TaskFunction,
    given: FeedOptions<unknown, unknown> = {},
  ): Feed<unknown, unknown> {
    if (this.#engine.lifecycle.isClosed) throw closedError(this.name);
    this.#state.checkIsOpen();
    if (typeof fn !== 'function') {
      throw new SchedulerError('InvalidArgument', `from takes a source and a function, got ${shown(fn)}`);
    }
    const options = checkedFeedOptions(given);
    const items = new ItemSource(source);
    this.#state.executor.accept?.(fn);
    const window = (): number => windowOf(this.concurrency, options.ahead);
    const { task } = options;
    const isStream = isGeneratorFunction(fn);
    const port = feedPort(this.#engine, this.#state, (item, index) => {
      const own = typeof task === 'function' ? task(item, index) : task;
      return () => this.#admission.admit(own, fn, [item], isStream, true);
    });
    return new Feed(port, items, window, options);
  }

  /**
   * Submits a command: a program and its arguments, which no shell reads unless `shell` is set. Handles may stand among
   * the arguments, in `env`, and for `cwd` and `stdin`; their results become text.
   *
   * @returns the handle of how it ended; the task fails with `CommandFailed` for an exit code other than 0 and for a signal.
   * @throws SchedulerError `CommandsNotSupported` where the queue's executor runs functions only, or as `submit`.
   */
  run(command: string, args?: readonly CommandArg[], how?: CommandOptions): Handle<CommandResult>;
  run(
    options: SubmitOptions,
    command: string,
    args?: readonly CommandArg[],
    how?: CommandOptions,
  ): Handle<CommandResult>;
  run(...given: unknown[]): unknown {
    const { options, args } = parseCommand('run', given, this.#state);
    return new Handle(this.#admission.admit(options, runCommand, args, false), WHOLE);
  }

  /**
   * Like `run`, and every line of the standard output, without its end, is a partial result as soon as it is printed.
   *
   * @throws SchedulerError as `run`. A line longer than `maxBytes` fails the task with `LineTooLong`.
   */
  lines(command: string, args?: readonly CommandArg[], how?: CommandOptions): StreamHandle<string>;
  lines(
    options: SubmitOptions,
    command: string,
    args?: readonly CommandArg[],
    how?: CommandOptions,
  ): StreamHandle<string>;
  lines(...given: unknown[]): unknown {
    const { options, args } = parseCommand('lines', given, this.#state);
    return this.#stream(options, runCommand, args);
  }

  /**
   * Ends the queue: it takes no more tasks, and its feeds no more items. When its tasks have settled and their attempts have ended,
   * the scheduler forgets it, so that its name can be given again, and its executor is closed, unless another queue uses it or the
   * scheduler made it. Resolves when all of that is done; the same promise whenever it is called meanwhile. As `wait()`, it waits for a
   * start while the scheduler is stopped, and for `resume()` while the queue is paused; `clear()` cancels what has not started.
   *
   * Rejects with `Stalled` when the queue's tasks can never proceed, or nothing is left that could start them; the queue stays closed,
   * and who asks again waits again. Rejects if the executor fails to close.
   */
  close(): Promise<void> {
    const end = this.#engine.queueEnds.close(this.#state, this.#removed);
    // Nobody needs them, and they would never end.
    for (const record of this.#engine.keeping?.unneeded.all() ?? []) {
      if (record.queue === this.#state) this.#engine.cancel(record, { reason: `queue ${this.name} was closed` });
    }
    return end;
  }

  /**
   * The same queue; what is submitted through it joins `group`, unless its options name another.
   *
   * @throws SchedulerError `InvalidArgument`; `ForeignHandle` for a group of another scheduler.
   */
  in(group: Group): Queue {
    if (!(group instanceof Group)) {
      throw new SchedulerError('InvalidArgument', `in takes a group of scheduler.group(), got ${shown(group)}`);
    }
    Group._members(group, this.#engine);
    return new Queue(this.#engine, this.#state, this.#removed, group);
  }

  #stream(options: SubmitOptions | undefined, fn: TaskFunction, args: readonly unknown[]): StreamHandle<unknown> {
    return new StreamHandle(this.#admission.admit(options, fn, args, true), WHOLE);
  }
}
