/**
 * What a scheduler knows of its tasks and queues, in the simplest form that can be compared with it. The model only follows what it is
 * told; whether that was right is for its callers to ask before.
 *
 * Invariants: `missing` is the number of needs that are not there, as long as the task has not settled; `queue.taken` is the sum of the
 * slots of its tasks. Every call is O(the edges of its task), `startable` O(unsettled tasks and their edges).
 */
import type { SchedulerOrder } from '../core/order/task-order.js';
import { ModelRates } from './model-rates.js';
import { fitsBeside, occupy, type Taken } from './model-room.js';
import type { ScenarioQueue, ScenarioTask } from './scenario-shape.js';
import type { OrderView } from './order-view.js';
import { startOrder, urgencies } from './start-order.js';
import { splitReference } from './trace.js';

/** A queue and what is taken of it. @internal */
export interface ModelQueue extends Taken {
  spec: ScenarioQueue;
  readonly rates: ModelRates;
  /** Whether something that the model does not know decides its starts: it is paused, has a rate that is not told, or evicts. */
  isOpaque: boolean;
  isPaused: boolean;
}

/** A task, or one of its partial results, that another needs. @internal */
export interface Need {
  readonly task: ModelTask;
  readonly index: number | undefined;
}

/** @internal */
export interface ModelTask {
  readonly plan: ScenarioTask;
  readonly queue: ModelQueue;
  needs: readonly Need[];
  readonly dependents: { readonly task: ModelTask; readonly index: number | undefined }[];
  state: 'pending' | 'ready' | 'running' | 'done' | 'failed' | 'cancelled';
  missing: number;
  /** A dependency that will never deliver what is needed. */
  doomedBy: ModelTask | undefined;
  /** Waits for the pause before its next attempt. */
  isPaused: boolean;
  /** The result that becomes its own, once its function has returned the handle. */
  followed: Need | undefined;
  /** Number of the latest attempt, and of its start among all starts. */
  attempt: number;
  started: number;
  /** Partial results delivered. */
  delivered: number;
  /** How many slots of its queue it has: attempts that were given up may still be ending beside the present one. */
  slots: number;
  /** Numbers of the attempts that have not ended. */
  readonly open: Set<number>;
  /** The tasks that are to release it. */
  readonly releasers: ModelTask[];
}

/** @internal */
export class Model {
  readonly queues = new Map<string, ModelQueue>();
  /** By id; see `forget`. */
  readonly tasks = new Map<string, ModelTask>();
  /** The tasks that have slots. */
  readonly occupants = new Set<ModelTask>();
  isRunning = false;
  /** The time, where it is told: what goes by rates is judged by it. */
  now = 0;
  readonly #order: SchedulerOrder;
  #starts = 0;
  /** Unsettled tasks in the order of submission. */
  readonly live = new Set<ModelTask>();

  constructor(order: SchedulerOrder = 'newest') {
    this.#order = order;
  }

  addQueue(spec: ScenarioQueue): ModelQueue {
    const rates = new ModelRates(spec);
    const queue = { spec, taken: 0, amounts: new Map<string, number>(), rates, isOpaque: false, isPaused: false };
    this.queues.set(spec.name, queue);
    return queue;
  }

  /** Undefined for a task of a queue that the model does not know. Dependencies that it does not know count as there. */
  submit(plan: ScenarioTask): ModelTask | undefined {
    const queue = this.queues.get(plan.queue);
    if (queue === undefined) return undefined;
    const references = [...plan.deps, ...(plan.release ?? []), ...(plan.after ?? [])];
    const needs = [...new Set(references)].flatMap((reference) => this.#need(reference));
    const task: ModelTask = {
      plan,
      queue,
      needs,
      dependents: [],
      state: 'pending',
      missing: 0,
      doomedBy: undefined,
      isPaused: false,
      followed: undefined,
      attempt: 0,
      started: 0,
      delivered: 0,
      slots: 0,
      open: new Set(),
      releasers: [],
    };
    for (const need of needs) {
      if (isThere(need)) continue;
      task.missing += 1;
      if (isHopeless(need)) task.doomedBy = need.task;
      need.task.dependents.push({ task, index: need.index });
    }
    if (task.missing === 0) task.state = 'ready';
    for (const id of plan.release ?? []) this.tasks.get(id)?.releasers.push(task);
    this.tasks.set(plan.id, task);
    this.live.add(task);
    return task;
  }

  #need(reference: string): Need[] {
    const { id, index } = splitReference(reference);
    const task = this.tasks.get(id);
    return task === undefined ? [] : [{ task, index }];
  }

  start(task: ModelTask): void {
    task.state = 'running';
    task.isPaused = false;
    task.attempt += 1;
    this.#starts += 1;
    task.started = this.#starts;
    task.queue.rates.started(task.plan, this.now);
    this.#occupy(task, 1);
  }

  deliver(task: ModelTask): void {
    const index = task.delivered;
    task.delivered += 1;
    for (const dependent of task.dependents) if (dependent.index === index) satisfy(dependent.task);
  }

