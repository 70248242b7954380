/**
 * The runtime of one scheduler: makes its parts, joins them to the statecharts, and takes tasks and queues in. The statecharts
 * decide; each of their effects is carried out by the part that it belongs to.
 *
 * Invariants: a task settles exactly once; a slot is given back exactly once, when the attempt that took it has ended (or
 * the task that holds it has been released); parts know only those that were made before them.
 */
import type { QueueEvent } from '../../machines/queue.js';
import type { SchedulerEvent } from '../../machines/scheduler.js';
import type { TaskEvent } from '../../machines/task.js';
import { FifoOrder } from '../core/order/fifo-order.js';
import { makeOrder } from '../core/order/make-order.js';
import type { StartOrder } from '../core/order/start-order.js';
import type { SchedulerOrder, TaskOrder } from '../core/order/task-order.js';
import { Urgencies } from '../core/order/urgencies.js';
import type { Environment, Turn } from '../core/ports.js';
import { retain } from '../core/retain.js';
import { cellsOf } from './engine-cells.js';
import { EventHub } from './events/event-hub.js';
import { EventQueue } from './events/event-queue.js';
import { OpenFeeds } from './feeds/open-feeds.js';
import { Lifecycle, type OnFailure } from './lifecycle.js';
import type { Keeping } from './keeping/keeping.js';
import type { CancelOptions } from './policies/cancel-options.js';
import { Deadlines } from './policies/deadlines.js';
import { PendingLimit } from './policies/pending-limit.js';
import { QueueEnds } from './queues/queue-ends.js';
import { type QueueSpec, QueueState } from './queues/queue-state.js';
import { ReadyQueues } from './queues/ready-queues.js';
import { rateLimitOf } from './queues/rate-limit.js';
import { Selection } from './queues/selection.js';
import { Holders } from './queues/holders.js';
import { why } from './queues/why.js';
import { RunPeriods } from './run-periods.js';
import { SchedulerCell } from './scheduler-cell.js';
import type { ActorSystemPort } from './statecharts/actor-system.js';
import type { TaskActorRef } from './statecharts/actor-refs.js';
import type { Cells } from './statecharts/cells.js';
import { Attempts } from './tasks/attempts.js';
import { Cancellation } from './tasks/cancellation.js';
import type { Why } from './tasks/reason.js';
import { openWholes } from './tasks/result-taking.js';
import { Durations } from './tasks/durations.js';
import { NestedWaits } from './tasks/nested-waits.js';
import { Settlement } from './tasks/settlement.js';
import { TaskIds } from './tasks/task-ids.js';
import type { TaskRecord, TaskService } from './tasks/task-record.js';
import { UnhandledFailures } from './tasks/unhandled-failures.js';
import { UnsettledList } from './tasks/unsettled-list.js';
import { submissionOf } from './submission/submission-event.js';
import { Waits } from './waits.js';
import type { Watcher } from './tasks/task-side.js';
import { Waiters } from './tasks/waiters.js';

/** The surroundings of an engine. @internal */
export interface EngineSetup {
  readonly system: ActorSystemPort;
  /** The way to the scheduler's actor for the scheduler's own events. */
  readonly deliver: (event: SchedulerEvent) => void;
  readonly turn: Turn;
  readonly environment: Environment;
  readonly onFailure: OnFailure;
  readonly order: SchedulerOrder;
  /** How long tasks take, in place of what is learned; the order is never behind then. */
  readonly durations: ((id: string) => number) | undefined;
}

