/**
 * A queue as the runtime sees it: the cell of its statechart, whose context is `name` and `ledger`, its lanes, and what
 * selection knows about its room.
 */
import { type Deferred, deferred } from '../../core/deferred.js';
import { SchedulerError } from '../../core/failures.js';
import type { QueueEvent } from '../../../machines/queue.js';
import { elementAt } from '../../core/element-at.js';
import { FifoOrder } from '../../core/order/fifo-order.js';
import { LaneIndex } from '../../core/order/lane-index.js';
import type { Executor } from '../../core/ports.js';
import type { Lane } from '../../core/order/lane.js';
import type { RankedNode } from '../../core/order/ranked-node.js';
import { type Demand, emptyLedger, type Ledger } from '../../core/order/resource-ledger.js';
import type { StartOrder } from '../../core/order/start-order.js';
import type { AnyActorRef } from 'xstate';
import type { QueueActorRef } from '../statecharts/actor-refs.js';
import type { Cells, ChartCell } from '../statecharts/cells.js';
import type { ChartState } from '../statecharts/chart.js';
import { queueChart } from '../statecharts/charts.js';
import type { PendingLimit } from '../policies/pending-limit.js';
import { Preemption, type PreemptionQueue } from './preemption.js';
import type { QueuePolicy } from '../policies/queue-policy.js';
import type { ListedQueue, ReadyQueues } from './ready-queues.js';
import type { RateOptions } from '../policies/rate.js';
import type { QueueLimits } from './queue-limits.js';
import type { RateLimit } from './rate-limit.js';
import { QueueTally } from './tally.js';
import type { TaskQueue, TaskRecord, TaskService } from '../tasks/task-record.js';

/**
 * The order in which the ready tasks of a queue start: demand order, newest final results first (`newest`), or in the order of
 * submission (`fifo`). `priority` comes first in both.
 *
 * @public
 */
export type QueueOrder = 'newest' | 'fifo';

/** The definition of a queue; names and capacity list the resources in the same order. @internal */
export interface QueueSpec {
  readonly name: string;
  readonly concurrency: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
  readonly executor: Executor;
  /** The scheduler's when not given. */
  readonly order: QueueOrder | undefined;
  /** How often attempts may start: all of the queue's, and those of each key. */
  readonly rate: RateOptions | undefined;
  readonly rateByKey: RateOptions | undefined;
  readonly policy: QueuePolicy;
  /** Most tasks that may be pending; no limit when not given. */
  readonly maxPending: number | undefined;
}

