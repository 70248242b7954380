/**
 * A queue as the runtime sees it: its actor, its lanes, and what selection knows of its room. The slots and resources
 * themselves are the actor's; what stands here is only when it is worth while to offer it something.
 */
import type { DemandOrder } from '../../core/order/demand-order.js';
import type { QueueEvent } from '../../../machines/queue.js';
import { LaneIndex } from '../../core/order/lane-index.js';
import type { Executor } from '../../core/ports.js';
import type { Lane } from '../../core/order/lane.js';
import type { RankedNode } from '../../core/order/blocks.js';
import { type Demand, emptyLedger, type Ledger } from '../../core/order/resource-ledger.js';
import type { QueueActorRef } from '../statecharts/actor-refs.js';
import type { PendingLimit } from '../policies/pending-limit.js';
import { Preemption, type PreemptionQueue } from './preemption.js';
import type { QueuePolicy } from '../policies/queue-policy.js';
import type { TaskQueue, TaskRecord, TaskService } from '../tasks/task-record.js';

/** What a queue is made from; the resources stand in one order in names and capacity. @internal */
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
export class QueueState implements Omit<QueueSpec, 'maxPending'>, TaskQueue, PreemptionQueue {
  readonly name: string;
  readonly concurrency: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
  readonly executor: Executor;
  readonly policy: QueuePolicy;
  readonly actor: QueueActorRef;
  readonly holders = new Set<TaskRecord>();
  /** What handles of this queue's tasks can ask for. */
  readonly service: TaskService;
  /** Undefined for a queue that evicts nothing. */
  readonly preemption: Preemption | undefined;
  readonly bound: PendingLimit | undefined;
  readonly emptyLedger: Ledger;
  readonly #deliver: (event: QueueEvent) => void;
  readonly #lanes: LaneIndex;
  #leaving: Map<TaskRecord, () => void> | undefined = undefined;
  /** Nothing has been granted last or refused since something was given back. */
  #hasRoom = true;

  constructor(
    spec: QueueSpec,
    actor: QueueActorRef,
    deliver: (event: QueueEvent) => void,
    bound: PendingLimit | undefined,
    service: TaskService,
    order: DemandOrder,
  ) {
    this.name = spec.name;
    this.concurrency = spec.concurrency;
    this.resourceNames = spec.resourceNames;
    this.capacity = spec.capacity;
    this.executor = spec.executor;
    this.policy = spec.policy;
    this.actor = actor;
    this.#deliver = deliver;
    this.bound = bound;
    this.service = service;
    this.emptyLedger = emptyLedger(spec.concurrency, spec.capacity);
    this.#lanes = new LaneIndex((a, b) => order.isBefore(a, b));
    this.preemption = spec.policy.preempt === true ? new Preemption(this, order) : undefined;
  }

  /** Receives a message for the queue's actor. */
  send(event: QueueEvent): void {
    this.#deliver(event);
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

  get ledger(): Ledger {
    return this.actor.getSnapshot().context.ledger;
  }

  /** The best-ranked ready task that fits what is left, of those that have a rank. */
  best(): TaskRecord | undefined {
    if (!this.#hasRoom) return undefined;
    return this.preemption === undefined ? this.bestFor(this.ledger) : this.preemption.best();
  }

  /** The best-ranked ready task that would fit `ledger`, of those that have a rank. */
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
  }
}
