/** The scheduler's data while a message is at work: what has changed of them, and what is sent. */
import type { OnFailure } from '../../runtime/lifecycle.js';
import type { Plan, TaskPlan } from './graph.js';
import type { Fault } from './invariants.js';
import type { ToQueue, ToTask } from './messages.js';
import type { QueueView, SchedulerData, TaskView } from './scheduler-data.js';

/** A message to a task or a queue. @internal */
export type Sent =
  | { readonly to: 'task'; readonly number: number; readonly message: ToTask }
  | { readonly to: 'queue'; readonly number: number; readonly message: ToQueue };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A draft of the data. @internal */
export class SchedulerDraft {
  readonly plan: Plan;
  readonly onFailure: OnFailure;
  /** Without the changes of tasks and queues. */
  readonly data: Mutable<SchedulerData>;
  readonly tasks: readonly Mutable<TaskView>[];
  readonly queues: readonly Mutable<QueueView>[];
  readonly sent: Sent[] = [];
  readonly faults: Fault[] = [];

  constructor(plan: Plan, onFailure: OnFailure, data: SchedulerData) {
    this.plan = plan;
    this.onFailure = onFailure;
    this.data = { ...data };
    this.tasks = data.tasks.map((task) => ({ ...task }));
    this.queues = data.queues.map((queue) => ({ ...queue }));
  }

  get result(): SchedulerData {
    return { ...this.data, tasks: this.tasks, queues: this.queues };
  }

  get isRunning(): boolean {
    return ['busy', 'idle', 'stalled', 'draining'].includes(this.data.state);
  }

  /** A selection is due. */
  changed(): void {
    if (this.isRunning) this.data.hasChanged = true;
  }

  toTask(number: number, message: ToTask): void {
    this.sent.push({ to: 'task', number, message });
  }

  toQueue(number: number, message: ToQueue): void {
    this.sent.push({ to: 'queue', number, message });
  }

  fault(invariant: Fault['invariant'], what: string): void {
    this.faults.push({ invariant, what });
  }

  task(task: number): Mutable<TaskView> {
    return present(this.tasks[task]);
  }

  queue(queue: number): Mutable<QueueView> {
    return present(this.queues[queue]);
  }

  planOf(task: number): TaskPlan {
    return present(this.plan.tasks[task]);
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('expected a number of the graph');
  return value;
}