/** The runtime of one scheduler. @internal */
export class Engine implements TaskService {
  readonly eventQueue = new EventQueue();
  readonly order: TaskOrder;
  readonly hub = new EventHub();
  readonly failures = new UnhandledFailures(() => this.waiting.manyUnseen());
  readonly feeds = new OpenFeeds();
  readonly ids = new TaskIds();
  readonly queues: QueueState[] = [];
  readonly ready = new ReadyQueues<QueueState>();
  /** The queues that may evict, in the order in which they were added. */
  readonly preempting: QueueState[] = [];
  readonly unsettled = new UnsettledList(() => this.lifecycle.allSettled());
  readonly oddEvents = { refused: 0, unexpected: 0 };
  readonly orderName: SchedulerOrder;
  readonly environment: Environment;
  readonly deadlines: Deadlines;
  readonly durations: Durations;
  readonly cell: SchedulerCell;
  readonly attempts: Attempts;
  readonly settlement: Settlement;
  readonly selection: Selection;
  readonly lifecycle: Lifecycle;
  readonly nested: NestedWaits;
  readonly waiting: Waits;
  readonly queueEnds: QueueEnds;
  readonly cells: Cells<TaskRecord, TaskEvent>;
  readonly queueCells: Cells<QueueState, QueueEvent>;
  readonly #urgencies = new Urgencies();
  readonly fifo = new FifoOrder(this.#urgencies);
  readonly #system: ActorSystemPort;
  readonly waiters = new Waiters();
  readonly #cancellation = new Cancellation(this.eventQueue);

  constructor({ system, deliver, turn, environment, onFailure, order: orderName, durations }: EngineSetup) {
    this.orderName = orderName;
    this.durations = new Durations(environment.clock, durations);
    this.order = makeOrder(orderName, {
      urgencies: this.#urgencies,
      weigh: this.durations.weigh,
      isExact: durations !== undefined,
    });
    this.durations.learned = () => this.order.learned();
    const { eventQueue, order, hub, failures, feeds, ids, queues, unsettled, waiters } = this;
    this.environment = environment;
    this.deadlines = new Deadlines(environment.clock);
    this.#system = system;
    this.cell = new SchedulerCell(system.root, eventQueue, deliver);
    const { cell } = this;
    const periods = new RunPeriods(() => this.lifecycle.attemptEnded());
    const { changed } = cell;
    this.nested = new NestedWaits(changed);
    const { nested } = this;
    this.attempts = new Attempts({
      order,
      eventQueue,
      hub,
      periods,
      environment,
      deadlines: this.deadlines,
      durations: this.durations,
      isClosing: () => cell.state === 'closing' || cell.state === 'closed',
      isRunning: () => cell.isRunning,
      nested,
      changed,
    });
    const { attempts } = this;
    this.settlement = new Settlement({
      order,
      hub,
      failures,
      ids,
      unsettled,
      attempts,
      durations: this.durations,
      changed,
      waiters,
      failed: () => this.lifecycle.taskFailed(),
    });
    const ended = (): void => this.lifecycle.selectionEnded();
    const { ready, preempting, fifo } = this;
    this.selection = new Selection({ order, fifo, ready, preempting, eventQueue, attempts, changed, ended });
    const { watchLoop } = environment;
    this.waiting = new Waits({ cell, hub, failures, queues, attempts, unsettled, feeds, waiters, nested, watchLoop });
    const { waiting: waits } = this;
    const executorsClosed = (): Promise<void> => this.queueEnds.executorsClosed();
    this.lifecycle = new Lifecycle(
      {
        cell,
        eventQueue,
        hub,
        failures,
        queues,
        attempts,
        unsettled,
        feeds,
        cancellation: this.#cancellation,
        nested,
        waits,
        turn,
        onFailure,
        executorsClosed,
        keeping: () => this.keeping,
      },
      periods,
    );
    const { lifecycle, selection } = this;
    const forget = (queue: QueueState): void => this.#forget(queue);
    this.queueEnds = new QueueEnds({ queues, eventQueue, feeds, lifecycle, waits, forget });
    cell.effects = {
      select: () => selection.begin(),
      openGates: () => lifecycle.setGates({ type: 'scheduler.started' }),
      shutGates: () => lifecycle.setGates({ type: 'scheduler.stopped' }),
      reportState: () => lifecycle.reportState(),
      beginDraining: () => lifecycle.beginDraining(),
      beginClosing: () => lifecycle.beginClosing(),
      stopped: () => lifecycle.actorGone('the scheduler was stopped'),
    };
    const { tasks, queues: queueCells } = cellsOf(system, this);
    this.cells = tasks;
    this.queueCells = queueCells;
  }

  addQueue(spec: QueueSpec): QueueState {
    const bound =
      spec.maxPending === undefined
        ? undefined
        : new PendingLimit(spec.name, spec.maxPending, {
            announce: (event) => this.eventQueue.post(queue, event),
            later: (callback) => void this.environment.clock.after(0, callback),
          });
    const queue: QueueState = new QueueState(
      spec,
      this.queueCells,
      bound,
      this,
      this.#orderOf(spec),
      rateLimitOf(spec, this),
    );
    this.#system.register(spec.name, () => queue.ref());
    this.queueCells.show(queue);
    this.queues.push(queue);
    if (queue.preemption !== undefined) this.preempting.push(queue);
    if (this.lifecycle.isRunning) this.eventQueue.postUrgent(queue, { type: 'scheduler.started' });
    return queue;
  }

  #forget(queue: QueueState): void {
    retain(this.queues, (other) => other !== queue);
    retain(this.preempting, (other) => other !== queue);
    this.#system.unregister(queue.name);
  }

