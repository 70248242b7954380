/**
 * The whole system that is explored: tasks, queues and the scheduler as processes, with a channel each way between the
 * scheduler and every other process. A state is a vector of small integers: first the data of each process (tasks, queues, last the
 * scheduler), then the channels from the scheduler, then those to it, last the count of what bounds count.
 *
 * Invariant: equal states have equal vectors, and vectors of one system are comparable only with each other.
 */
import type { AnyStateMachine } from 'xstate';
import type { QueueContextData } from '../../../machines/queue.js';
import type { TaskContextData } from '../../../machines/task.js';
import { elementAt } from '../../core/element-at.js';
import { emptyLedger } from '../../core/order/resource-ledger.js';
import type { Bounds } from './bounds.js';
import { Channels } from './channels.js';
import { initialValue, stepsOf } from './chart-steps.js';
import { demandFault } from './demand-check.js';
import type { Plan } from './graph.js';
import type { MachineName } from './ignored.js';
import { Interned } from './interned.js';
import type { Fault } from './invariants.js';
import type { FromQueue, Message, TaskInput, ToQueue, ToTask } from './messages.js';
import { probeQueue, probeTask } from './probes.js';
import { type QueueData, stepQueue } from './queue-process.js';
import { keyOf, newScheduler, type SchedulerData } from './scheduler-data.js';
import { type SchedulerMessage, SchedulerProcess } from './scheduler-process.js';
import { NEW_TASK, type TaskData } from './task-data.js';
import { stepTask } from './task-process.js';

/** The statecharts that are explored. @internal */
export interface Machines {
  readonly task: AnyStateMachine;
  readonly queue: AnyStateMachine;
  readonly scheduler: AnyStateMachine;
}

/** What a process does with a message: its new data, and what it sends, each as the number of the receiver and of the message. @internal */
export interface Step {
  readonly data: number;
  readonly sent: readonly { readonly to: number; readonly message: number }[];
  readonly faults: readonly Fault[];
  /** A function is called. */
  readonly begins: boolean;
}

/** A system at work. @internal */
export class System {
  readonly plan: Plan;
  readonly bounds: Bounds;
  readonly messages = new Interned<Message>();
  readonly channels = new Channels();
  /** Numbers of the first queue and of the scheduler; tasks come first. */
  readonly firstQueue: number;
  readonly scheduler: number;
  /** Places of the first channel from the scheduler, of the first one to it, and of the count. */
  readonly outgoing: number;
  readonly incoming: number;
  readonly counted: number;
  /** For each machine, the pairs of a state and an event that it was given. */
  readonly pairs: Readonly<Record<MachineName, Set<string>>> = {
    task: new Set(),
    queue: new Set(),
    scheduler: new Set(),
  };
  readonly #machines: Machines;
  readonly #tasks = new Interned<TaskData>();
  readonly #queues = new Interned<QueueData>();
  readonly #schedulers = new Interned<SchedulerData>(keyOf);
  /** The data whose charts have been asked. */
  readonly #probedTasks = new Set<number>();
  readonly #probedQueues: readonly Set<number>[];
  readonly #process: SchedulerProcess;
  /** Of each process, by the numbers of its data and of the message: small integers, which maps find faster than one large number of both. */
  readonly #steps: Map<number, Step>[][];

  constructor(plan: Plan, bounds: Bounds, machines: Machines) {
    this.plan = plan;
    this.bounds = bounds;
    this.#machines = machines;
    this.firstQueue = plan.tasks.length;
    this.scheduler = this.firstQueue + plan.queues.length;
    this.outgoing = this.scheduler + 1;
    this.incoming = this.outgoing + this.scheduler;
    this.counted = this.incoming + this.scheduler;
    this.#probedQueues = plan.queues.map(() => new Set<number>());
    this.#process = new SchedulerProcess(plan, stepsOf(machines.scheduler), bounds.onFailure);
    this.#steps = Array.from({ length: this.scheduler + 1 }, () => []);
  }

