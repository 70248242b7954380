/**
 * A queue as the runtime sees it: the cell of its statechart, whose context is `name` and `ledger`, its lanes, and what
 * selection knows about its room.
 */
import { type Deferred, deferred } from '../../core/deferred.js';
import { SchedulerError } from '../../core/failures.js';
import type { DemandOrder } from '../../core/order/demand-order.js';
import type { QueueEvent } from '../../../machines/queue.js';
import { LaneIndex } from '../../core/order/lane-index.js';
import type { Executor } from '../../core/ports.js';
import type { Lane } from '../../core/order/lane.js';
import type { RankedNode } from '../../core/order/ranked-node.js';
import { type Demand, emptyLedger, type Ledger } from '../../core/order/resource-ledger.js';
import type { AnyActorRef } from 'xstate';
import type { QueueActorRef } from '../statecharts/actor-refs.js';
import type { Cells, ChartCell } from '../statecharts/cells.js';
import type { ChartState } from '../statecharts/chart.js';
import { queueChart } from '../statecharts/charts.js';
import type { PendingLimit } from '../policies/pending-limit.js';
import { Preemption, type PreemptionQueue } from './preemption.js';
import type { QueuePolicy } from '../policies/queue-policy.js';
import type { ListedQueue, ReadyQueues } from './ready-queues.js';
import type { TaskQueue, TaskRecord, TaskService } from '../tasks/task-record.js';

/** The definition of a queue; names and capacity list the resources in the same order. @internal */
export interface QueueSpec {
  readonly name: string;
  readonly concurrency: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
  readonly executor: Executor;
  readonly policy: QueuePolicy;
  /** Most tasks that may be pending; no limit when not given. */
  readonly maxPending: number | undefined;
}

/** One queue at work. @internal */
export class QueueState implements Omit<QueueSpec, 'maxPending'>, TaskQueue, PreemptionQueue, ListedQueue, ChartCell {
  readonly name: string;
  readonly concurrency: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
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
  readonly emptyLedger: Ledger;
  readyAt = -1;
  readonly #cells: Cells<QueueState, QueueEvent>;
  readonly #lanes: LaneIndex;
  /** Tasks that have not settled. */
  #tasks = 0;
  /** Set once the queue is closed by itself; resolved when it is empty. */
  #emptied: Deferred<void> | undefined = undefined;
  #leaving: Map<TaskRecord, () => void> | undefined = undefined;
  /** Nothing has been granted last or refused since something was given back. */
  #hasRoom = true;

  constructor(
    spec: QueueSpec,
    cells: Cells<QueueState, QueueEvent>,
    bound: PendingLimit | undefined,
    engine: TaskService & { readonly order: DemandOrder; readonly ready: ReadyQueues<QueueState> },
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
    const { order, ready } = engine;
    this.#lanes = new LaneIndex(
      (a, b) => order.isBefore(a, b),
      () => ready.changed(this),
    );
    this.preemption = spec.policy.preempt === true ? new Preemption(this, order) : undefined;
  }

  send(event: QueueEvent): void {
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

  /** A task has been submitted. */
  entered(): void {
    this.#tasks += 1;
  }

  settled(): void {
    this.#tasks -= 1;
    this.#checkIsEmpty();
  }

  /** Takes no more tasks; resolves when the last has settled and its attempts have ended. What a task holds is not waited for. */
  close(): Promise<void> {
    if (this.#emptied === undefined) {
      this.#emptied = deferred<void>();
      this.bound?.close(this.#closedError());
      this.#checkIsEmpty();
    }
    return this.#emptied.promise;
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
    if (this.#tasks === 0 && this.ledger.slotsTaken === this.holders.size) this.#emptied?.resolve();
  }

  laneOf(demand: Demand): Lane<RankedNode> {
    return this.#lanes.laneOf(demand);
  }

  /** Whether something could be offered: a slot may be free and something is ready. */
  get isEligible(): boolean {
    return this.#hasRoom && this.#lanes.readyCount > 0;
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
    if (!this.#hasRoom) return undefined;
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
    if (this.#emptied !== undefined) this.#checkIsEmpty();
  }
}