  #orderOf({ order }: QueueSpec): StartOrder {
    if (order !== 'fifo') return this.order;
    if (this.order.urgencies === undefined) {
      // From here on they are kept up to date.
      this.order.urgencies = this.#urgencies;
      for (const record of this.unsettled.newestFirst()) this.#urgencies.added(record);
    }
    return this.fifo;
  }

  /** Takes a record of a task of `queue`, whose edges are connected. `failed` is the error of a dependency that has already failed, if any. */
  admit(queue: QueueState, record: TaskRecord, failed: { readonly error: unknown } | undefined): void {
    queue.bound?.add(record);
    queue.tally.unsettled += 1;
    this.unsettled.add(record);
    this.order.add(record);
    this.hub.tap?.admitted(record);
    if (this.attempts.held > 0) openWholes(record);
    if (this.hub.hears.submitted) this.hub.emit(submissionOf(record));
    this.keeping?.admitted(record);
    if (record.isSettled) {
      // The store had its outcome.
    } else if (failed !== undefined) this.settlement.doom(record, failed.error);
    else if (record.waiting === 0) this.settlement.becomeReady(record);
    this.lifecycle.workArrived();
  }

  /** The scheduler's store, if it has one. */
  get keeping(): Keeping | undefined {
    return this.settlement.keeping;
  }

  // The requests of handles.

  watchEnd(record: TaskRecord, settled: Watcher): void {
    this.keeping?.unneeded.wanted(record);
    record.flow?.wantWhole();
    this.waiters.end(record, settled);
    this.waits();
  }

  watchPartial(record: TaskRecord, index: number, seen: Watcher): void {
    this.keeping?.unneeded.wanted(record);
    if (index < record.delivered) record.flow?.take(index);
    this.waiters.partial(record, index, seen);
    this.waits();
  }

  unwatch(record: TaskRecord, index: number, watcher: Watcher): void {
    this.waiters.forget(record, index, watcher);
  }

  waits(): void {
    this.waiting.waits();
  }

  forCaller<T>(record: TaskRecord, index: number, promise: Promise<T>): Promise<T> {
    return this.nested.forCaller(record, index, promise);
  }

  lookAt(record: TaskRecord): void {
    this.failures.lookAt(record);
  }

  cancel(record: TaskRecord, options: CancelOptions): boolean {
    return this.#cancellation.cancel(record, options);
  }

  actorOf(record: TaskRecord): TaskActorRef {
    record.isActorExposed = true;
    return this.cells.actorOf(record) as TaskActorRef;
  }

  why(record: TaskRecord, index: number): Why {
    const { state } = this.lifecycle;
    return why(record, index, state, new Holders(this.unsettled.newestFirst(), this.attempts.ending, this.nested));
  }

  readonly countStale = (): void => this.attempts.countStale();
}
