/**
 * A queue as the runtime sees it: its actor, its lanes, and what selection knows of its room. The slots and resources
 * themselves are the actor's; what stands here is only when it is worth while to offer it something.
 */
import type { DemandOrder } from '../core/demand-order.js';
import { LaneIndex } from '../core/lane-index.js';
import type { Executor } from '../core/ports.js';
import type { Lane } from '../core/lane.js';
import type { RankedNode } from '../core/ranking.js';
import type { Demand } from '../core/resource-ledger.js';
import type { QueueActorRef } from './actor-refs.js';
import type { QueuePolicy } from './queue-policy.js';
import type { TaskQueue, TaskRecord, TaskService } from './task-record.js';

/** What a queue is made from; the resources stand in one order in names and capacity. @internal */
export interface QueueSpec {
  readonly name: string;
  readonly concurrency: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
  readonly executor: Executor;
  readonly policy: QueuePolicy;
}

/** One queue at work. @internal */
export class QueueRuntime implements QueueSpec, TaskQueue {
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
  readonly #lanes: LaneIndex;
  /** Nothing has been granted last or refused since something was given back. */
  #hasRoom = true;

  constructor(spec: QueueSpec, actor: QueueActorRef, service: TaskService, order: DemandOrder) {
    this.name = spec.name;
    this.concurrency = spec.concurrency;
    this.resourceNames = spec.resourceNames;
    this.capacity = spec.capacity;
    this.executor = spec.executor;
    this.policy = spec.policy;
    this.actor = actor;
    this.service = service;
    this.#lanes = new LaneIndex((a, b) => order.isBefore(a, b));
  }

  laneOf(demand: Demand): Lane<RankedNode> {
    return this.#lanes.laneOf(demand);
  }

  /** Whether something could be offered: a slot may be free and something is ready. */
  get isEligible(): boolean {
    return this.#hasRoom && this.#lanes.readyCount > 0;
  }

  /** Whether a ready task that has no rank yet might come before `best`. */
  get hasUnranked(): boolean {
    return this.#lanes.hasUnranked;
  }

  /** The best-ranked ready task that fits what is left, of those that have a rank. */
  best(): TaskRecord | undefined {
    if (!this.#hasRoom) return undefined;
    // All nodes of a scheduler's graph are records.
    return this.#lanes.best(this.actor.getSnapshot().context.ledger) as TaskRecord | undefined;
  }

  /** The queue has granted: it may have been the last slot. */
  granted(): void {
    const { ledger } = this.actor.getSnapshot().context;
    this.#hasRoom = ledger.slotsTaken < ledger.slots;
  }

  /** The queue has refused: its gate is shut, or what was offered no longer fits. */
  refused(): void {
    this.#hasRoom = false;
  }

  /** Something was given back, or the gate was opened or shut. */
  roomMade(): void {
    this.#hasRoom = true;
  }
}
