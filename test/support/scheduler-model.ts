/**
 * What a scheduler must do, in the simplest form that can be compared with it: tasks as plain objects, all of which are
 * looked at again after every event. One event settles all that it settles, then follows one selection by the rule of
 * test/vectors/README.md with priorities.
 */
import type { TaskState } from '../../src/index.js';
import type { OrderView } from '../../src/testing/order-view.js';
import { startOrder } from '../../src/testing/start-order.js';

export interface ModelQueue {
  readonly name: string;
  readonly concurrency: number;
  readonly mem: number;
}

/** A task, or one of its partial results, that another task needs. */
export interface Need {
  readonly task: ModelTask;
  readonly index: number | undefined;
}

export interface TaskPlan {
  readonly id: string;
  readonly queue: ModelQueue;
  /** What it needs as arguments, in order. */
  readonly inputs: readonly Need[];
  readonly release: readonly ModelTask[];
  readonly after: readonly Need[];
  readonly mem: number;
  readonly priority: number;
  readonly hold: boolean;
  readonly stream: boolean;
  /** How many partial results a stream announces. */
  readonly announced: number | undefined;
}

export interface ModelTask extends TaskPlan {
  state: TaskState;
  delivered: number;
  hasStarted: boolean;
  /** Whether an attempt is under way; it outlives the cancellation of its task. */
  isRunning: boolean;
  /** Done, and still in possession of its slot and memory. */
  isHolding: boolean;
  /** A task that releases this one has settled. */
  isReleased: boolean;
  /** It delivered more than it announced. */
  isOverfull: boolean;
  /** Why it failed, where that was not its own function. */
  failure: 'dependency' | 'count' | undefined;
}

export class SchedulerModel {
  readonly queues: ModelQueue[];
  readonly tasks: ModelTask[] = [];
  /** Ids in the order in which the tasks start. */
  readonly started: string[] = [];
  /** Ids of the tasks whose attempt is no longer wanted. */
  readonly aborted = new Set<string>();
  isStopped = true;

  constructor(queues: readonly ModelQueue[]) {
    this.queues = [...queues];
  }

  /** Takes one task of a burst, after which comes `select`. */
  submit(plan: TaskPlan): void {
    this.tasks.push({
      ...plan,
      state: 'pending',
      delivered: 0,
      hasStarted: false,
      isRunning: false,
      isHolding: false,
      isReleased: false,
      isOverfull: false,
      failure: undefined,
    });
    this.#propagate();
  }

  start(): void {
    this.isStopped = false;
    this.select();
  }

  stop(): void {
    this.isStopped = true;
  }

  partial(task: ModelTask): void {
    if (isSettled(task) || task.isOverfull) return;
    if (task.announced !== undefined && task.delivered === task.announced) {
      task.isOverfull = true;
      this.aborted.add(task.id);
      return;
    }
    task.delivered += 1;
    task.state = 'partial';
    this.#propagate();
    this.select();
  }

  /** The attempt reports its end, well or not. */
  end(task: ModelTask, isGood: boolean): void {
    task.isRunning = false;
    if (!isSettled(task)) {
      const isMiscounted = task.announced !== undefined && task.delivered !== task.announced;
      if (task.isOverfull || (isGood && isMiscounted)) {
        task.state = 'failed';
        task.failure = 'count';
      } else {
        task.state = isGood ? 'done' : 'failed';
      }
    }
    this.#propagate();
    this.select();
  }

  cancel(task: ModelTask): void {
    if (isSettled(task)) return;
    task.state = 'cancelled';
    if (task.isRunning) this.aborted.add(task.id);
    this.#propagate();
    this.select();
  }

  slotsTaken(queue: ModelQueue): number {
    return this.#occupants(queue).length;
  }

  memTaken(queue: ModelQueue): number {
    return this.#occupants(queue).reduce((sum, task) => sum + task.mem, 0);
  }

  get schedulerState(): 'stopped' | 'idle' | 'busy' | 'stalled' {
    if (this.isStopped) return 'stopped';
    if (this.tasks.some((task) => task.isRunning)) return 'busy';
    return this.tasks.every(isSettled) ? 'idle' : 'stalled';
  }

  /** Carries what has happened to all whom it concerns, until nothing changes any more. */
  #propagate(): void {
    let hasChanged = true;
    while (hasChanged) {
      hasChanged = false;
      for (const task of this.tasks) {
        if (task.state === 'pending' || task.state === 'ready') {
          if (needsOf(task).some(isHopeless)) {
            task.state = 'failed';
            task.failure = 'dependency';
            hasChanged = true;
          } else if (task.state === 'pending' && needsOf(task).every(isThere)) {
            task.state = 'ready';
          }
        }
        if (!isSettled(task) || task.isRunning) continue;
        for (const holder of task.release) holder.isReleased = true;
      }
    }
    for (const task of this.tasks) {
      task.isHolding = task.hold && task.state === 'done' && !task.isReleased;
    }
  }

  /** Starts what can be started, by the rule. */
  select(): void {
    if (this.isStopped) return;
    for (const task of startOrder(this.tasks.toReversed(), VIEW)) if (this.#fits(task)) this.#start(task);
  }

  #start(task: ModelTask): void {
    task.state = 'running';
    task.hasStarted = true;
    task.isRunning = true;
    this.started.push(task.id);
  }

  #fits(task: ModelTask): boolean {
    const { queue } = task;
    return this.slotsTaken(queue) < queue.concurrency && this.memTaken(queue) + task.mem <= queue.mem;
  }

  #occupants(queue: ModelQueue): readonly ModelTask[] {
    return this.tasks.filter((task) => task.queue === queue && (task.isRunning || task.isHolding));
  }
}

const VIEW: OrderView<ModelTask> = {
  missing: (task) => {
    if (task.state === 'ready') return [];
    return task.state === 'pending' ? needsOf(task).flatMap((need) => (isThere(need) ? [] : need.task)) : undefined;
  },
  priority: ({ priority }) => priority,
};

export function isSettled({ state }: ModelTask): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** In the order in which demand visits them. */
export function needsOf(task: ModelTask): readonly Need[] {
  return [...task.inputs, ...task.release.map((holder) => ({ task: holder, index: undefined })), ...task.after];
}

export function isThere({ task, index }: Need): boolean {
  return index === undefined ? task.state === 'done' : index < task.delivered;
}

/** Whether it can never be there. */
function isHopeless(need: Need): boolean {
  const { task, index } = need;
  if (isThere(need)) return false;
  return isSettled(task) || (index !== undefined && task.announced !== undefined && index >= task.announced);
}
