/** The public face of a queue: where functions are submitted. */
import { elementAt } from '../core/element-at.js';
import { DependencyFailed, describe, SchedulerError } from '../core/failures.js';
import { connect, WHOLE } from '../core/graph-node.js';
import type { TaskFunction } from '../core/ports.js';
import { demandOf } from '../core/resource-ledger.js';
import type { QueueActorRef } from './actor-refs.js';
import { handlesIn, NO_HANDLES } from './arguments.js';
import { EdgeList } from './edge-list.js';
import type { Engine } from './engine.js';
import { Handle, StreamHandle } from './handle.js';
import { errorAt, outcomeAt } from './outcome-at.js';
import { parseSubmission } from './parse-submission.js';
import type { QueueRuntime } from './queue-runtime.js';
import type { Registry } from './registry.js';
import {
  type Args,
  checkSubmitOptions,
  type Delivered,
  type Fitting,
  type HandleOf,
  isGeneratorFunction,
  type Iterated,
  type SubmitOptions,
  type Values,
} from './submission.js';
import { type TaskExtras, TaskRecord } from './task-record.js';
import { taskTable } from './task-table.js';

/**
 * A named queue of a scheduler: a number of slots, resources, and an executor that runs what is granted a slot.
 *
 * @public
 */
export class Queue {
  readonly #engine: Engine;
  readonly #runtime: QueueRuntime;
  readonly #registry: Registry;

  /** @internal */
  constructor(engine: Engine, runtime: QueueRuntime, registry: Registry) {
    this.#engine = engine;
    this.#runtime = runtime;
    this.#registry = registry;
  }

  get name(): string {
    return this.#runtime.name;
  }

  /** How many tasks run at once at the most. */
  get concurrency(): number {
    return this.#runtime.concurrency;
  }

  /** The queue's actor; its snapshot's context has the ledger of slots and resources. */
  get actor(): QueueActorRef {
    return this.#runtime.actor;
  }

