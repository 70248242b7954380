/** The real scheduler beside its model: what belongs together, and how the two are compared once all is at rest. */
import { expect } from 'vitest';
import {
  DependencyFailed,
  type Handle,
  type Outcome,
  PartialCountMismatch,
  PartialOutOfRange,
  type Queue,
  Scheduler,
  StreamHandle,
  TaskCancelled,
} from '../../src/index.js';
import { ManualExecutor } from './manual-executor.js';
import {
  isSettled,
  isThere,
  type ModelTask,
  needsOf,
  type Need,
  type SchedulerModel,
  type TaskPlan,
} from './scheduler-model.js';
import { errorOf, nested, partialOf, resultOf } from './task-values.js';

/** A call of `stop()`. */
export interface StopCall {
  /** What was running then. */
  readonly running: readonly ModelTask[];
  hasEnded: boolean;
}

/** A scheduler with one manual executor for all its queues, and what is noted of it. */
export class System {
  readonly scheduler: Scheduler;
  readonly executor = new ManualExecutor();
  readonly stops: StopCall[] = [];
  readonly actors = new Map<string, Handle<unknown>['actor']>();
  readonly #handles = new Map<string, Handle<unknown>>();
  /** How often each task was reported as settled. */
  readonly #settlements = new Map<string, number>();
  readonly #outcomes = new Map<string, Outcome>();
  #stalled: (() => void)[] = [];
  /** How many of the starts have been compared. */
  comparedStarts = 0;

  constructor({ queues }: SchedulerModel, interpreter: 'compiled' | 'xstate') {
    this.scheduler = new Scheduler({ interpreter });
    for (const queue of queues) this.addQueue(queue);
    this.scheduler.on('scheduler', ({ state }) => {
      if (state === 'stalled') return;
      const again = this.#stalled;
      this.#stalled = [];
      for (const watch of again) watch();
    });
    this.scheduler.on('task', ({ id, state }) => {
      if (state !== 'done' && state !== 'failed' && state !== 'cancelled') return;
      this.#settlements.set(id, (this.#settlements.get(id) ?? 0) + 1);
    });
  }

  addQueue({ name, concurrency, mem }: SchedulerModel['queues'][number]): void {
    this.scheduler.queue(name, { concurrency, resources: { mem }, executor: this.executor });
  }

