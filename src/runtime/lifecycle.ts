/**
 * The life of the scheduler around its statechart: what start, stop, wait and close mean to those who call them, when a
 * burst of submissions asks for a selection, and what a failure or a stall leads to. It owns the promises; the states
 * are the scheduler actor's.
 */
import type { SchedulerEvent } from '../../machines/scheduler.js';
import { deferred } from '../core/deferred.js';
import { SchedulerError } from '../core/failures.js';
import type { Turn } from '../core/ports.js';
import type { EventHub, SchedulerState } from './events/event-hub.js';
import type { UnhandledFailures } from './tasks/unhandled-failures.js';
import type { CancelOptions } from './policies/cancel-options.js';
import type { OpenFeeds } from './feeds/open-feeds.js';
import type { QueueState } from './queues/queue-state.js';
import type { EventQueue } from './events/event-queue.js';
import type { TaskRecord } from './tasks/task-record.js';
import type { UnsettledList } from './tasks/unsettled-list.js';
import { heldText, names, why } from './queues/why.js';
import { WHOLE } from '../core/order/graph-node.js';

/**
 * What a failed task does to the rest: `continue` (the default) fails what depends on it and goes on with everything
 * else; `stop` also lets nothing new start; `abort` also cancels what is running.
 *
 * @public
 */
export type OnFailure = 'continue' | 'stop' | 'abort';

/** What the lifecycle needs of the scheduler's actor. @internal */
export interface LifecycleActor {
  send(event: SchedulerEvent): void;
  getSnapshot(): { readonly value: unknown; readonly status: string };
}

/** What the lifecycle needs of the engine. @internal */
export interface LifecycleEngine {
  readonly eventQueue: EventQueue;
  readonly hub: EventHub;
  readonly failures: UnhandledFailures;
  readonly queues: readonly QueueState[];
  readonly attempts: {
    /** Attempts that have been granted and not ended. */
    readonly running: number;
    /** Those of them that are held back, and those of these that nobody reads. */
    readonly held: number;
    readonly stuck: number;
    /** Tasks that wait for the pause before their next attempt to be over. */
    readonly paused: number;
    endAtOnce(reason: unknown): void;
  };
  readonly unsettled: UnsettledList;
  readonly feeds: OpenFeeds;
  cancel(record: TaskRecord, options: CancelOptions): boolean;
  changed(): void;
}

const STATES: readonly SchedulerState[] = ['stopped', 'idle', 'busy', 'stalled', 'closing', 'closed'];

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A `stop()` that waits for the attempts that were running when it was called. */
interface StopWaiter {
  readonly epoch: number;
  left: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** Start, stop, wait and close of one scheduler. @internal */
export class Lifecycle {
  readonly #engine: LifecycleEngine;
  readonly #actor: LifecycleActor;
  readonly #turn: Turn;
  readonly #onFailure: OnFailure;
  readonly #waiters: Waiter[] = [];
  #stopWaiters: StopWaiter[] = [];
  #isTurnTaken = false;
  #isCheckDue = false;
  #stoppedByFailure = false;
  #state: SchedulerState = 'stopped';
  /** The actor was stopped from outside and hears nothing any more. */
  #isActorGone = false;
  #closing: Promise<void> | undefined = undefined;
  /** Why the tasks are cancelled that have not started by then. */
  #closeReason: unknown = 'the scheduler was closed';
  /** Number of the period between two stops; attempts begin in one. */
  #epoch = 0;