  /** The vector of a system in which nothing has been submitted. */
  blank(): Int32Array {
    const { plan } = this;
    const vector = new Int32Array(this.counted + 1);
    for (const task of plan.tasks.keys()) vector[task] = this.#tasks.numberOf(NEW_TASK);
    const queue = initialValue(this.#machines.queue, { name: '', slots: 1, capacity: [] });
    for (const [at, { slots, capacity }] of plan.queues.entries()) {
      const data = { value: queue, ledger: emptyLedger(slots, capacity) };
      vector[this.firstQueue + at] = this.#queues.numberOf(data);
    }
    const scheduler = initialValue(this.#machines.scheduler, {});
    vector[this.scheduler] = this.#schedulers.numberOf(newScheduler(plan, scheduler));
    return vector;
  }

  taskData(vector: Int32Array, task: number): TaskData {
    return this.#tasks.valueOf(vector[task] ?? -1);
  }

  queueData(vector: Int32Array, queue: number): QueueData {
    return this.#queues.valueOf(vector[this.firstQueue + queue] ?? -1);
  }

  schedulerData(vector: Int32Array): SchedulerData {
    return this.#schedulers.valueOf(vector[this.scheduler] ?? -1);
  }

  /** The step of a process with that message; its data are those in `vector`, which is not changed. */
  step(vector: Int32Array, process: number, message: number): Step {
    const data = vector[process] ?? -1;
    const ofProcess = elementAt(this.#steps, process);
    const steps = (ofProcess[data] ??= new Map<number, Step>());
    const known = steps.get(message);
    if (known !== undefined) return known;
    const step = this.#compute(vector, process, this.messages.valueOf(message));
    steps.set(message, step);
    return step;
  }

  /** Messages are addressed rightly by those who send them: the casts rest on that. */
  #compute(vector: Int32Array, process: number, message: Message): Step {
    if (process === this.scheduler) {
      return this.#stepScheduler(this.schedulerData(vector), message as SchedulerMessage);
    }
    if (process >= this.firstQueue) return this.#stepQueue(vector, process - this.firstQueue, message as ToQueue);
    return this.#stepTask(vector, process, message as ToTask | TaskInput);
  }

  #stepTask(vector: Int32Array, task: number, message: ToTask | TaskInput): Step {
    const plan = this.plan.tasks[task];
    if (plan === undefined) throw new RangeError(`expected a task, got ${task}`);
    const before = this.taskData(vector, task);
    const chart = stepsOf<TaskContextData>(this.#machines.task);
    const { data, message: answer, faults, pair } = stepTask(task, plan, this.bounds, chart, before, message);
    if (pair !== undefined) this.pairs.task.add(pair.join(' '));
    const number = this.#tasks.numberOf(data);
    const probes = this.#isNew(this.#probedTasks, number)
      ? [...probeTask(chart, data, (...asked) => this.pairs.task.add(asked.join(' ')))]
      : [];
    return {
      data: number,
      sent: answer === undefined ? [] : [{ to: this.scheduler, message: this.messages.numberOf(answer) }],
      faults: [...faults, ...probes],
      begins: before.run?.hasBegun !== true && data.run?.hasBegun === true,
    };
  }

  #stepQueue(vector: Int32Array, queue: number, message: ToQueue): Step {
    const chart = stepsOf<QueueContextData>(this.#machines.queue);
    const step = stepQueue(queue, this.plan, chart, this.queueData(vector, queue), message);
    this.pairs.queue.add(step.pair.join(' '));
    const number = this.#queues.numberOf(step.data);
    const probes = this.#isNew(this.#probedQueues[queue], number)
      ? [...probeQueue(chart, this.plan, queue, step.data, (...asked) => this.pairs.queue.add(asked.join(' ')))]
      : [];
    return {
      data: number,
      sent: step.messages.map((answer: FromQueue) => ({ to: this.scheduler, message: this.messages.numberOf(answer) })),
      faults: [...step.faults, ...probes],
      begins: false,
    };
  }

  #isNew(known: Set<number> | undefined, number: number): boolean {
    if (known === undefined || known.has(number)) return false;
    known.add(number);
    return true;
  }

  #stepScheduler(before: SchedulerData, message: SchedulerMessage): Step {
    const { data, sent, faults, pairs } = this.#process.step(before, message);
    for (const pair of pairs) this.pairs.scheduler.add(pair.join(' '));
    return {
      data: this.#schedulers.numberOf(data),
      sent: sent.map(({ to, number, message: out }) => {
        return { to: to === 'task' ? number : this.firstQueue + number, message: this.messages.numberOf(out) };
      }),
      faults: [...faults, ...demandFault(this.plan, data, sent)],
      begins: false,
    };
  }
}