  /** The task waits again; in a pause it is not ready until `resumed`. */
  goBack(task: ModelTask, isPaused: boolean): void {
    task.state = isPaused ? 'pending' : 'ready';
    task.isPaused = isPaused;
  }

  /** The function has returned the handle that it was to return: the task waits for that result. */
  follow(task: ModelTask): void {
    task.state = 'pending';
    [task.followed] = this.#need(task.plan.follows ?? '');
  }

  resumed(task: ModelTask): void {
    task.isPaused = false;
    task.state = 'ready';
  }

  settle(task: ModelTask, state: 'done' | 'failed' | 'cancelled'): void {
    task.state = state;
    this.live.delete(task);
    for (const { task: dependent, index } of task.dependents) {
      if (isSettled(dependent) || (index !== undefined && index < task.delivered)) continue;
      if (state === 'done' && index === undefined) satisfy(dependent);
      else dependent.doomedBy ??= task;
    }
    task.dependents.length = 0;
  }

  returnSlot(task: ModelTask): void {
    this.#occupy(task, -1);
  }

  /** Whether the task keeps a slot: it is done, holds, and no task that releases it has settled and ended all its attempts. */
  isHolding({ plan, state, releasers }: ModelTask): boolean {
    if (plan.hold !== true || state !== 'done') return false;
    return !releasers.some((releaser) => isSettled(releaser) && releaser.open.size === 0);
  }

  /** A running function that had given its slot away has one again. */
  regain(task: ModelTask): void {
    this.#occupy(task, 1);
  }

  /** Lets go of what a settled task needed, so that it can be collected. */
  unlink(task: ModelTask): void {
    task.needs = [];
  }

  /** Drops a settled task without slots. What needs it later counts it as there. */
  forget(task: ModelTask): void {
    if (this.tasks.get(task.plan.id) === task) this.tasks.delete(task.plan.id);
  }

  fits({ queue, plan }: ModelTask): boolean {
    return fitsBeside(queue, queue.spec, plan);
  }

  /** The ready tasks of the queues whose starts the model can tell, first to start first; also what does not fit. */
  startable(): Generator<ModelTask, void, undefined> {
    return startOrder([...this.live].toReversed(), VIEW, this.#order);
  }

  /** How urgent each unsettled task is. */
  urgencies(): ReadonlyMap<ModelTask, number> {
    return urgencies([...this.live].toReversed(), VIEW);
  }

  /** The slots of a task that are on their way back: those of attempts that have been given up. */
  leaving(task: ModelTask): number {
    return task.slots - (task.state === 'running' || this.isHolding(task) ? 1 : 0);
  }

  /** Whether the queue keeps room that comes back for tasks that have evicted others: what is left is not for all then. */
  isReserving(queue: ModelQueue): boolean {
    if (queue.spec.preempt !== true) return false;
    return [...this.occupants].some((task) => task.queue === queue && this.leaving(task) > 0);
  }

  /** Whether a rate keeps the task from starting now. */
  isRated({ queue, plan }: ModelTask): boolean {
    return !queue.rates.allow(plan, this.now);
  }

  /** Whether a rate that keeps it from starting is just over: the scheduler may not have heard of it. */
  #isJustOpen({ queue, plan }: ModelTask): boolean {
    return !queue.rates.allow(plan, this.now - 1);
  }

  /** The task to start next; undefined if nothing can start. `started` may be one that a rate has allowed just now. */
  next(started?: ModelTask): ModelTask | undefined {
    if (!this.isRunning || !this.#isRoom()) return undefined;
    for (const task of this.startable()) {
      const { isOpaque, isPaused } = task.queue;
      if (isOpaque || isPaused || !this.fits(task) || this.isRated(task) || this.isReserving(task.queue)) continue;
      if (started === undefined || task === started || !this.#isJustOpen(task)) return task;
    }
    return undefined;
  }

  #isRoom(): boolean {
    for (const { taken, spec } of this.queues.values()) if (taken < spec.concurrency) return true;
    return false;
  }

  #occupy(task: ModelTask, change: 1 | -1): void {
    task.slots += change;
    if (task.slots > 0) this.occupants.add(task);
    else this.occupants.delete(task);
    occupy(task.queue, task.plan, change);
  }
}

const VIEW: OrderView<ModelTask> = {
  missing: (task) => {
    if (task.isPaused || task.followed !== undefined || (task.state !== 'pending' && task.state !== 'ready'))
      return undefined;
    return task.missing === 0 ? [] : task.needs.filter((need) => !isThere(need)).map((need) => need.task);
  },
  priority: ({ plan }) => plan.priority ?? 0,
  weight: ({ plan }) => plan.duration,
  isFifo: ({ queue }) => queue.spec.order === 'fifo',
};

/** @internal */
export function isSettled({ state }: ModelTask): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** @internal */
export function isThere({ task, index }: Need): boolean {
  return index === undefined ? task.state === 'done' : index < task.delivered;
}

/** Whether it can never be there. @internal */
export function isHopeless(need: Need): boolean {
  return !isThere(need) && isSettled(need.task);
}

function satisfy(task: ModelTask): void {
  task.missing -= 1;
  if (task.missing === 0 && task.state === 'pending') task.state = 'ready';
}
