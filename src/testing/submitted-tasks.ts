/** Adds queues and submits tasks as a scenario describes them, and keeps the handles. */
import type { Attempt, Executor } from '../core/ports.js';
import type { TaskState } from '../core/outcome.js';
import type { RateOptions } from '../runtime/policies/rate.js';
import type { Scheduler } from '../runtime/scheduler.js';
import { type Handle, StreamHandle } from '../runtime/tasks/handle.js';
import type { ScenarioQueue, ScenarioRate, ScenarioTask } from './scenario-shape.js';
import { splitReference } from './trace.js';

interface Moved {
  readonly event: 'handle';
  readonly id: string;
  readonly state: TaskState;
  readonly told: TaskState;
}

/** @internal */
export function addQueues(scheduler: Scheduler, queues: readonly ScenarioQueue[], executor: Executor): void {
  for (const { name, concurrency, order, resources, rate, rateByKey, preempt, onEvict } of queues) {
    scheduler.queue(name, {
      concurrency,
      executor,
      ...(order === undefined ? {} : { order }),
      ...(resources === undefined ? {} : { resources }),
      ...(rate === undefined ? {} : { rate: asOptions(rate) }),
      ...(rateByKey === undefined ? {} : { rateByKey: asOptions(rateByKey) }),
      ...(preempt === undefined ? {} : { preempt }),
      ...(onEvict === undefined ? {} : { onEvict }),
    });
  }
}

/** A unit is a millisecond. */
const asOptions = ({ interval, ...rate }: ScenarioRate): RateOptions => ({ ...rate, intervalMs: interval });

/** @internal */
export class SubmittedTasks {
  readonly #scheduler: Scheduler;
  readonly #handles = new Map<string, Handle<unknown>>();
  readonly #follows = new Map<string, string>();
  readonly #states = new Map<string, TaskState>();
  /** What the scheduler's events have told of them. */
  readonly #told = new Map<string, TaskState>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    scheduler.on('task', ({ id, state }) => this.#told.set(id, state));
  }

  /** In the order of submission. */
  get ids(): readonly string[] {
    return [...this.#handles.keys()];
  }

  /** Events for those whose handle has another state than when this was last asked. */
  *moved(): Generator<Moved> {
    for (const [id, { state }] of this.#handles) {
      if (this.#states.get(id) === state) continue;
      this.#states.set(id, state);
      yield { event: 'handle', id, state, told: this.#told.get(id) ?? 'pending' };
    }
  }

  submit(task: ScenarioTask): Handle<unknown> {
    const { id, resources, priority, timeout, attempts, backoff = 0, partials, rateKey } = task;
    const queue = this.#scheduler.queues.get(task.queue);
    if (queue === undefined) throw new Error(`expected a queue ${task.queue}`);
    const options = {
      id,
      ...(resources === undefined ? {} : { resources }),
      ...(priority === undefined ? {} : { priority }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout }),
      ...(attempts === undefined ? {} : { retry: { attempts, backoffMs: backoff } }),
      ...(rateKey === undefined ? {} : { rateKey }),
      hold: task.hold ?? false,
      release: (task.release ?? []).map((holder) => this.handle(holder)),
      after: (task.after ?? []).map((needed) => this.handle(needed)),
    };
    const dependencies = task.deps.map((needed) => this.handle(needed));
    const handle =
      (partials ?? 0) === 0
        ? queue.submit(options, unused, ...dependencies)
        : queue.stream({ ...options, results: partials ?? 0 }, unused, ...dependencies);
    this.#handles.set(id, handle);
    if (task.follows !== undefined) this.#follows.set(id, task.follows);
    return handle;
  }

  /** What the function returns in that attempt: the name of a result, or the handle of the task that it follows. */
  resultOf({ id, attempt }: Attempt): unknown {
    const followed = this.#follows.get(id);
    return followed === undefined ? `${id}/${attempt}` : this.handle(followed);
  }

  /** Whether the task had not settled. */
  cancel(id: string): boolean {
    return this.#handles.get(id)?.cancel() === true;
  }

  /** The handle of a task or of a partial result (`t3#1`). */
  handle(reference: string): Handle<unknown> {
    const { id, index } = splitReference(reference);
    const handle = this.#handles.get(id);
    if (handle === undefined) throw new Error(`expected task ${id} to have been submitted`);
    return index !== undefined && handle instanceof StreamHandle ? handle.at(index) : handle;
  }
}

/** The function of every task. The executors of simulations never call it. */
function unused(..._dependencies: readonly unknown[]): Iterable<undefined> {
  throw new Error('expected a simulated task not to be called');
}
