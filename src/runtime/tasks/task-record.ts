/**
 * All that the runtime knows of one task: its place in the graph (inherited), its function and arguments, and its state.
 * The record is the cell of the task's statechart: `attempt`, `delivered` and `outcome` are the chart's context.
 * Invariant: only the interpreter, and the effects that a step asks for, write here.
 */
import type { TaskEvent } from '../../../machines/task.js';
import type { QueueEvent } from '../../../machines/queue.js';
import { DependencyFailed } from '../../core/failures.js';
import type { Outcome, TaskState } from '../../core/outcome.js';
import { isInstance } from '../../core/user-value.js';
import type { Executor, TaskFunction } from '../../core/ports.js';
import type { Lane } from '../../core/order/lane.js';
import type { StartOrder } from '../../core/order/start-order.js';
import { RankedNode } from '../../core/order/ranked-node.js';
import type { Demand, Ledger } from '../../core/order/resource-ledger.js';
import { NO_DEPENDENCIES } from '../../core/order/graph-node.js';
import { DIRECT, EXPOSED, HANDLES, HOLDING, LOOKED_AT, RELEASED, STREAM } from '../../core/order/task-facts.js';
import type { QueueActorRef, TaskActorRef } from '../statecharts/actor-refs.js';
import type { AttemptWatch, TaskAttempt } from './attempt.js';
import type { PendingLimit } from '../policies/pending-limit.js';
import type { CancelOptions } from '../policies/cancel-options.js';
import type { Deadline } from '../policies/deadlines.js';
import type { QueuePolicy } from '../policies/queue-policy.js';
import type { KeptTask } from '../keeping/kept-task.js';
import type { RateLimit } from '../queues/rate-limit.js';
import type { QueueTally } from '../queues/tally.js';
import type { Why } from './reason.js';
import { type FollowedTask, type TaskExtras, type TaskInit, TaskSide, type Watcher } from './task-side.js';
import type { Backpressure } from './backpressure.js';
import type { Cells, ChartCell } from '../statecharts/cells.js';
import type { ChartState } from '../statecharts/chart.js';
import { taskChart } from '../statecharts/charts.js';
import type { EventQueue } from '../events/event-queue.js';

/** The engine, as far as handles and records need it. @internal */
export interface TaskService {
  /** Calls `settled` once, when the task has settled. */
  watchEnd(record: TaskRecord, settled: Watcher): void;
  /** Calls `seen` once: when that partial result has been delivered, or the task has settled without it. */
  watchPartial(record: TaskRecord, index: number, seen: Watcher): void;
  /** A caller waits: while the scheduler is stalled, the caller is answered with that. */
  waits(): void;
  /** Takes back a `watchEnd` (`index` is `WHOLE`) or a `watchPartial`. */
  unwatch(record: TaskRecord, index: number, watcher: Watcher): void;
  /** The promise of an end or a partial result of the task, as the function gets it that asks for it. */
  forCaller<T>(record: TaskRecord, index: number, promise: Promise<T>): Promise<T>;
  /** The end of the task is being observed: its failure is no longer unhandled. */
  lookAt(record: TaskRecord): void;
  cancel(record: TaskRecord, options: CancelOptions): boolean;
  actorOf(record: TaskRecord): TaskActorRef;
  countStale(): void;
  /** Takes the steps of the tasks' statecharts. */
  readonly cells: Cells<TaskRecord, TaskEvent>;
  readonly eventQueue: EventQueue;
  why(record: TaskRecord, index: number): Why;
}

/** A queue, as far as its tasks need it. @internal */
export interface TaskQueue {
  readonly name: string;
  readonly executor: Executor;
  readonly service: TaskService;
  readonly ledger: Ledger;
  ref(): QueueActorRef;
  /** Takes a step of the queue's statechart. */
  send(event: QueueEvent): void;
  readonly resourceNames: readonly string[];
  readonly policy: QueuePolicy;
  /** Told of the queue's attempts, where the queue may evict some of them. */
  readonly preemption: AttemptWatch<TaskRecord> | undefined;
  /** Settled tasks that still hold their slot and resources here. */
  readonly holders: Set<TaskRecord>;
  /** How many tasks may be pending, where that is bounded. */
  readonly bound: PendingLimit | undefined;
  readonly isPaused: boolean;
  /** It takes no more tasks, and ends with its last. */
  readonly isClosed: boolean;
  /** The order in which its ready tasks start. */
  readonly order: StartOrder;
  readonly tally: QueueTally;
  /** The task has been granted its start, or has settled without one; told again, nothing happens. */
  left(task: TaskRecord): void;
  /** One of its tasks has settled. */
  settled(): void;
  laneOf(demand: Demand, rateKey: string | undefined): Lane<RankedNode>;
  readonly rate: RateLimit | undefined;
}

const NO_ARGS: readonly unknown[] = [];
const nothing = (): void => undefined;

/** One task, from its submission until the last handle of it is gone. @internal */
export class TaskRecord extends RankedNode implements ChartCell {
  readonly queue: TaskQueue;
  /** Replaced by one that does nothing once the task has settled, so that what it closes over can be collected. */
  fn: TaskFunction;
  /** The arguments as submitted, handles included; empty where they are direct, and once the task has settled. */
  args: readonly unknown[];
  chartState: ChartState = taskChart.initial;
  /** Place in the list of unsettled tasks. */
  unsettledAt = 0;
  attempt = 0;
  outcome: Outcome | undefined = undefined;
  actor: TaskActorRef | undefined = undefined;
  run: TaskAttempt<TaskRecord> | undefined = undefined;
  #side: TaskSide<TaskRecord> | undefined = undefined;

