/**
 * What holds in every state, and what holds at rest, when nothing is on its way. Each check sees the truth: the data of all
 * processes and the content of all channels.
 */
import { WHOLE } from '../../core/order/graph-node.js';
import { fits } from '../../core/order/resource-ledger.js';
import type { Dependency, Plan } from './graph.js';
import type { ExploredInvariant, Fault } from './invariants.js';
import { regionOf } from './queue-process.js';
import type { SchedulerData } from './scheduler-data.js';
import type { System } from './system.js';
import { isSettled, type TaskData } from './task-data.js';

/** Amounts of a resource are sums of fractions. */
const TOLERANCE = 1e-6;

/** Slots that the messages of a channel grant, tell the end of, and give back. */
interface OnTheWay {
  readonly granted: number;
  readonly ended: number;
  /** By task. */
  readonly returned: readonly number[];
}

/** The checks of one system. @internal */
export class Checks {
  readonly #system: System;
  readonly #plan: Plan;
  readonly #attemptsOf: number[] = [];
  readonly #onTheWayOf: OnTheWay[] = [];

  constructor(system: System) {
    this.#system = system;
    this.#plan = system.plan;
  }

  /** The first invariant that does not hold in `vector`. */
  faultIn(vector: Int32Array): Fault | undefined {
    const { plan, firstQueue, outgoing, counted } = this.#system;
    for (let task = 0; task < firstQueue; task += 1) {
      const missing = this.#missing(vector, task);
      if (missing !== undefined)
        return fault('dependencies-first', `${this.#nameOf(task)} has started without ${missing}`);
    }
    for (let queue = 0; queue < plan.queues.length; queue += 1) {
      const text = this.#miscount(vector, queue);
      if (text !== undefined) return fault('room-conserved', text);
    }
    for (let place = outgoing; place < counted; place += 1) if (vector[place] !== 0) return undefined;
    const scheduler = this.#system.schedulerData(vector);
    if (scheduler.hasChanged || scheduler.isStopAsked || scheduler.offered >= 0) return undefined;
    return this.#faultAtRest(vector, scheduler);
  }

  /** Whether every submitted task has settled, no attempt is left, and no slot is held, unless the scheduler takes no more tasks. */
  isOver(vector: Int32Array): boolean {
    const { tasks, isClosed } = this.#system.schedulerData(vector);
    for (let task = 0; task < tasks.length; task += 1) {
      const view = tasks[task];
      if (view === undefined || view.phase === 'absent') continue;
      if (!this.#isOver(vector, task) || (view.isHolding && !isClosed)) return false;
    }
    return true;
  }

  /** What is to be said of the submitted tasks that have not settled, or have attempts that have not ended, or else of held slots. */
  leftIn(vector: Int32Array): string {
    const { tasks } = this.#system.schedulerData(vector);
    const left = this.#plan.tasks.filter((_, task) => tasks[task]?.phase !== 'absent' && !this.#isOver(vector, task));
    const named = left.length > 0 ? left : this.#plan.tasks.filter((_, task) => tasks[task]?.isHolding);
    const { length } = named;
    const verbs = [
      ...(left.length > 0 ? ['settle'] : []),
      ...(named.some(({ hold }) => hold)
        ? [`give back the ${length === 1 ? 'slot it holds' : 'slots they hold'}`]
        : []),
    ];
    const names = named.map(({ id }) => id).join(', ');
    return `${names} can never ${length === 1 ? '' : 'all '}${verbs.join(' and ')}`;
  }

  #isOver(vector: Int32Array, task: number): boolean {
    const data = this.#system.taskData(vector, task);
    return isSettled(data) && data.run === undefined && data.ending.length === 0;
  }

