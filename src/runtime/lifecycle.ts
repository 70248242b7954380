/**
 * The life of the scheduler around its statechart: the meaning of start, stop and close to their callers, when a
 * burst of submissions asks for a selection, and what a failure leads to. The states are the scheduler actor's.
 */
import type { Keeping } from './keeping/keeping.js';
import type { SchedulerEvent } from '../../machines/scheduler.js';
import { type Deferred, deferred } from '../core/deferred.js';
import { SchedulerError } from '../core/failures.js';
import type { Turn } from '../core/ports.js';
import type { EventHub, SchedulerState } from './events/event-hub.js';
import type { UnhandledFailures } from './tasks/unhandled-failures.js';
import type { OpenFeeds } from './feeds/open-feeds.js';
import { closedError } from './policies/pending-limit.js';
import type { QueueState } from './queues/queue-state.js';
import type { RunPeriods } from './run-periods.js';
import type { SchedulerCell } from './scheduler-cell.js';
import type { Attempts } from './tasks/attempts.js';
import type { Cancellation } from './tasks/cancellation.js';
import type { EventQueue } from './events/event-queue.js';
import { cancelUnneeded, cancelWaiting, CLOSED } from './leftovers.js';
import type { UnsettledList } from './tasks/unsettled-list.js';
import type { Waits } from './waits.js';
import type { NestedWaits } from './tasks/nested-waits.js';

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
  readonly waits: Waits;
  readonly nested: NestedWaits;
  readonly turn: Turn;
  readonly onFailure: OnFailure;
  /** Resolves when the executors of queues that were closed by themselves are closed. */
  readonly executorsClosed: () => Promise<void>;
  readonly keeping: () => Keeping | undefined;
}

