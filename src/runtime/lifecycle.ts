/**
 * The life of the scheduler around its statechart: the meaning of start, stop, wait and close to their callers, when a
 * burst of submissions asks for a selection, and what a failure or a stall leads to. It owns the promises; the states
 * are the scheduler actor's.
 */
import type { SchedulerEvent } from '../../machines/scheduler.js';
import { deferred } from '../core/deferred.js';
import { SchedulerError } from '../core/failures.js';
import type { Turn } from '../core/ports.js';
import type { EventHub, SchedulerState } from './events/event-hub.js';
import type { UnhandledFailures } from './tasks/unhandled-failures.js';
import type { OpenFeeds } from './feeds/open-feeds.js';
import type { QueueState } from './queues/queue-state.js';
import type { RunPeriods } from './run-periods.js';
import type { SchedulerCell } from './scheduler-cell.js';
import type { Attempts } from './tasks/attempts.js';
import type { Cancellation } from './tasks/cancellation.js';
import type { EventQueue } from './events/event-queue.js';
import type { UnsettledList } from './tasks/unsettled-list.js';
import { stallOf } from './queues/stall.js';

/**
 * The effect of a failed task on the rest: `continue` (the default) fails its dependents and goes on with everything
 * else; `stop` also lets nothing new start; `abort` also cancels what is running.
 *
 * @public
 */
export type OnFailure = 'continue' | 'stop' | 'abort';

/** The parts of the runtime that the lifecycle works with. @internal */
export interface LifecyclePort {
  readonly cell: SchedulerCell;
  readonly eventQueue: EventQueue;
  readonly hub: EventHub;
  readonly failures: UnhandledFailures;
  readonly queues: readonly QueueState[];
  readonly attempts: Attempts;
  readonly unsettled: UnsettledList;
  readonly feeds: OpenFeeds;
  readonly cancellation: Cancellation;
  readonly turn: Turn;
  readonly onFailure: OnFailure;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Start, stop, wait and close of one scheduler. @internal */
export class Lifecycle {
  readonly periods: RunPeriods;
  readonly #port: LifecyclePort;
  readonly #waiters: Waiter[] = [];
  #isTurnTaken = false;
  #isCheckDue = false;
  #stoppedByFailure = false;
  /** The actor was stopped from outside and hears nothing any more. */
  #isActorGone = false;
  #closing: Promise<void> | undefined = undefined;
  /** Why the tasks are cancelled that have not started by then. */
  #closeReason: unknown = 'the scheduler was closed';

  constructor(port: LifecyclePort, periods: RunPeriods) {
    this.#port = port;
    this.periods = periods;
  }

  get state(): SchedulerState {
    return this.#port.cell.state;
  }

  get isRunning(): boolean {
    return this.#port.cell.isRunning;
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
    const { attempts } = this.#port;
    return this.periods.end(attempts.running - attempts.held, isNewPeriod);
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
    // The callers of `close` hear of an executor that fails to close; without a caller it is no unhandled rejection.
    promise.catch(() => undefined);
  }

  async #close(): Promise<void> {
    const { queues, eventQueue, unsettled, feeds } = this.#port;
    for (const queue of queues) {
      eventQueue.post(queue, { type: 'close.requested' });
      queue.bound?.close();
    }
    const fed = feeds.close(this.#closeReason);
    for (const record of unsettled.newestFirst()) {
      if (record.run === undefined) this.#port.cancellation.cancel(record, { reason: this.#closeReason });
      // No reader will come to take its results any more.
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
    for (const record of this.#port.unsettled.newestFirst())
      this.#port.cancellation.cancel(record, { reason, graceMs: 0 });
    this.#port.attempts.endAtOnce(reason);
    const closed = this.close();
    this.#port.feeds.terminate(reason);
    return closed;
  }

  /** The scheduler's actor was stopped from outside: ends everything, without it. */
  actorGone(reason: unknown): void {
    if (this.state === 'closed') return;
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
    this.#port.turn(() => {
      this.#isTurnTaken = false;
      this.#port.cell.changed();
      this.#port.eventQueue.drain();
      this.#check();
    });
  }

  /** No unsettled task is left. */
  allSettled(): void {
    this.#check();
  }

  feedEnded(): void {
    this.#port.cell.changed();
    this.#check();
  }

  taskFailed(): void {
    if (this.#port.onFailure === 'continue' || this.#stoppedByFailure) return;
    this.#stoppedByFailure = true;
    this.#post({ type: 'stop.requested' });
    if (this.#port.onFailure === 'abort') this.#abortRunning('another task failed');
    this.#check();
  }

  attemptEnded(): void {
    if (this.#stoppedByFailure) this.#check();
  }

  selectionEnded(): void {
    const { attempts, eventQueue, feeds } = this.#port;
    // Something has changed meanwhile: the next selection knows more.
    if (eventQueue.hasLast) return;
    // A paused task goes on by itself; a stuck attempt does not.
    const running = attempts.running + attempts.paused - attempts.stuck;
    if (running > 0 || feeds.isMoving) return;
    const unsettled = this.#left;
    eventQueue.post(this.#port.cell, { type: 'selection.ended', running, unsettled });
  }

  // Effects of the scheduler's actor.

  setGates(event: { readonly type: 'scheduler.started' | 'scheduler.stopped' }): void {
    for (const queue of this.#port.queues) {
      this.#port.eventQueue.postUrgent(queue, event);
      queue.roomMade();
    }
  }

  reportState(): void {
    this.#enter(this.#port.cell.stateName);
  }

  #enter(state: SchedulerState): void {
    this.#port.cell.state = state;
    const { hub } = this.#port;
    if (hub.hears.scheduler) hub.emit({ type: 'scheduler', state });
    if (state !== 'stalled') return;
    if (hub.hears.stalled) {
      const { tasks, message } = stallOf(this.#port.unsettled, this.#port.queues);
      hub.emit({ type: 'stalled', tasks, message });
    }
    this.#check();
  }

  #post(event: SchedulerEvent): void {
    if (this.#isActorGone || this.state === 'closed') return;
    this.#port.eventQueue.postUrgent(this.#port.cell, event);
    this.#port.eventQueue.drain();
  }

  #abortRunning(reason: unknown): void {
    for (const record of this.#port.unsettled.newestFirst()) {
      if (record.run !== undefined) this.#port.cancellation.cancel(record, { reason });
    }
  }

  /** How much is left to be done: tasks that have not settled, and feeds that have not ended. */
  get #left(): number {
    return this.#port.unsettled.count + this.#port.feeds.count;
  }

  /** Looks, at the end of the present burst, whether the calls of `wait` can be answered. */
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
    const { attempts, failures } = this.#port;
    const unsettled = this.#left;
    if (unsettled === 0 || (this.#stoppedByFailure && attempts.running === 0)) {
      const error = failures.take() ?? (unsettled > 0 ? this.#stoppedError() : undefined);
      for (const waiter of this.#waiters.splice(0)) settle(waiter, error);
    } else if (this.state === 'stalled') {
      const { tasks, message } = stallOf(this.#port.unsettled, this.#port.queues);
      const error = new SchedulerError('Stalled', message, { tasks });
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    }
  }

  #stoppedError(): SchedulerError {
    return new SchedulerError('TasksFailed', `stopped by a failure; ${this.#port.unsettled.count} tasks have not run`);
  }
}

function settle(waiter: Waiter, error: unknown): void {
  if (error === undefined) waiter.resolve();
  else waiter.reject(error);
}