  constructor(engine: LifecycleEngine, actor: LifecycleActor, turn: Turn, onFailure: OnFailure) {
    this.#engine = engine;
    this.#actor = actor;
    this.#turn = turn;
    this.#onFailure = onFailure;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The state of the scheduler's actor, as of its last report: a snapshot cannot be read while the actor is being made. */
  get state(): SchedulerState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state === 'busy' || this.#state === 'idle' || this.#state === 'stalled';
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  start(): void {
    if (this.isClosed) throw new SchedulerError('SchedulerClosed', 'a closed scheduler cannot be started');
    this.#stoppedByFailure = false;
    this.#post({ type: 'start.requested' });
  }

  stop(): Promise<void> {
    const wasRunning = this.isRunning;
    this.#post({ type: 'stop.requested' });
    return this.#ended(wasRunning);
  }

  /** Resolves when the attempts that are running now have ended. */
  #ended(isNewPeriod = true): Promise<void> {
    const running = this.#engine.attempts.running - this.#engine.attempts.held;
    if (running === 0) return Promise.resolve();
    const last = this.#stopWaiters.at(-1);
    if (last !== undefined && last.epoch === this.#epoch - 1 && !isNewPeriod) return last.promise;
    const waiter = stopWaiter(this.#epoch, running);
    this.#stopWaiters.push(waiter);
    this.#epoch += 1;
    return waiter.promise;
  }

  /** See `Scheduler.wait`. The answer waits for the end of the present burst of submissions. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#check();
    });
  }

  close(): Promise<void> {
    this.#post({ type: 'close.requested' });
    this.beginClosing();
    return this.#closing ?? Promise.resolve();
  }

  /** Cancels what has not started, waits for what runs, and closes the executors; once. */
  beginClosing(): void {
    if (this.#closing !== undefined) return;
    // Set before anything is done about it: what is cancelled here calls functions of users, which may ask again.
    const { promise, resolve, reject } = deferred<void>();
    this.#closing = promise;
    this.#close().then(resolve, reject);
    // Whoever calls `close` hears of an executor that fails to close; nobody else has to.
    promise.catch(() => undefined);
  }

  async #close(): Promise<void> {
    const { queues, eventQueue, unsettled, feeds } = this.#engine;
    for (const queue of queues) {
      eventQueue.post(queue, { type: 'close.requested' });
      queue.bound?.close();
    }
    const fed = feeds.close(this.#closeReason);
    for (const record of unsettled.newestFirst()) {
      if (record.run === undefined) this.#engine.cancel(record, { reason: this.#closeReason });
      // Nobody comes any more to take its results.
      else record.flow?.openUp();
    }
    await this.#ended();
    await fed;
    const executors = new Set(queues.map((queue) => queue.executor));
    const closed = await Promise.allSettled([...executors].map((executor) => executor.close()));
    if (this.#isActorGone) this.#enter('closed');
    else this.#post({ type: 'executors.closed' });
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  /** See `Scheduler.terminate`. */
  terminate(reason: unknown): Promise<void> {
    this.#closeReason = reason;
    this.#post({ type: 'close.requested' });
    for (const record of this.#engine.unsettled.newestFirst()) this.#engine.cancel(record, { reason, graceMs: 0 });
    this.#engine.attempts.endAtOnce(reason);
    const closed = this.close();
    this.#engine.feeds.terminate(reason);
    return closed;
  }

  /** The scheduler's actor was stopped from outside: ends everything, without it. */
  actorGone(reason: unknown): void {
    if (this.#state === 'closed') return;
    this.#isActorGone = true;
    this.#enter('closing');
    this.setGates({ type: 'scheduler.stopped' });
    this.#abortRunning(reason);
    this.beginClosing();
  }

  // News from the engine.

  /** A task or a queue has been added: select once the present burst is over. */
  workArrived(): void {
    if (this.#isTurnTaken) return;
    this.#isTurnTaken = true;
    this.#turn(() => {
      this.#isTurnTaken = false;
      this.#engine.changed();
      this.#engine.eventQueue.drain();
      this.#check();
    });
  }

  taskSettled(): void {
    if (this.#waiters.length > 0 && this.#engine.unsettled.count === 0) this.#check();
  }

  feedEnded(): void {
    this.#engine.changed();
    this.#check();
  }

  taskFailed(): void {
    if (this.#onFailure === 'continue' || this.#stoppedByFailure) return;
    this.#stoppedByFailure = true;
    this.#post({ type: 'stop.requested' });
    if (this.#onFailure === 'abort') this.#abortRunning('another task failed');
    this.#check();
  }

  attemptEnded(run: { readonly epoch: number }): void {
    if (this.#stoppedByFailure) this.#check();
    if (this.#stopWaiters.length === 0) return;
    for (const waiter of this.#stopWaiters) {
      if (run.epoch > waiter.epoch) continue;
      waiter.left -= 1;
      if (waiter.left === 0) waiter.resolve();
    }
    this.#stopWaiters = this.#stopWaiters.filter((waiter) => waiter.left > 0);
  }

  selectionEnded(): void {
    const { attempts, eventQueue, feeds } = this.#engine;
    // Something has changed meanwhile: the next selection knows more.
    if (eventQueue.hasLast) return;
    // What pauses goes on by itself; what is stuck does not.
    const running = attempts.running + attempts.paused - attempts.stuck;
    if (running > 0 || feeds.isMoving) return;
    const unsettled = this.#left;
    eventQueue.post(this.#actor, { type: 'selection.ended', running, unsettled });
  }

  // Effects of the scheduler's actor.

  setGates(event: { readonly type: 'scheduler.started' | 'scheduler.stopped' }): void {
    for (const queue of this.#engine.queues) {
      this.#engine.eventQueue.postUrgent(queue, event);
      queue.roomMade();
    }
  }

  reportState(): void {
    const { value } = this.#actor.getSnapshot();
    const name = typeof value === 'object' && value !== null && 'running' in value ? value.running : value;
    this.#enter(STATES.find((state) => state === name) ?? 'closed');
  }

  #enter(state: SchedulerState): void {
    this.#state = state;
    const { hub } = this.#engine;
    if (hub.hears.scheduler) hub.emit({ type: 'scheduler', state });
    if (state !== 'stalled') return;
    if (hub.hears.stalled) {
      const { tasks, message } = this.#stall();
      hub.emit({ type: 'stalled', tasks, message });
    }
    this.#check();
  }

  #post(event: SchedulerEvent): void {
    if (this.#isActorGone || this.#state === 'closed') return;
    this.#engine.eventQueue.postUrgent(this.#actor, event);
    this.#engine.eventQueue.drain();
  }

  #abortRunning(reason: unknown): void {
    for (const record of this.#engine.unsettled.newestFirst()) {
      if (record.run !== undefined) this.#engine.cancel(record, { reason });
    }
  }

  /** How much is left to be done: tasks that have not settled, and feeds that have not ended. */
  get #left(): number {
    return this.#engine.unsettled.count + this.#engine.feeds.count;
  }

  /** Looks, at the end of the present burst, whether those who wait can be answered. */
  #check(): void {
    if (this.#waiters.length === 0 || this.#isCheckDue) return;
    this.#isCheckDue = true;
    queueMicrotask(() => {
      this.#isCheckDue = false;
      this.#answer();
    });
  }

  #answer(): void {
    // A burst of submissions is not over yet: its turn checks again.
    if (this.#isTurnTaken) return;
    const { attempts, failures } = this.#engine;
    const unsettled = this.#left;
    if (unsettled === 0 || (this.#stoppedByFailure && attempts.running === 0)) {
      const error = failures.take() ?? (unsettled > 0 ? this.#stoppedError() : undefined);
      for (const waiter of this.#waiters.splice(0)) settle(waiter, error);
    } else if (this.state === 'stalled') {
      const { tasks, message } = this.#stall();
      const error = new SchedulerError('Stalled', message, { tasks });
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    }
  }

  #stoppedError(): SchedulerError {
    return new SchedulerError(
      'TasksFailed',
      `stopped by a failure; ${this.#engine.unsettled.count} tasks have not run`,
    );
  }

  /** The tasks that cannot proceed, oldest first, and in words what the ready ones among them lack. */
  #stall(): { readonly tasks: readonly string[]; readonly message: string } {
    const tasks: string[] = [];
    const reasons: string[] = [];
    for (const record of this.#engine.unsettled.newestFirst()) {
      tasks.push(record.id);
      if (record.waiting === 0) reasons.push(why(record, WHOLE, 'stalled').message);
    }
    tasks.reverse();
    const holding = this.#engine.queues.filter((queue) => queue.holders.size > 0);
    const held = holding.map((queue) => `queue ${queue.name}${heldText(queue)}`).join('; ');
    const because = reasons.length > 0 ? names(reasons.toReversed()) : held;
    return { tasks, message: `stalled: ${names(tasks)} cannot proceed: ${because}` };
  }
}

function stopWaiter(epoch: number, left: number): StopWaiter {
  const { promise, resolve } = deferred<void>();
  return { epoch, left, promise, resolve };
}

function settle(waiter: Waiter, error: unknown): void {
  if (error === undefined) waiter.resolve();
  else waiter.reject(error);
}
