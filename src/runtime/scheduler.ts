/** The public face of the scheduler: queues, routes, start and stop, events, and the actor that is behind them. */
import { type AnyActorRef, createActor } from 'xstate';
import { SchedulerError, shown } from '../core/failures.js';
import { checkName, checkOptionNames } from '../core/option-names.js';
import type { Executor } from '../core/ports.js';
import { inline } from '../executors/inline.js';
import { systemEnvironment } from '../system/environment.js';
import { guarded } from './statecharts/inspectors.js';
import { asCompleted } from './tasks/as-completed.js';
import type { Engine } from './engine.js';
import { countsOf } from './engine-counts.js';
import { openKeeping } from './keeping/open-keeping.js';
import type { SchedulerEvents, SchedulerEventUnion, SchedulerState } from './events/event-hub.js';
import { eventStream } from './events/event-stream.js';
import { Group, type GroupOptions } from './group.js';
import type { Handle } from './tasks/handle.js';
import type { LeaveOptions } from './tasks/leaving.js';
import { type Estimate, estimate } from './planning/estimate.js';
import { type Plan, plan } from './planning/plan.js';
import { Queue } from './queue.js';
import { tieExecutor } from './queues/executor-ties.js';
import {
  checkQueueOptions,
  checkSchedulerOptions,
  type QueueOptions,
  queueSpec,
  type SchedulerOptions,
} from './scheduler-options.js';
import { type Route, type RouteRule, routeOf } from './route.js';
import { type EngineActorRef, type EngineInput, engineLogic, freeSystemId } from './scheduler-actor.js';

/**
 * The context of a scheduler actor's snapshot.
 *
 * @public
 */
export interface SchedulerContext {
  readonly scheduler: Scheduler;
}

/**
 * A scheduler: named queues, one demand order across all of them, and the actors that run it.
 *
 * @public
 */