/** Start, stop and close of one scheduler. @internal */
export class Lifecycle {
  readonly periods: RunPeriods;
  readonly #port: LifecyclePort;
  /** The actor was stopped from outside and hears nothing any more. */
  #isActorGone = false;
  /** Exists from the moment on from which no task is taken any more; its promise settles when everything has ended. */
  #closed: Deferred<void> | undefined = undefined;
  #isClosing = false;
  #isTerminated = false;
  /** Resolves when the feeds have ended that were open when the scheduler was closed. */
  #fed: Promise<void> | undefined = undefined;
  /** Why the tasks are cancelled that have not started by then. */
  #closeReason: unknown = CLOSED;

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
    return this.#closed !== undefined;
  }

  start(): void {
    if (this.isClosed) throw new SchedulerError('SchedulerClosed', 'a closed scheduler cannot be started');
    this.#port.waits.started();
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

  /** See `Scheduler.close`. */
  close(): Promise<void> {
    this.#post({ type: 'close.requested' });
    // From within a delivery the chart takes the event only later; nothing is taken any more from now on.
    return this.#beginClosed().promise;
  }

  /** Takes no more tasks. The chart says when all is done that can be. */
  beginDraining(): void {
    this.#beginClosed();
  }

  #beginClosed(): Deferred<void> {
    if (this.#closed !== undefined) return this.#closed;
    // Set before anything is done about it: what is cancelled here calls functions of users, which may ask again.
    this.#closed = deferred<void>();
    const { queues, eventQueue, feeds, waits } = this.#port;
    waits.whenStalled(this.#closed.reject);
    for (const queue of queues) {
      eventQueue.post(queue, { type: 'close.requested' });
      queue.bound?.close(closedError(queue.name));
    }
    this.#fed = feeds.close(this.#closeReason);
    return this.#closed;
  }

  /** Cancels what has not started, waits for what runs, and closes the executors; once. */
  beginClosing(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#port.waits.watchLoop();
    const closed = this.#beginClosed();
    // Whoever terminates a scheduler knows that work is lost; whoever closes it is told.
    if (this.#isTerminated) closed.promise.catch(() => undefined);
    this.#close().then(closed.resolve, closed.reject);
  }

  get #terminated(): { readonly reason: unknown } | undefined {
    return this.#isTerminated ? { reason: this.#closeReason } : undefined;
  }

  async #close(): Promise<void> {
    const { queues, feeds, failures } = this.#port;
    cancelUnneeded(this.#port, this.#closeReason);
    feeds.giveUp(this.#closeReason);
    cancelWaiting(this.#port, this.#terminated);
    await this.#ended();
    // A failure that was on its way when the close came may have led to another attempt, which is not made any more.
    cancelWaiting(this.#port, this.#terminated);
    await this.#fed;
    const executors = new Set(queues.map((queue) => queue.executor));
    const closed = await Promise.allSettled([...executors].map(async (executor) => executor.close()));
    await this.#port.executorsClosed();
    const ofStore = failureOf(() => this.#port.keeping()?.close());
    if (this.#isActorGone) this.#enter('closed');
    else this.#post({ type: 'executors.closed' });
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
    if (ofStore !== undefined) throw ofStore.error;
    const error = failures.take();
    if (error !== undefined && !this.#isTerminated) throw error;
  }

  /** The store has failed, and its errors are to stop the run. */
  storeFailed(error: SchedulerError): void {
    const { waits } = this.#port;
    waits.stopError ??= error;
    waits.isStoppedByFailure = true;
    this.#post({ type: 'stop.requested' });
    waits.check();
  }

  /** See `Scheduler.terminate`. */
  terminate(reason: unknown): Promise<void> {
    this.#closeReason = reason;
    this.#isTerminated = true;
    this.#post({ type: 'terminate.requested' });
    for (const record of this.#port.unsettled.newestFirst())
      this.#port.cancellation.cancel(record, { reason, graceMs: 0 });
    this.#port.attempts.endAtOnce(reason);
    const closed = this.#beginClosed().promise;
    closed.catch(() => undefined);
    this.#port.feeds.terminate(reason);
    return closed;
  }

  /** The scheduler's actor was stopped from outside: ends everything, without it. */
  actorGone(reason: unknown): void {
    if (this.state === 'closed') return;
    this.#isActorGone = true;
    this.#isTerminated = true;
    this.#enter('closing');
    this.setGates({ type: 'scheduler.stopped' });
    this.#abortRunning(reason);
    this.beginClosing();
  }

  // News from the engine.

  /** A task or a queue has been added: select once the present burst is over. */
  workArrived(): void {
    const { waits } = this.#port;
    if (waits.isBurstUnderWay) return;
    waits.watchLoop();
    waits.isBurstUnderWay = true;
    this.#port.turn(() => {
      waits.isBurstUnderWay = false;
      this.#port.cell.changed();
      this.#port.eventQueue.drain();
      waits.check();
    });
  }

  /** No unsettled task is left. */
  allSettled(): void {
    this.#port.waits.check();
  }

  feedEnded(): void {
    this.#port.cell.changed();
    this.#port.waits.check();
  }

  taskFailed(): void {
    const { waits } = this.#port;
    if (this.#port.onFailure === 'continue' || waits.isStoppedByFailure) return;
    waits.isStoppedByFailure = true;
    this.#post({ type: 'stop.requested' });
    if (this.#port.onFailure === 'abort') this.#abortRunning('another task failed');
    this.#port.waits.check();
  }

  attemptEnded(): void {
    const { waits } = this.#port;
    if (waits.isStoppedByFailure) waits.check();
  }

  selectionEnded(): void {
    const { attempts, eventQueue, feeds, nested, queues, waits } = this.#port;
    // Something has changed meanwhile: the next selection knows more.
    if (eventQueue.hasLast) return;
    // A task that pauses goes on by itself; a stuck attempt does not, nor does a function that waits for another task.
    const running = attempts.running + attempts.paused - attempts.stuck - nested.blocked;
    // A user may still resume a paused queue; a scheduler that is being closed does not wait for that.
    const awaitsResume = this.state !== 'draining' && queues.some(({ isPausedWithWork }) => isPausedWithWork);
    if (running > 0 || feeds.isMoving || awaitsResume || queues.some(({ rate }) => rate?.isWaiting === true)) {
      if (nested.blocked > 0) waits.endDeadlocks();
      return;
    }
    const unsettled = waits.left;
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
    if (state === 'stalled') this.#port.waits.stalled();
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
}

function failureOf(work: () => void): { readonly error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}
