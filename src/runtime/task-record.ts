/**
 * All that the runtime knows of one task: its place in the graph (inherited), what is to be run, and how it stands. While
 * the task is pending the record is the whole task; its actor lives from the grant of a start (or from the moment
 * somebody asks for it) until it settles.
 *
 * The state is the actor's as long as there is one, else `restState`. Only the engine and its effects write here.
 */
import type { TaskEvent } from '../../machines/task.js';
import type { Outcome, TaskState } from '../core/outcome.js';
import type { Executor, TaskFunction } from '../core/ports.js';
import { type Lane, RankedNode } from '../core/ranking.js';
import type { Demand } from '../core/resource-ledger.js';
import type { QueueActorRef, TaskActorRef } from './actor-refs.js';
import type { AttemptRun } from './attempt-run.js';
import type { Why } from './reason.js';
import type { TableState } from './transition-table.js';

/** What a handle can ask of the engine behind it. @internal */
export interface TaskService {
  /** Calls `settled` once, when the task has settled. */
  watchEnd(record: TaskRecord, settled: () => void): void;
  /** Calls `seen` once: when that partial result has been delivered, or the task has settled without it. */
  watchPartial(record: TaskRecord, index: number, seen: () => void): void;
  /** Somebody asks how the task ends: its failure is no longer unnoticed. */
  lookAt(record: TaskRecord): void;
  cancel(record: TaskRecord, reason: unknown): boolean;
  actorOf(record: TaskRecord): TaskActorRef;
  /** The last step of a task's actor is over. */
  letGo(actor: TaskActorRef): void;
  countStale(): void;
  why(record: TaskRecord, index: number): Why;
}

/** What a task needs of its queue. @internal */
export interface TaskQueue {
  readonly name: string;
  readonly executor: Executor;
  readonly service: TaskService;
  readonly actor: QueueActorRef;
  readonly resourceNames: readonly string[];
  /** Settled tasks that still hold their slot and resources here. */
  readonly holders: Set<TaskRecord>;
  laneOf(demand: Demand): Lane;
}

/** What only some tasks have; kept apart so that the others stay small. @internal */
export interface TaskExtras {
  readonly id: string | undefined;
  readonly hold: boolean;
  readonly release: readonly TaskRecord[];
  /** Takes the listener off the `signal` option. */
  unlisten: (() => void) | undefined;
}

const NO_ARGS: readonly unknown[] = [];
const nothing = (): void => undefined;

/** One task, from its submission until the last handle of it is gone. @internal */
export class TaskRecord extends RankedNode {
  readonly queue: TaskQueue;
  readonly extras: TaskExtras | undefined;
  readonly isStream: boolean;
  /** Replaced by one that does nothing once the task has settled, so that what it closes over can be collected. */
  fn: TaskFunction;
  /** The arguments as submitted, handles included; empty once the task has settled. */
  args: readonly unknown[];
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
  run: AttemptRun<TaskRecord> | undefined = undefined;
  /** A task that was to release this one has settled. */
  isReleased = false;
  /** Settled, and still holding its slot and resources. */
  isHolding = false;
  /** Somebody has asked, or was told, how the task ended. */
  isLookedAt = false;
  /** The list of unnoticed failures that has the task; see `FailureList`. */
  failedIn = -1;
  /** Called once, on settlement. */
  endWatchers: (() => void)[] | undefined = undefined;
  /** By index: called once, when that result is delivered or the task settles without it. */
  partialWatchers: Map<number, (() => void)[]> | undefined = undefined;
  older: TaskRecord | undefined = undefined;
  newer: TaskRecord | undefined = undefined;

  constructor(init: {
    seq: number;
    priority: number;
    queue: TaskQueue;
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

  /** Lets go of what a settled task no longer needs. */
  forgetWork(): void {
    this.lane.users -= 1;
    this.fn = nothing;
    this.args = NO_ARGS;
    this.extras?.unlisten?.();
    if (this.outcome?.status === 'done') this.dependencies = undefined;
  }

  get state(): TaskState {
    const value = this.isSettled || this.actor === undefined ? this.restState.value : this.actor.getSnapshot().value;
    return value as TaskState;
  }

  /** Receives a message for the task. One that comes after settlement is stale. */
  send(event: TaskEvent): void {
    const { service } = this.queue;
    if (this.isSettled) {
      service.countStale();
      return;
    }
    const { actor } = this;
    if (actor === undefined) return;
    actor.send(event);
    if (this.isSettled) service.letGo(actor);
  }
}
