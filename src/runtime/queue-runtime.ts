/**
 * A queue as the runtime sees it: its actor, its lanes, and what selection knows of its room. The slots and resources
 * themselves are the actor's; what stands here is only when it is worth while to offer it something.
 */
import type { DemandOrder } from '../core/demand-order.js';
import type { Executor } from '../core/ports.js';
import { Lane } from '../core/ranking.js';
import { type Demand, NO_DEMAND } from '../core/resource-ledger.js';
import type { QueueActorRef } from './actor-refs.js';
import type { TaskQueue, TaskRecord, TaskService } from './task-record.js';

export interface QueueSpec {
  readonly name: string;
  readonly concurrency: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
  readonly executor: Executor;
}

export class QueueRuntime implements QueueSpec, TaskQueue {
  readonly name: string;
  readonly concurrency: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
  readonly executor: Executor;
  readonly actor: QueueActorRef;
  readonly holders = new Set<TaskRecord>();
  /** What handles of this queue's tasks can ask for. */
  readonly service: TaskService;
  #hasRoom = true;
  #refusedLanes = new Set<Lane>();
  readonly #plainLane = new Lane(NO_DEMAND);
  readonly #lanes = new Map<string, Lane>();
  readonly #allLanes: Lane[] = [this.#plainLane];

  constructor(spec: QueueSpec, actor: QueueActorRef, service: TaskService) {
    this.name = spec.name;
    this.concurrency = spec.concurrency;
    this.resourceNames = spec.resourceNames;
    this.capacity = spec.capacity;
    this.executor = spec.executor;
    this.actor = actor;
    this.service = service;
  }

  laneOf(demand: Demand): Lane {
    if (demand.length === 0) return this.#plainLane;
    const key = demand.join(' ');
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(demand);
      this.#lanes.set(key, lane);
      this.#allLanes.push(lane);
    }
    return lane;
  }

  /** Whether something could be offered: a slot may be free, and a task whose demand was not refused is ready. */
  get isEligible(): boolean {
    return this.#hasRoom && this.#allLanes.some((lane) => lane.readyCount > 0 && !this.#refusedLanes.has(lane));
  }

  /** The best-ranked ready task that has not been refused since something was last given back. */
  best(order: DemandOrder): TaskRecord | undefined {
    if (!this.#hasRoom) return undefined;
    let best: TaskRecord | undefined;
    for (const lane of this.#allLanes) {
      if (lane.readyCount === 0 || (this.#refusedLanes.size > 0 && this.#refusedLanes.has(lane))) continue;
      const top = lane.best() as TaskRecord | undefined;
      if (top !== undefined && (best === undefined || order.isBefore(top, best))) best = top;
    }
    return best;
  }

  /** The queue has granted: it may have been the last slot. */
  granted(): void {
    const { ledger } = this.actor.getSnapshot().context;
    this.#hasRoom = ledger.slotsTaken < ledger.slots;
  }

  /** The queue has refused a task of `lane`: for want of a slot, or of resources. */
  refused(lane: Lane): void {
    const { ledger } = this.actor.getSnapshot().context;
    if (ledger.slotsTaken < ledger.slots) this.#refusedLanes.add(lane);
    else this.#hasRoom = false;
  }

  /** Something was given back, or the gate was opened. */
  roomMade(): void {
    this.#hasRoom = true;
    if (this.#refusedLanes.size > 0) this.#refusedLanes = new Set();
  }
}