  submit(plan: TaskPlan): void {
    const { id, announced } = plan;
    const queue = this.queueOf(plan.queue.name);
    const options = {
      id,
      resources: { mem: plan.mem },
      priority: plan.priority,
      hold: plan.hold,
      release: plan.release.map((task) => this.handleOf(task.id)),
      after: plan.after.map((need) => this.#needed(need)),
      ...(announced === undefined ? {} : { results: announced }),
    };
    const args = plan.inputs.map((need, place) => nested(this.#needed(need), place));
    const handle = plan.stream
      ? queue.stream(options, neverCalled, ...args)
      : queue.submit(options, neverCalled, ...args);
    this.#handles.set(id, handle);
    this.#watch(id, handle);
  }

  /** A wait that a stall ends begins again when the stall is over. */
  #watch(id: string, handle: Handle<unknown>): void {
    handle.settled().then(
      (outcome) => this.#outcomes.set(id, outcome),
      () => this.#stalled.push(() => this.#watch(id, handle)),
    );
  }

  #needed({ task, index }: Need): Handle<unknown> {
    const handle = this.handleOf(task.id);
    return index !== undefined && handle instanceof StreamHandle ? handle.at(index) : handle;
  }

  handleOf(id: string): Handle<unknown> {
    return present(this.#handles.get(id), `a handle of ${id}`);
  }

  queueOf(name: string): Queue {
    return present(this.scheduler.queues.get(name), `a queue ${name}`);
  }

  settlementsOf(id: string): number {
    return this.#settlements.get(id) ?? 0;
  }

  outcomeOf(id: string): Outcome | undefined {
    return this.#outcomes.get(id);
  }
}

/** Waits until the scheduler is at rest; it does all it does in microtasks. */
export async function settleDown(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Everything that can be seen of the scheduler is as the model says, and the invariants hold. */
export async function assertLikeModel(model: SchedulerModel, system: System): Promise<void> {
  await settleDown();
  const { scheduler, executor } = system;
  expect(executor.started.map(({ id }) => id)).toEqual(model.started);
  expect(model.tasks.map(({ id }) => `${id} ${system.handleOf(id).state}`)).toEqual(
    model.tasks.map(({ id, state }) => `${id} ${state}`),
  );
  expect(executor.aborted).toEqual(model.aborted);
  expect(scheduler.state).toBe(model.schedulerState);
  for (const attempt of executor.started.slice(system.comparedStarts)) {
    const task = present(
      model.tasks.find(({ id }) => id === attempt.id),
      `a task ${attempt.id}`,
    );
    expect(attempt.attempt).toBe(1);
    expect(attempt.queue).toBe(task.queue.name);
    expect(attempt.stream).toBe(task.stream);
    expect(attempt.args).toEqual(task.inputs.map((need, place) => nested(valueOf(need), place)));
  }
  system.comparedStarts = executor.started.length;
  for (const queue of model.queues) {
    const { ledger } = system.queueOf(queue.name).actor.getSnapshot().context;
    expect(ledger.slotsTaken).toBe(model.slotsTaken(queue));
    expect(ledger.slotsTaken).toBeLessThanOrEqual(queue.concurrency);
    expect(ledger.taken[0] ?? 0).toBe(model.memTaken(queue));
    expect(ledger.taken[0] ?? 0).toBeLessThanOrEqual(queue.mem);
  }
  for (const task of model.tasks) assertOutcome(task, system);
  for (const task of model.tasks)
    expect(`${task.id} ${system.handleOf(task.id).why().reason}`).toBe(`${task.id} ${reasonOf(task, model)}`);
  for (const [id, actor] of system.actors) expect(actor.getSnapshot().value).toBe(system.handleOf(id).state);
  for (const stop of system.stops) expect(stop.hasEnded).toBe(!stop.running.some(({ isRunning }) => isRunning));
}

/** Each task has settled exactly once or not at all, and its outcome says why. */
function assertOutcome(task: ModelTask, system: System): void {
  const outcome = system.outcomeOf(task.id);
  expect(`${task.id} ${system.settlementsOf(task.id)}`).toBe(`${task.id} ${isSettled(task) ? 1 : 0}`);
  switch (task.state) {
    case 'done': {
      const partials = Array.from({ length: task.delivered }, (_, index) => partialOf(task, index));
      expect(outcome).toEqual({ status: 'done', result: task.stream ? partials : resultOf(task) });
      return;
    }
    case 'cancelled':
      expect(outcome).toEqual({ status: 'cancelled', reason: `${task.id} is not wanted` });
      return;
    case 'failed':
      expect(outcome?.status).toBe('failed');
      if (outcome?.status === 'failed') assertError(task, outcome.error, system);
      return;
    case 'pending':
    case 'ready':
    case 'running':
    case 'partial':
      expect(outcome).toBeUndefined();
      return;
    default:
      task.state satisfies never;
  }
}

function assertError(task: ModelTask, error: unknown, system: System): void {
  if (task.failure === undefined) {
    expect(error).toEqual(errorOf(task));
    return;
  }
  if (task.failure === 'count') {
    expect(error).toBeInstanceOf(PartialCountMismatch);
    return;
  }
  if (!(error instanceof DependencyFailed))
    throw new Error(`expected ${task.id} to fail with DependencyFailed, got ${String(error)}`);
  // The cause is the error of one of the dependencies that will never be there, and leads on to the first of the row.
  const causes = needsOf(task)
    .filter((need) => !isThere(need))
    .map((need) => causeOf(need, system));
  expect(causes).toContainEqual([error.tasks[1], error.cause]);
  const { cause } = error;
  expect(error.root).toBe(cause instanceof DependencyFailed ? cause.root : cause);
  expect(error.origin).toBe(cause instanceof DependencyFailed ? cause.origin : error.tasks[1]);
}

/** The id and the error of a dependency that will never be there. */
function causeOf({ task, index }: Need, system: System): readonly [string, unknown] {
  const outcome = system.outcomeOf(task.id);
  const count = task.announced ?? task.delivered;
  if (index !== undefined && index >= count && (task.announced !== undefined || task.state === 'done')) {
    return [task.id, new PartialOutOfRange(task.id, index, count)];
  }
  if (outcome?.status === 'cancelled') return [task.id, new TaskCancelled(task.id, outcome.reason)];
  return [task.id, outcome?.status === 'failed' ? outcome.error : undefined];
}

function reasonOf(task: ModelTask, model: SchedulerModel): string {
  switch (task.state) {
    case 'pending':
      return 'dependencies';
    case 'ready':
      if (model.isStopped) return 'stopped';
      return model.slotsTaken(task.queue) === task.queue.concurrency ? 'slots' : 'resources';
    case 'running':
    case 'partial':
      return 'running';
    case 'done':
    case 'failed':
    case 'cancelled':
      return 'settled';
    default:
      return task.state satisfies never;
  }
}

function valueOf({ task, index }: Need): unknown {
  if (index !== undefined) return partialOf(task, index);
  return task.stream ? Array.from({ length: task.delivered }, (_, place) => partialOf(task, place)) : resultOf(task);
}

function neverCalled(...args: readonly unknown[]): Iterable<unknown> {
  throw new Error(`the manual executor calls no function, here one with ${args.length} arguments`);
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`expected ${what}`);
  return value;
}