  constructor(init: TaskInit<TaskQueue, TaskRecord>) {
    super(init.seq, init.priority, init.queue.laneOf(init.demand, init.rateKey));
    this.queue = init.queue;
    this.fn = init.fn;
    this.args = init.isDirect ? NO_ARGS : init.args;
    if (init.isStream) this.facts |= STREAM;
    if (init.hasHandles) this.facts |= HANDLES;
    if (init.isDirect) this.facts |= DIRECT;
    if (init.announced !== undefined) this.announced = init.announced;
    if (init.extras !== undefined) (this.#side ??= new TaskSide()).extras = init.extras;
  }

  get id(): string {
    return this.extras?.id ?? `#${this.seq}`;
  }

  get isStream(): boolean {
    return this.is(STREAM);
  }

  /** Whether handles stand among the arguments. */
  get hasHandles(): boolean {
    return this.is(HANDLES);
  }

  /** The arguments are nothing but the results of the dependencies, in their order: `args` is not needed. */
  get isDirect(): boolean {
    return this.is(DIRECT);
  }

  /** A handle gave the actor out: it stays the same after settlement. */
  get isActorExposed(): boolean {
    return this.is(EXPOSED);
  }

  set isActorExposed(isSo: boolean) {
    this.note(EXPOSED, isSo);
  }

  /** A task that was to release this one has settled. */
  get isReleased(): boolean {
    return this.is(RELEASED);
  }

  set isReleased(isSo: boolean) {
    this.note(RELEASED, isSo);
  }

  /** Settled, and still holding its slot and resources. */
  get isHolding(): boolean {
    return this.is(HOLDING);
  }

  set isHolding(isSo: boolean) {
    this.note(HOLDING, isSo);
  }

  /** The end of the task has been asked for, or was reported. */
  get isLookedAt(): boolean {
    return this.is(LOOKED_AT);
  }

  set isLookedAt(isSo: boolean) {
    this.note(LOOKED_AT, isSo);
  }

  get extras(): TaskExtras<TaskRecord> | undefined {
    return this.#side?.extras;
  }

  get flow(): Backpressure | undefined {
    return this.#side?.extras?.flow;
  }

  /** What the scheduler's store has to do with the task, if it has one. */
  get kept(): KeptTask | undefined {
    return this.#side?.kept;
  }

  set kept(kept: KeptTask | undefined) {
    (this.#side ??= new TaskSide()).kept = kept;
  }

  /** How many partial results there will be, where that is known. */
  get announced(): number | undefined {
    return this.#side?.announced;
  }

  set announced(count: number | undefined) {
    (this.#side ??= new TaskSide()).announced = count;
  }

  /** The partial results that have been delivered and not released; undefined before the first. */
  get partials(): unknown[] | undefined {
    return this.#side?.partials;
  }

  set partials(values: unknown[] | undefined) {
    (this.#side ??= new TaskSide()).partials = values;
  }

  /** The list of unnoticed failures that has the task; see `UnhandledFailures`. */
  get failedIn(): number {
    return this.#side?.failedIn ?? -1;
  }

  set failedIn(generation: number) {
    (this.#side ??= new TaskSide()).failedIn = generation;
  }

  /** Attempts that failed or took too long. */
  get failures(): number {
    return this.#side?.failures ?? 0;
  }

  set failures(count: number) {
    (this.#side ??= new TaskSide()).failures = count;
  }

  /** When the pause before the next attempt is over, if there is one. */
  get pause(): Deadline | undefined {
    return this.#side?.pause;
  }

  set pause(deadline: Deadline | undefined) {
    (this.#side ??= new TaskSide()).pause = deadline;
  }

  /** The task whose handle the function returned. */
  get following(): FollowedTask<TaskRecord> | undefined {
    return this.#side?.following;
  }

  set following(followed: FollowedTask<TaskRecord> | undefined) {
    (this.#side ??= new TaskSide()).following = followed;
  }

  /** Called once, on settlement. */
  get endWatchers(): Watcher[] | undefined {
    return this.#side?.endWatchers;
  }

  set endWatchers(watchers: Watcher[] | undefined) {
    (this.#side ??= new TaskSide()).endWatchers = watchers;
  }

  /** By index: called once, when that result is delivered or the task settles without it. */
  get partialWatchers(): Map<number, Watcher[]> | undefined {
    return this.#side?.partialWatchers;
  }

  set partialWatchers(watchers: Map<number, Watcher[]> | undefined) {
    (this.#side ??= new TaskSide()).partialWatchers = watchers;
  }

  /** The dependency whose end this task failed for, if it did. O(dependencies). */
  get failedFor(): TaskRecord | undefined {
    const { outcome } = this;
    if (outcome?.status !== 'failed' || !isInstance(outcome.error, DependencyFailed)) return undefined;
    const [, id] = outcome.error.tasks;
    return this.dependencies.find((dependency) => dependency.id === id);
  }

  get demand(): Demand {
    return this.lane.demand;
  }

  /** Releases the function, the arguments and, if done, the dependencies of a settled task. */
  forgetWork(): void {
    this.lane.leave();
    this.fn = nothing;
    this.args = NO_ARGS;
    this.#side?.forgetWork();
    if (this.outcome?.status === 'done') this.dependencies = NO_DEPENDENCIES;
  }

  get state(): TaskState {
    return this.chartState.value as TaskState;
  }

  /** Receives an event whose turn has come. One that comes after settlement is stale. */
  send(event: TaskEvent): void {
    const { service } = this.queue;
    if (this.isSettled) service.countStale();
    else service.cells.send(this, event);
  }

  /** Takes the step at once; while an attempt is under way, which may be the caller, the event waits its turn. */
  tell(event: TaskEvent): void {
    if (this.run === undefined) this.send(event);
    else this.queue.service.eventQueue.post(this, event);
  }
}