/** One queue at work. @internal */
export class QueueState
  implements
    Omit<QueueSpec, 'maxPending' | 'order' | 'rate' | 'rateByKey'>,
    TaskQueue,
    PreemptionQueue,
    ListedQueue,
    ChartCell
{
  readonly name: string;
  concurrency: number;
  resourceNames: readonly string[];
  capacity: readonly number[];
  readonly executor: Executor;
  readonly policy: QueuePolicy;
  chartState: ChartState = queueChart.initial;
  /** Slots and resources, and how much of them is taken. */
  ledger: Ledger;
  actor: AnyActorRef | undefined = undefined;
  readonly holders = new Set<TaskRecord>();
  /** Serves the handles of this queue's tasks. */
  readonly service: TaskService;
  /** Undefined for a queue that evicts nothing. */
  readonly preemption: Preemption | undefined;
  readonly bound: PendingLimit | undefined;
  readyAt = -1;
  readonly rate: RateLimit | undefined;
  emptyLedger: Ledger;
  readonly tally = new QueueTally(() => this.running);
  readonly #cells: Cells<QueueState, QueueEvent>;
  /** The order in which its ready tasks start. */
  readonly order: StartOrder;
  readonly #lanes: LaneIndex;
  /** Set once the queue is closed by itself; resolved when it is empty. */
  #emptied: Deferred<void> | undefined = undefined;
  #leaving: Map<TaskRecord, () => void> | undefined = undefined;
  /** Nothing has been granted last or refused since something was given back. */
  #hasRoom = true;

  constructor(
    spec: QueueSpec,
    cells: Cells<QueueState, QueueEvent>,
    bound: PendingLimit | undefined,
    engine: TaskService & { readonly ready: ReadyQueues<QueueState> },
    order: StartOrder,
    rate: RateLimit | undefined,
  ) {
    this.name = spec.name;
    this.concurrency = spec.concurrency;
    this.resourceNames = spec.resourceNames;
    this.capacity = spec.capacity;
    this.executor = spec.executor;
    this.policy = spec.policy;
    this.#cells = cells;
    this.bound = bound;
    this.service = engine;
    this.emptyLedger = emptyLedger(spec.concurrency, spec.capacity);
    this.ledger = this.emptyLedger;
    this.order = order;
    this.rate = rate;
    this.#lanes = new LaneIndex(order, {
      readyChanged: (by) => {
        rate?.whole?.readyChanged(by);
        engine.ready.changed(this);
      },
    });
    this.preemption = spec.policy.preempt === true ? new Preemption(this, order) : undefined;
  }

  send(event: QueueEvent): void {
    // Of a queue that was removed, what a task has held may still come back.
    if (this.chartState.isFinal) return;
    this.#cells.send(this, event);
  }

  ref(): QueueActorRef {
    return this.#cells.actorOf(this) as QueueActorRef;
  }

  /** Calls `left` once, when the task does not wait for its start any more. */
  whenLeft(task: TaskRecord, left: () => void): void {
    this.#leaving ??= new Map();
    this.#leaving.set(task, left);
  }

  left(task: TaskRecord): void {
    this.bound?.leave(task);
    const told = this.#leaving?.get(task);
    if (told === undefined) return;
    this.#leaving?.delete(task);
    told();
  }

  get isClosed(): boolean {
    return this.#emptied !== undefined;
  }

  settled(): void {
    this.#checkIsEmpty();
  }

  /** Takes no more tasks; resolves when the last has settled and its attempts have ended. What a task holds is not waited for. */
  close(): Promise<void> {
    const emptied = deferred<void>();
    this.#emptied = emptied;
    this.bound?.close(this.#closedError());
    this.#checkIsEmpty();
    return emptied.promise;
  }

  /** @throws SchedulerError `QueueClosed`. */
  checkIsOpen(): void {
    if (this.#emptied !== undefined) throw this.#closedError();
  }

  #closedError(): SchedulerError {
    const { name } = this;
    return new SchedulerError('QueueClosed', `queue ${name} takes no tasks: it was closed`, { queue: name });
  }

  #checkIsEmpty(): void {
    if (this.tally.unsettled === 0 && this.ledger.slotsTaken === this.holders.size) this.#emptied?.resolve();
  }

  laneOf(demand: Demand, rateKey: string | undefined): Lane<RankedNode> {
    return this.#lanes.laneOf(demand, this.rate?.gateOf(rateKey));
  }

  /** Takes other limits, and returns them whole; the ledger follows with the event that tells the statechart. */
  setLimits({ concurrency = this.concurrency, resources = {} }: QueueLimits): {
    readonly slots: number;
    readonly capacity: readonly number[];
  } {
    const capacities = new Map(this.resourceNames.map((name, index) => [name, elementAt(this.capacity, index)]));
    for (const [name, capacity] of Object.entries(resources)) capacities.set(name, capacity);
    this.concurrency = concurrency;
    this.resourceNames = [...capacities.keys()];
    this.capacity = [...capacities.values()];
    this.emptyLedger = emptyLedger(concurrency, this.capacity);
    return { slots: concurrency, capacity: this.capacity };
  }

  /** How many attempts hold a slot, those included whose task has settled. */
  get running(): number {
    return this.ledger.slotsTaken - this.holders.size;
  }

  get isPaused(): boolean {
    const { value } = this.chartState;
    return typeof value === 'object' && value['flow'] === 'paused';
  }

  /** Whether ready tasks wait for a user to resume the queue. */
  get isPausedWithWork(): boolean {
    return this.isPaused && this.#lanes.readyCount > 0;
  }

  /** Whether something could be offered: a slot may be free and something is ready. */
  get isEligible(): boolean {
    return this.#hasRoom && this.#lanes.readyCount > 0 && !this.isPaused && this.isWithinRate;
  }

  /** Whether the rate of the whole queue allows a start now. */
  get isWithinRate(): boolean {
    return this.rate?.whole?.isOpen !== false;
  }

  get isInSubmissionOrder(): boolean {
    return this.order instanceof FifoOrder;
  }

  get laneCount(): number {
    return this.#lanes.size;
  }

  get readyCount(): number {
    return this.#lanes.readyCount;
  }

  /** How many ready tasks have no rank yet; one of them might come before `best`. */
  get unrankedCount(): number {
    return this.#lanes.unrankedCount;
  }

  /** The best-ranked ready task that fits the remaining room; tasks without a rank are not considered. */
  best(): TaskRecord | undefined {
    return this.preemption === undefined ? this.bestFor(this.ledger) : this.preemption.best();
  }

  /** The best-ranked ready task that would fit `ledger`; tasks without a rank are not considered. */
  bestFor(ledger: Ledger): TaskRecord | undefined {
    // All nodes of a scheduler's graph are records.
    return this.#lanes.best(ledger) as TaskRecord | undefined;
  }

  /** The queue has granted: it may have been the last slot. */
  granted(): void {
    const { ledger } = this;
    this.#hasRoom = ledger.slotsTaken < ledger.slots;
  }

  /** The queue has refused: its gate is shut, or what was offered no longer fits. */
  refused(): void {
    this.#hasRoom = false;
    this.preemption?.refused();
  }

  /** Something was given back, or the gate was opened or shut. */
  roomMade(): void {
    this.#hasRoom = true;
    this.preemption?.changed();
    this.#checkIsEmpty();
    this.tally.look();
  }
}