  /**
   * Submits a function. Handles among the arguments, also inside arrays and plain objects, are dependencies: the function
   * is called with their results once all are there. Takes effect at once; a running scheduler selects when the present
   * synchronous stretch is over, so that tasks submitted together are ranked together.
   *
   * @returns the handle of the result; for a generator function the handle of its many results.
   * @throws SchedulerError `SchedulerClosed`, `InvalidArgument`, `InvalidOption`, `DuplicateTask`, `UnknownResource`,
   * `DemandOverCapacity`, `ForeignHandle`, `NotHeld`, or what the queue's executor has against the function. Nothing has
   * been submitted then.
   */
  submit<G extends readonly unknown[], F extends (...args: Values<G>) => unknown>(
    fn: F & Fitting<F, G>,
    ...args: G
  ): HandleOf<ReturnType<F>>;
  submit<G extends readonly unknown[], F extends (...args: Values<G>) => unknown>(
    options: SubmitOptions,
    fn: F & Fitting<F, G>,
    ...args: G
  ): HandleOf<ReturnType<F>>;
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: Args<NoInfer<A>>): HandleOf<R>;
  submit<A extends readonly unknown[], R>(
    options: SubmitOptions,
    fn: (...args: A) => R,
    ...args: Args<NoInfer<A>>
  ): HandleOf<R>;
  submit(...given: unknown[]): unknown {
    const { options, fn, args } = parseSubmission(given);
    return isGeneratorFunction(fn)
      ? this.#stream(options, fn, args)
      : new Handle(this.#admit(options, fn, args, false), WHOLE);
  }

  /**
   * Like `submit`, for any function that returns something iterable: each value is delivered as a partial result.
   *
   * @throws SchedulerError as `submit`. A function that turns out to return nothing iterable fails its task.
   */
  stream<G extends readonly unknown[], F extends (...args: Values<G>) => Iterated<unknown>>(
    fn: F & Fitting<F, G>,
    ...args: G
  ): StreamHandle<Delivered<ReturnType<F>>>;
  stream<G extends readonly unknown[], F extends (...args: Values<G>) => Iterated<unknown>>(
    options: SubmitOptions,
    fn: F & Fitting<F, G>,
    ...args: G
  ): StreamHandle<Delivered<ReturnType<F>>>;
  stream<A extends readonly unknown[], Y>(fn: (...args: A) => Iterated<Y>, ...args: Args<NoInfer<A>>): StreamHandle<Y>;
  stream<A extends readonly unknown[], Y>(
    options: SubmitOptions,
    fn: (...args: A) => Iterated<Y>,
    ...args: Args<NoInfer<A>>
  ): StreamHandle<Y>;
  stream(...given: unknown[]): unknown {
    const { options, fn, args } = parseSubmission(given);
    return this.#stream(options, fn, args);
  }

  #stream(options: SubmitOptions | undefined, fn: TaskFunction, args: readonly unknown[]): StreamHandle<unknown> {
    return new StreamHandle(this.#admit(options, fn, args, true), WHOLE);
  }

  /** Checks everything first, then takes the task: a refused submission leaves no trace. */
  #admit(
    options: SubmitOptions | undefined,
    fn: TaskFunction,
    args: readonly unknown[],
    isStream: boolean,
  ): TaskRecord {
    if (this.#engine.lifecycle.isClosed) {
      throw new SchedulerError('SchedulerClosed', `queue ${this.name} takes no tasks: the scheduler is closed`, {
        queue: this.name,
      });
    }
    const handles = handlesIn(args);
    if (options !== undefined) {
      checkSubmitOptions(options);
      if (options.results !== undefined && !isStream) {
        throw new SchedulerError(
          'InvalidOption',
          'results is for tasks that deliver several: a generator function, or queue.stream',
        );
      }
    }
    const edges = this.#edges(handles, options);
    const demand = demandOf(options?.resources, this.#runtime);
    this.#runtime.executor.accept?.(fn);
    const id = options?.id;
    if (id !== undefined) this.#registry.checkIsFree(id);
    const record = new TaskRecord({
      seq: this.#registry.nextSeq(),
      priority: options?.priority ?? 0,
      queue: this.#runtime,
      demand,
      fn,
      args,
      hasHandles: handles.length > 0,
      isStream,
      announced: options?.results,
      extras: options === undefined ? undefined : extrasOf(options),
      restState: taskTable.initial,
    });
    if (id !== undefined) this.#registry.take(id, record);
    if (edges !== undefined) connect(record, edges.nodes, edges.indices);
    this.#engine.admit(record, edges === undefined ? undefined : failureAmong(record));
    if (options?.signal !== undefined && !record.isSettled) this.#listen(record, options.signal);
    return record;
  }

  /** The dependencies in the order of demand: arguments, then `release`, then `after`; each once. */
  #edges(handles: readonly Handle<unknown>[], options: SubmitOptions | undefined): EdgeList | undefined {
    const release = options?.release ?? NO_HANDLES;
    const after = options?.after ?? NO_HANDLES;
    const count = handles.length + release.length + after.length;
    if (count === 0) return undefined;
    const edges = new EdgeList(count);
    for (const handle of handles) this.#connectTo(handle, edges);
    for (const handle of release) this.#connectTo(handle, edges);
    for (const handle of after) this.#connectTo(handle, edges);
    for (const handle of release) {
      const { record, index } = Handle._target(handle);
      if (index !== WHOLE || record.extras?.hold !== true) {
        throw new SchedulerError('NotHeld', `task ${handle.id} was not submitted with hold: nothing to release`, {
          tasks: [handle.id],
        });
      }
    }
    return edges;
  }

  #connectTo(handle: unknown, edges: EdgeList): void {
    if (!(handle instanceof Handle)) {
      throw new SchedulerError('InvalidOption', `release and after take handles, got ${describe(handle)}`);
    }
    const { record, index } = Handle._target(handle);
    if (record.queue.service !== this.#engine) {
      throw new SchedulerError('ForeignHandle', `task ${handle.id} belongs to another scheduler`, {
        tasks: [handle.id],
      });
    }
    edges.add(record, index);
  }

  #listen(record: TaskRecord, signal: AbortSignal): void {
    const abort = (): void => {
      this.#engine.cancel(record, { reason: signal.reason });
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    if (record.extras !== undefined) record.extras.unlisten = () => signal.removeEventListener('abort', abort);
  }
}

/** What only some submissions ask for; undefined for those that do not. */
function extrasOf(options: SubmitOptions): TaskExtras | undefined {
  const { id, hold = false, release = NO_HANDLES, signal, timeoutMs, retry, onSettled } = options;
  const isPlain = id === undefined && !hold && release.length === 0 && signal === undefined;
  if (isPlain && timeoutMs === undefined && retry === undefined && onSettled === undefined) return undefined;
  const records = release.map((handle) => Handle._target(handle).record);
  return { id, hold, release: records, timeoutMs, retry, onSettled, unlisten: undefined };
}

/** The error of a new task one of whose dependencies has already failed, or will never deliver what is needed. */
function failureAmong(record: TaskRecord): { readonly error: unknown } | undefined {
  const { dependencies = [], dependencyIndices } = record;
  for (let position = 0; position < dependencies.length; position += 1) {
    const dependency = elementAt(dependencies, position);
    const index = dependencyIndices?.[position] ?? WHOLE;
    const outcome = outcomeAt(dependency, index);
    if (outcome === undefined || outcome.status === 'done') continue;
    return { error: new DependencyFailed(record.id, dependency.id, errorAt(dependency, index)) };
  }
  return undefined;
}