  #nameOf(task: number): string {
    return `task ${this.#plan.tasks[task]?.id}`;
  }

  #missing(vector: Int32Array, task: number): string | undefined {
    const data = this.#system.taskData(vector, task);
    if (data.attempt === 0 && data.run === undefined) return undefined;
    const deps = this.#plan.tasks[task]?.deps ?? [];
    for (const dep of deps)
      if (!isDelivered(this.#system.taskData(vector, dep.task), dep)) return this.#nameOf(dep.task);
    return undefined;
  }

  /** What is wrong with the ledger of a queue: it has to match the slots that are out. */
  #miscount(vector: Int32Array, queue: number): string | undefined {
    const { ledger } = this.#system.queueData(vector, queue);
    const taken = ledger.capacity.map(() => 0);
    let slots = 0;
    for (let task = 0; task < this.#plan.tasks.length; task += 1) {
      const plan = this.#plan.tasks[task];
      if (plan?.queue !== queue) continue;
      const out = this.#slotsOf(vector, task, queue);
      slots += out;
      if (out !== 0) for (const [at, amount] of plan.demand.entries()) taken[at] = (taken[at] ?? 0) + out * amount;
    }
    const name = this.#plan.queues[queue]?.name;
    if (slots !== ledger.slotsTaken) return `${ledger.slotsTaken} slots of ${name} are taken, and ${slots} are out`;
    const wrong = taken.findIndex((amount, at) => Math.abs(amount - (ledger.taken[at] ?? 0)) > TOLERANCE);
    if (wrong < 0) return undefined;
    const resource = this.#plan.queues[queue]?.resourceNames[wrong];
    return `${ledger.taken[wrong] ?? 0} of ${resource} of ${name} is taken, and ${taken[wrong]} is out`;
  }

  /** Slots of `queue` that the task has, keeps or gives back, wherever the news of it is. */
  #slotsOf(vector: Int32Array, task: number, queue: number): number {
    const { outgoing, incoming, firstQueue } = this.#system;
    const { offered, tasks } = this.#system.schedulerData(vector);
    const toQueue = this.#onTheWay(vector[outgoing + firstQueue + queue] ?? 0);
    let slots =
      this.#attempts(vector, task) + (toQueue.returned[task] ?? 0) + (tasks[task]?.isHolding === true ? 1 : 0);
    slots += this.#onTheWay(vector[outgoing + task] ?? 0).granted + this.#onTheWay(vector[incoming + task] ?? 0).ended;
    if (offered === task) slots += this.#onTheWay(vector[incoming + firstQueue + queue] ?? 0).granted;
    return slots;
  }

  /** Attempts of the task that have not ended. */
  #attempts(vector: Int32Array, task: number): number {
    const number = vector[task] ?? 0;
    const known = this.#attemptsOf[number];
    if (known !== undefined) return known;
    const { run, ending } = this.#system.taskData(vector, task);
    const count = (run === undefined ? 0 : 1) + ending.length;
    this.#attemptsOf[number] = count;
    return count;
  }

  /** The slots that the messages of a channel speak of. */
  #onTheWay(channel: number): OnTheWay {
    const known = this.#onTheWayOf[channel];
    if (known !== undefined) return known;
    const { channels, messages } = this.#system;
    const counts = { granted: 0, ended: 0, returned: this.#plan.tasks.map(() => 0) };
    for (const number of channels.contentOf(channel)) {
      const message = messages.valueOf(number);
      if (message.type === 'granted') counts.granted += 1;
      if (message.type === 'task') counts.ended += message.ended;
      if (message.type === 'returned') counts.returned[message.task] = (counts.returned[message.task] ?? 0) + 1;
    }
    this.#onTheWayOf[channel] = counts;
    return counts;
  }

  #faultAtRest(vector: Int32Array, scheduler: SchedulerData): Fault | undefined {
    const system = this.#system;
    const { state } = scheduler;
    const tasks = this.#plan.tasks.map((_, task) => system.taskData(vector, task));
    const isRunning = state === 'busy' || state === 'idle' || state === 'stalled' || state === 'draining';
    for (const [at, { name }] of this.#plan.queues.entries()) {
      const gate = regionOf(system.queueData(vector, at).value, 'gate');
      if (gate !== (isRunning ? 'open' : 'shut')) {
        return fault('stop-shuts-gates', `the scheduler is ${state}, and the gate of queue ${name} is ${gate}`);
      }
    }
    for (const [task, data] of tasks.entries()) {
      if (scheduler.tasks[task]?.phase === 'absent') continue;
      const lost = this.#plan.tasks[task]?.deps.find((dep) => isLost(tasks[dep.task], dep));
      if (lost !== undefined && (data.attempt > 0 || !isSettled(data))) {
        return fault(
          'failure-spreads',
          `${this.#nameOf(task)} is ${data.value}, though it needs ${this.#nameOf(lost.task)}`,
        );
      }
      const holder = this.#plan.tasks[task]?.release.find((of) => scheduler.tasks[of]?.isHolding);
      if (holder !== undefined && this.#isOver(vector, task)) {
        return fault('released', `${this.#nameOf(holder)} holds its slot, though ${this.#nameOf(task)} has settled`);
      }
      const waits = data.value === 'pending' && !data.isPaused && scheduler.tasks[task]?.phase !== 'following';
      if (waits && this.#plan.tasks[task]?.deps.every((dep) => isThere(tasks[dep.task], dep)) === true) {
        return fault('readiness-spreads', `${this.#nameOf(task)} is pending, and lacks nothing`);
      }
      if (isRunning && data.value === 'ready' && this.#couldStart(vector, task)) {
        return fault('work-conserved', `${this.#nameOf(task)} is ready and fits, and nothing starts it`);
      }
    }
    return isRunning ? this.#faultAnnounced(vector, scheduler, tasks) : undefined;
  }

  #couldStart(vector: Int32Array, task: number): boolean {
    const plan = this.#plan.tasks[task];
    if (plan === undefined) return false;
    const { value, ledger } = this.#system.queueData(vector, plan.queue);
    return regionOf(value, 'flow') === 'flowing' && fits(ledger, plan.demand);
  }

  /** A scheduler that runs and has nothing under way is idle or stalled, and one that has something under way is busy. */
  #faultAnnounced(vector: Int32Array, scheduler: SchedulerData, tasks: readonly TaskData[]): Fault | undefined {
    const { state } = scheduler;
    const present = tasks.filter((_, task) => scheduler.tasks[task]?.phase !== 'absent');
    const isHeldUp = tasks.some(
      ({ value }, task) =>
        value === 'ready' &&
        regionOf(this.#system.queueData(vector, this.#plan.tasks[task]?.queue ?? 0).value, 'flow') === 'paused' &&
        scheduler.tasks[task]?.phase !== 'absent',
    );
    const isUnderWay =
      isHeldUp || present.some(({ run, ending, isPaused }) => run !== undefined || ending.length > 0 || isPaused);
    const isLeft = present.some((data) => !isSettled(data));
    const expected = isUnderWay ? 'busy' : isLeft ? 'stalled' : 'idle';
    if (state === expected || (state === 'draining' && isUnderWay)) return undefined;
    return fault('rest-announced', `the scheduler is ${state}, and should be ${expected}`);
  }
}

function isDelivered(data: TaskData, { index }: Dependency): boolean {
  return index === WHOLE ? data.value === 'done' : data.delivered > index;
}

function isThere(data: TaskData | undefined, dep: Dependency): boolean {
  return data !== undefined && isDelivered(data, dep);
}

/** Whether what is needed of a task can come no more. */
function isLost(data: TaskData | undefined, dep: Dependency): boolean {
  return data !== undefined && isSettled(data) && !isDelivered(data, dep);
}

function fault(invariant: ExploredInvariant, what: string): Fault {
  return { invariant, what };
}