export class Scheduler implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #queues = new Map<string, Queue>();
  readonly #actor: EngineActorRef<SchedulerContext>;
  #shared: Executor | undefined = undefined;

  /**
   * @param existing - internal: the engine of an actor that exists already, made by `schedulerLogic`.
   * @throws SchedulerError `InvalidOption`.
   */
  constructor(options: SchedulerOptions = {}, existing?: { readonly engine: Engine; readonly actor: AnyActorRef }) {
    checkSchedulerOptions(options);
    if (existing !== undefined) {
      this.#engine = existing.engine;
      this.#actor = existing.actor as EngineActorRef<SchedulerContext>;
      return;
    }
    const { parent, inspect, onFailure, interpreter = 'compiled', onSettled } = options;
    const { order, _turn, _environment, _durations } = options;
    const made: { engine?: Engine } = {};
    const logic = engineLogic<EngineInput, SchedulerContext>(interpreter, systemEnvironment, (engine) => {
      made.engine = engine;
      return { scheduler: this };
    });
    const inspector = inspect === undefined ? undefined : guarded(inspect);
    if (parent !== undefined && inspector !== undefined) parent.system.inspect(inspector);
    const systemId = freeSystemId(parent);
    const own = parent === undefined ? { inspector } : undefined;
    const actor = createActor(logic, {
      id: 'scheduler',
      systemId,
      input: { onFailure, order, _turn, _environment, _durations, _own: own, _systemId: systemId },
      ...(parent === undefined ? {} : { parent }),
      ...(inspector === undefined ? {} : { inspect: inspector }),
    });
    const engine = made.engine as Engine;
    this.#engine = engine;
    this.#actor = actor;
    if (onSettled !== undefined) engine.hub.on('settled', onSettled);
    engine.settlement.keeping = openKeeping(options, engine);
    actor.start();
  }

  /** The state of the scheduler; see docs/task-lifecycle.md. */
  get state(): SchedulerState {
    return this.#engine.lifecycle.state;
  }

  /** The scheduler's actor: subscribe to it, read its snapshot, hand it to an inspector. */
  get actor(): EngineActorRef<SchedulerContext> {
    return this.#actor;
  }

  /**
   * Adds a queue. Allowed at any time, also while running and from within a task.
   *
   * @throws SchedulerError `DuplicateQueue`, `InvalidOption`, `SchedulerClosed`.
   */
  queue(name: string, options: QueueOptions = {}): Queue {
    if (this.#engine.lifecycle.isClosed)
      throw new SchedulerError('SchedulerClosed', `queue ${name} comes too late: the scheduler is closed`);
    if (this.#queues.has(name))
      throw new SchedulerError('DuplicateQueue', `there is already a queue ${name}`, { queue: name });
    checkQueueOptions(name, options, this.#engine.orderName);
    const spec = queueSpec(name, options, () => this.#defaultExecutor());
    this.#engine.queueEnds.checkIsOpen(name, spec.executor);
    const queue = new Queue(this.#engine, this.#engine.addQueue(spec), () => this.#queues.delete(name));
    this.#queues.set(name, queue);
    tieExecutor(queue, spec.executor, { isSized: options.concurrency === 'workers', keeping: this.#engine.keeping });
    return queue;
  }

  /** The queues by name, in the order in which they were added, until they are closed. */
  get queues(): ReadonlyMap<string, Queue> {
    return this.#queues;
  }

  /**
   * A group of tasks to wait for, cancel and report together, as those of one request.
   *
   * @throws SchedulerError `InvalidOption`.
   */
  group(options: GroupOptions = {}): Group {
    return new Group(this.#engine, options);
  }

  /**
   * Puts rules in front of queues: what is submitted to the route goes to the queue of the first rule that accepts it.
   *
   * @throws SchedulerError `InvalidOption`; `ForeignHandle` for a queue of another scheduler.
   */
  route(rules: readonly RouteRule[]): Route {
    const route = routeOf(rules);
    for (const { queue } of rules) {
      if (this.#queues.get(queue.name) === queue) continue;
      throw new SchedulerError('ForeignHandle', `queue ${queue.name} belongs to another scheduler`, {
        queue: queue.name,
      });
    }
    return route;
  }

  /**
   * Lets tasks start, in demand order. After `stop` it resumes: nothing is lost and nothing is done twice. Calling it while
   * running does nothing.
   *
   * @throws SchedulerError `SchedulerClosed`.
   */
  start(): void {
    this.#engine.lifecycle.start();
  }

  /**
   * Nothing new starts from now on; running attempts go on and deliver. Resolves when those that were running have ended,
   * also if the scheduler has been started again meanwhile.
   */
  stop(): Promise<void> {
    return this.#engine.lifecycle.stop();
  }

  /**
   * Resolves when everything submitted so far, and until then, has settled. While stopped it waits for a start.
   *
   * Rejects with `TasksFailed`, which lists the failures that were not observed through `result()`, `settled()`, iteration
   * or `asCompleted`; with `Stalled`, naming the tasks, when nothing runs and nothing can ever be started.
   */
  wait(): Promise<void> {
    return this.#engine.waiting.wait();
  }

  /**
   * Ends the scheduler: takes no more tasks, does what was submitted, and closes the executors. While it is stopped, and once nothing
   * that is left can start unless a user resumes a paused queue, it cancels what has not started; then nothing that fails is tried
   * again. Resolves when all of that is done; the same promise whenever it is called.
   *
   * Rejects with `TasksFailed`, which lists what was cancelled so and the failures that were not observed; with `Stalled` when the event
   * loop has nothing left to do while a task runs; with what an executor fails to close with.
   */
  close(): Promise<void> {
    return this.#engine.lifecycle.close();
  }

  /**
   * Ends the scheduler at once: cancels everything that has not settled and leaves running attempts no time to end by
   * themselves, then closes the executors. Functions on the main thread cannot be ended; they are no longer waited for.
   * Resolves when all of that is done; also ends a `close()` that is under way.
   *
   * @param reason - becomes the `reason` of the outcomes.
   */
  terminate(reason: unknown = 'the scheduler was terminated'): Promise<void> {
    return this.#engine.lifecycle.terminate(reason);
  }

  /**
   * Resolves when all that the store was given is committed; at once without a store.
   *
   * Rejects with the error of a commit that fails; what it held is kept for the next one.
   */
  async flush(): Promise<void> {
    this.#engine.keeping?.flush();
  }

  /** What is left to do, how long it will take, and the longest way, by what was learned of durations. O(unsettled tasks and their edges). */
  estimate(): Estimate {
    return estimate(this.#engine);
  }

  /**
   * What the scheduler would do from here on: which tasks in which order and when, as far as their durations are known, and why they are not
   * restored. Runs nothing and changes nothing. O(unsettled tasks · log unsettled tasks).
   */
  plan(): Plan {
    return plan(this.#engine, (options) => new Scheduler(options).#engine);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Calls `listener` for every event of that type, synchronously; see `SchedulerEvents`. An error that it throws is thrown
   * again outside of the scheduler.
   *
   * @returns a function that ends it.
   * @throws SchedulerError `InvalidArgument` for a type that does not exist, and for a listener that is no function.
   */
  on<K extends keyof SchedulerEvents>(type: K, listener: (event: SchedulerEvents[K]) => void): () => void {
    checkName('a scheduler', 'event', type, Object.keys(this.#engine.hub.hears));
    if (typeof listener !== 'function') {
      throw new SchedulerError('InvalidArgument', `on takes a function as the listener, got ${shown(listener)}`);
    }
    return this.#engine.hub.on(type, listener);
  }

  /**
   * All events in order, from the call on, until the scheduler is closed or `signal` aborts. At most `limit` (10,000 when
   * not given) are kept for a reader that is slow.
   *
   * @throws SchedulerError `SlowConsumer`, in the iteration, when there are more; `InvalidOption` for a limit that is none.
   */
  events(options: { readonly signal?: AbortSignal; readonly limit?: number } = {}): AsyncIterable<SchedulerEventUnion> {
    checkOptionNames('events', options, EVENTS_NAMES);
    const { limit } = options;
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
      throw new SchedulerError('InvalidOption', `limit must be an integer of at least 1, got ${shown(limit)}`);
    }
    return eventStream(this.#engine.hub, this.state === 'closed', options);
  }

  /**
   * The handles in the order in which they settle, each once; those that have settled first come first, as given. Counts
   * as looking at their failures. Throws `Stalled` when nothing can lead to the end of the next one any more. Leaving the loop
   * lets go of everything; see `LeaveOptions`.
   *
   * @throws SchedulerError `InvalidArgument`, `InvalidOption`, `ForeignHandle`.
   */
  asCompleted<H extends Handle<unknown>>(handles: Iterable<H>, options: LeaveOptions = {}): AsyncIterable<H> {
    return asCompleted(handles, this.#engine, options);
  }

  /** @internal Counted work, for tests that bound it. */
  get _counts(): Readonly<Record<string, number>> {
    return countsOf(this.#engine);
  }

  /** @internal Ids of the tasks that have not settled, in submission order. */
  get _unsettled(): string[] {
    return this.#engine.unsettled
      .newestFirst()
      .map((record) => record.id)
      .toReversed();
  }

  /** @internal The runtime, for an inspector. */
  get _engine(): Engine {
    return this.#engine;
  }

  /** The executor of queues that name none. */
  #defaultExecutor(): Executor {
    if (this.#shared === undefined) {
      this.#shared = inline();
      this.#engine.queueEnds.spare(this.#shared);
    }
    return this.#shared;
  }
}

const EVENTS_NAMES = { signal: true, limit: true } as const;
