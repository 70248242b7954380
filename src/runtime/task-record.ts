/**
 * All that the runtime knows of one task: its place in the graph (inherited), what is to be run, and how it stands. While
 * the task is pending the record is the whole task; its actor lives from the grant of a start (or from the moment
 * somebody asks for it) until it settles.
 *
 * The state is the actor's as long as there is one, else `restState`. Only the engine and its effects write here.
 */
import type { ActorRef, Snapshot } from 'xstate';
import type { TaskContextData, TaskEvent } from '../../machines/task.js';
import { GraphNode } from '../core/graph-node.js';
import type { Outcome, TaskState } from '../core/outcome.js';
import type { TaskFunction } from '../core/ports.js';
import type { Demand } from '../core/resource-ledger.js';
import type { AttemptRun } from './attempt-run.js';
import type { QueueRuntime } from './queue-runtime.js';
import type { TableSnapshot } from './table-logic.js';
import type { TableState } from './transition-table.js';

export type TaskSnapshot = TableSnapshot<TaskContextData, TaskEvent, Outcome>;
export type TaskActorRef = ActorRef<TaskSnapshot & Snapshot<Outcome>, TaskEvent>;

/** What only some tasks have; kept apart so that the others stay small. */
export interface TaskExtras {
  readonly id: string | undefined;
  readonly hold: boolean;
  readonly release: readonly TaskRecord[];
  /** Takes the listener off the `signal` option. */
  unlisten: (() => void) | undefined;
}

export class TaskRecord extends GraphNode {
  readonly queue: QueueRuntime;
  readonly extras: TaskExtras | undefined;
  readonly isStream: boolean;
  fn: TaskFunction | undefined;
  /** The arguments as submitted, handles included; undefined once settled. */
  args: readonly unknown[] | undefined;
  /** Whether handles stand among the arguments. */
  hasHandles: boolean;
  restState: TableState;
  attempt = 0;
  /** How many partial results there will be, where that is known. */
  announced: number | undefined;
  partials: unknown[] | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  actor: TaskActorRef | undefined = undefined;
  /** The actor was handed out: it stays reachable after settlement. */
  isActorExposed = false;
  run: AttemptRun | undefined = undefined;
  /** Settled, and still holding its slot and resources. */
  isHolding = false;
  /** Somebody has asked, or was told, how the task ended. */
  isLookedAt = false;
  /** Called once, on settlement. */
  endWatchers: (() => void)[] | undefined = undefined;
  /** By index: called once, when that result is delivered or the task settles without it. */
  partialWatchers: Map<number, (() => void)[]> | undefined = undefined;
  older: TaskRecord | undefined = undefined;
  newer: TaskRecord | undefined = undefined;

  constructor(init: {
    seq: number;
    priority: number;
    queue: QueueRuntime;
    demand: Demand;
    fn: TaskFunction;
    args: readonly unknown[];
    hasHandles: boolean;
    isStream: boolean;
    announced: number | undefined;
    extras: TaskExtras | undefined;
    restState: TableState;
  }) {
    super(init.seq, init.priority, init.queue.laneOf(init.demand));
    this.queue = init.queue;
    this.fn = init.fn;
    this.args = init.args;
    this.hasHandles = init.hasHandles;
    this.isStream = init.isStream;
    this.announced = init.announced;
    this.extras = init.extras;
    this.restState = init.restState;
  }

  get id(): string {
    return this.extras?.id ?? `#${this.seq}`;
  }

  get demand(): Demand {
    return this.lane.demand;
  }

  get state(): TaskState {
    const value = this.isSettled || this.actor === undefined ? this.restState.value : this.actor.getSnapshot().value;
    return value as TaskState;
  }

  /** Receives a message for the task. One that comes after settlement is stale. */
  send(event: TaskEvent): void {
    if (this.isSettled) this.queue.service.countStale();
    else this.actor?.send(event);
  }
}
