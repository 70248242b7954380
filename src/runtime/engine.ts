/**
 * Where the machines run: creates the actors, carries out their effects, and hands on what they decide. The scheduler's
 * actor says when to select, a queue's actor whether to start, a task's actor what its attempt's reports mean; the engine
 * does what they ask for and nothing of its own accord.
 *
 * Invariants: every message goes through the run-queue; a task settles exactly once; a slot is given back exactly once,
 * when the attempt that took it has ended (or the task that holds it has been released).
 */
import { type AnyActorRef, createActor } from 'xstate';
import { QUEUE_EFFECTS, type QueueContextData, type QueueEvent, type QueueInput, queueMachine } from '../../machines/queue.js';
import { outcomeOf, TASK_EFFECTS, type TaskContextData, type TaskEvent, taskMachine } from '../../machines/task.js';
import { DemandOrder } from '../core/demand-order.js';
import { DependencyFailed, describe, SchedulerError } from '../core/failures.js';
import { WHOLE } from '../core/graph-node.js';
import type { Outcome } from '../core/outcome.js';
import type { TaskFunction, Turn } from '../core/ports.js';
import { withValues } from './arguments.js';
import { AttemptRun } from './attempt-run.js';
import { EventHub } from './event-hub.js';
import { FailureList } from './failure-list.js';
import { errorAt, Handle } from './handle.js';
import { Lifecycle, type OnFailure } from './lifecycle.js';
import { QueueRuntime, type QueueSpec } from './queue-runtime.js';
import { RunQueue } from './run-queue.js';
import { Selection } from './selection.js';
import { stepFor, tableLogic } from './table-logic.js';
import type { TaskActorRef, TaskRecord } from './task-record.js';
import type { TaskService } from './task-service.js';
import { TaskWatch } from './task-watch.js';
import { compile } from './transition-table.js';
import { type Why, why } from './why.js';

const taskTable = compile(taskMachine, TASK_EFFECTS);
const queueTable = compile(queueMachine, QUEUE_EFFECTS);

/** The state in which a record begins. */
export const PENDING = taskTable.initial;

export class Engine implements TaskService {
  readonly runQueue = new RunQueue();
  readonly order = new DemandOrder();
  readonly hub = new EventHub();
  readonly failures = new FailureList();
  readonly queues: QueueRuntime[] = [];
  readonly lifecycle: Lifecycle;
  /** Reports that came after the end of their attempt. */
  staleReports = 0;
  /** Task actors created. */
  activations = 0;
  /** Attempts that have begun and not ended. */
  running = 0;
  unsettled = 0;
  /** The unsettled task submitted last; the others follow by `older`. */
  newest: TaskRecord | undefined = undefined;
  readonly selection: Selection;
  readonly #actor: AnyActorRef;
  readonly #watch = new TaskWatch();
  readonly #doomed: { readonly record: TaskRecord; readonly error: unknown }[] = [];
  #isDooming = false;
  /** Number of the last posted message that said so. */
  #changePosted = -1;
  readonly #taskLogic = tableLogic<TaskRecord, TaskContextData, TaskEvent, TaskRecord, Outcome>(
    taskTable,
    {
      startAttempt: (record) => this.#startAttempt(record),
      deliverPartial: (record, event) => this.#deliverPartial(record, event),
      abortAttempt: (record, event) => record.run?.abort(event.type === 'cancel.requested' ? event.reason : undefined),
      countStale: () => this.countStale(),
      settle: (record, event) => this.#settle(record, event),
    },
    (record) => record,
    (record) => ({ state: record.restState, context: contextOf(record) }),
  );
  readonly #queueLogic = tableLogic<{ queue?: QueueRuntime }, QueueContextData, QueueEvent, QueueInput, never>(
    queueTable,
    {
      grant: ({ queue }, event) => this.#granted(queue as QueueRuntime, event),
      refuse: ({ queue }, event) => {
        if (event.type === 'task.offered') queue?.refused((event.task as TaskRecord).lane);
        this.selection.proceed();
      },
      announceRoom: ({ queue }) => queue?.roomMade(),
    },
    () => ({}),
  );

  constructor(actor: AnyActorRef, turn: Turn, onFailure: OnFailure) {
    this.#actor = actor;
    this.lifecycle = new Lifecycle(this, actor, turn, onFailure);
    this.selection = new Selection(this.order, this.queues, this.runQueue, () => this.lifecycle.selectionEnded());
  }

  addQueue(spec: QueueSpec): QueueRuntime {
    const input: QueueInput = { name: spec.name, slots: spec.concurrency, capacity: spec.capacity };
    const actor = createActor(this.#queueLogic, { id: spec.name, input, parent: this.#actor });
    const queue = new QueueRuntime(spec, actor, this);
    (actor.getSnapshot()._subject as { queue?: QueueRuntime }).queue = queue;
    actor.start();
    this.queues.push(queue);
    if (this.lifecycle.isRunning) this.runQueue.post(actor, { type: 'scheduler.started' });
    return queue;
  }

  /** Takes a record whose edges are connected. `failed` is the error of a dependency that has already failed, if any. */
  admit(record: TaskRecord, failed: { readonly error: unknown } | undefined): void {
    this.unsettled += 1;
    record.older = this.newest;
    if (this.newest !== undefined) this.newest.newer = record;
    this.newest = record;
    this.order.add(record);
    if (failed !== undefined) this.#doom(record, failed.error);
    else if (record.waiting === 0) this.#becomeReady(record);
    this.lifecycle.workArrived();
  }

  // What handles ask for.

  watchEnd(record: TaskRecord, settled: () => void): void {
    this.#watch.end(record, settled);
  }

  watchPartial(record: TaskRecord, index: number, seen: () => void): void {
    this.#watch.partial(record, index, seen);
  }

  lookAt(record: TaskRecord): void {
    this.failures.lookAt(record);
  }

  cancel(record: TaskRecord, reason: unknown): boolean {
    if (record.isSettled) return false;
    this.#tell(record, { type: 'cancel.requested', reason });
    this.runQueue.drain();
    return true;
  }

  actorOf(record: TaskRecord): TaskActorRef {
    record.isActorExposed = true;
    record.actor ??= this.#activate(record);
    return record.actor;
  }

  why(record: TaskRecord, index: number): Why {
    return why(record, index, this.lifecycle.state);
  }

  // What attempts report.

  attemptDelivered(run: AttemptRun, value: unknown): void {
    if (run.record.isSettled) {
      this.countStale();
      return;
    }
    this.#tell(run.record, { type: 'partial.delivered', attempt: run.attempt, value });
    this.runQueue.drain();
  }

  attemptDone(run: AttemptRun, result: unknown): void {
    this.#attemptEnded(run, { type: 'attempt.done', attempt: run.attempt, result });
  }

  attemptFailed(run: AttemptRun, error: unknown): void {
    this.#attemptEnded(run, { type: 'attempt.failed', attempt: run.attempt, error });
  }

  countStale(): void {
    this.staleReports += 1;
  }

  #attemptEnded(run: AttemptRun, event: TaskEvent): void {
    if (run.record.isSettled) {
      // The task was cancelled meanwhile: only its slot is still out.
      this.countStale();
      this.#freeAttempt(run.record, run);
    } else {
      this.#tell(run.record, event);
    }
    this.runQueue.drain();
  }

  /** Asks the scheduler's actor to look again, after all that has been posted so far; once is enough. */
  changed(): void {
    if (this.runQueue.posted === this.#changePosted) return;
    this.runQueue.post(this.#actor, { type: 'work.changed' });
    this.#changePosted = this.runQueue.posted;
  }

  // Effects of queues.

  #granted(queue: QueueRuntime, event: QueueEvent): void {
    if (event.type !== 'task.offered') return;
    const record = event.task as TaskRecord;
    queue.granted();
    if (record.isSettled) {
      // Cancelled between the offer and its grant.
      this.runQueue.post(queue.actor, { type: 'slot.returned', task: record } as never);
    } else {
      this.order.started(record);
      this.running += 1;
      record.run = new AttemptRun(this, record, this.lifecycle.epoch);
      record.actor ??= this.#activate(record);
      this.runQueue.post(record, { type: 'start.granted' });
    }
    this.selection.proceed();
  }

  // Effects of tasks.

  /** Puts the values in place of the handles and begins; what goes wrong there is the attempt's failure. */
  #startAttempt(record: TaskRecord): void {
    const run = record.run as AttemptRun;
    record.attempt = run.attempt;
    let { args } = run;
    let trouble: { readonly error: unknown } | undefined;
    try {
      if (record.hasHandles) args = withValues(args, valueOf);
      if (record.isStream) this.#announce(record, countOf(run.fn, args));
    } catch (error) {
      trouble = { error };
    }
    run.begin(args);
    this.#emit(record, 'ready', 'running');
    if (trouble === undefined) record.queue.executor.run(run);
    else run.failed(trouble.error);
  }

  /** The number of partial results has become known: what waits for one beyond the end will never get it. */
  #announce(record: TaskRecord, count: number | undefined): void {
    if (count === undefined || record.announced !== undefined) return;
    record.announced = count;
    this.#watch.announced(record, count);
    for (const [index, dependents] of record.partialDependents ?? []) {
      if (index >= count) for (const dependent of dependents) this.#doomFor(dependent as TaskRecord, record, index);
    }
  }

  #deliverPartial(record: TaskRecord, event: TaskEvent): void {
    if (event.type !== 'partial.delivered') return;
    const index = record.delivered;
    record.partials ??= [];
    record.partials.push(event.value);
    record.delivered += 1;
    if (index === 0) this.#emit(record, 'running', 'partial');
    if (this.hub.hears('partial')) this.hub.emit({ type: 'partial', id: record.id, queue: record.queue.name, index });
    const waiting = record.partialDependents?.get(index);
    if (waiting !== undefined) {
      record.partialDependents?.delete(index);
      for (const dependent of waiting) this.#satisfy(dependent as TaskRecord);
    }
    this.#watch.delivered(record, index);
    this.changed();
  }

  #settle(record: TaskRecord, event: TaskEvent): void {
    const outcome = outcomeOf(event) as Outcome;
    const previous = stateBefore(record);
    if (record.isStream && outcome.status === 'done') record.outcome = { status: 'done', result: record.partials ?? [] };
    else record.outcome = outcome;
    record.restState = finalState(outcome.status);
    record.isSettled = true;
    const { run } = record;
    if (run !== undefined && !run.hasBegun) run.withdraw();
    if (outcome.status === 'done') this.order.done(record);
    else this.order.withdraw(record);
    this.#forget(record);
    if (outcome.status === 'failed') {
      this.failures.add(record);
      this.lifecycle.taskFailed();
    }
    this.#emit(record, previous, outcome.status);
    if (run === undefined) this.#release(record);
    else if (run.hasEnded) this.#freeAttempt(record, run);
    this.#tellDependents(record, outcome);
    this.#watch.settled(record);
    this.lifecycle.taskSettled();
    this.changed();
  }

  /** The attempt has ended: what the task was to release comes back, then its own slot unless it holds it. */
  #freeAttempt(record: TaskRecord, run: AttemptRun): void {
    this.running -= 1;
    record.run = undefined;
    this.#release(record);
    if (record.extras?.hold === true && record.outcome?.status === 'done') {
      record.isHolding = true;
      record.queue.holders.add(record);
    } else {
      this.runQueue.post(record.queue.actor, { type: 'slot.returned', task: record } as never);
    }
    this.lifecycle.attemptEnded(run);
    this.changed();
  }

  #release(record: TaskRecord): void {
    for (const holder of record.extras?.release ?? []) {
      if (!holder.isHolding) continue;
      holder.isHolding = false;
      holder.queue.holders.delete(holder);
      this.runQueue.post(holder.queue.actor, { type: 'slot.returned', task: holder } as never);
    }
  }

  /** Lets go of everything that a settled task no longer needs; handles keep the record. */
  #forget(record: TaskRecord): void {
    this.unsettled -= 1;
    if (record.newer === undefined) this.newest = record.older;
    else record.newer.older = record.older;
    if (record.older !== undefined) record.older.newer = record.newer;
    record.older = undefined;
    record.newer = undefined;
    record.fn = undefined;
    record.args = undefined;
    record.extras?.unlisten?.();
    if (record.outcome?.status === 'done') record.dependencies = undefined;
    if (!record.isActorExposed) record.actor = undefined;
  }

  #tellDependents(record: TaskRecord, outcome: Outcome): void {
    const { dependents, partialDependents } = record;
    record.dependents = undefined;
    record.partialDependents = undefined;
    const each = (dependent: TaskRecord, index: number): void => {
      if (outcome.status === 'done' && index === WHOLE) this.#satisfy(dependent);
      else this.#doomFor(dependent, record, index);
    };
    if (Array.isArray(dependents)) for (const dependent of dependents) each(dependent as TaskRecord, WHOLE);
    else if (dependents !== undefined) each(dependents as TaskRecord, WHOLE);
    for (const [index, waiting] of partialDependents ?? []) {
      for (const dependent of waiting) each(dependent as TaskRecord, index);
    }
  }

  #satisfy(dependent: TaskRecord): void {
    dependent.waiting -= 1;
    if (dependent.waiting === 0 && !dependent.isSettled) this.#becomeReady(dependent);
  }

  #becomeReady(record: TaskRecord): void {
    this.order.ready(record);
    this.#tell(record, { type: 'dependencies.satisfied' });
    this.#emit(record, 'pending', 'ready');
  }

  #doomFor(dependent: TaskRecord, dependency: TaskRecord, index: number): void {
    this.#doom(dependent, new DependencyFailed(dependent.id, dependency.id, errorAt(dependency, index)));
  }

  /** Fails a task that can no longer run, and in turn what depends on it. Iterative: chains may be long. */
  #doom(record: TaskRecord, error: unknown): void {
    this.#doomed.push({ record, error });
    if (this.#isDooming) return;
    this.#isDooming = true;
    for (let next = this.#doomed.pop(); next !== undefined; next = this.#doomed.pop()) {
      if (!next.record.isSettled) this.#tell(next.record, { type: 'dependency.failed', error: next.error });
    }
    this.#isDooming = false;
  }

  /** Sends an event to the task: to its actor where it has one, else its record takes the same step of the same table. */
  #tell(record: TaskRecord, event: TaskEvent): void {
    if (record.actor !== undefined) {
      this.runQueue.post(record, event);
      return;
    }
    const step = stepFor(record.restState, record, event);
    if (step === undefined) return;
    record.restState = step.target;
    for (const effect of step.effects) if (effect === 'settle') this.#settle(record, event);
  }

  #activate(record: TaskRecord): TaskActorRef {
    this.activations += 1;
    return createActor(this.#taskLogic, { id: record.id, input: record, parent: this.#actor }).start();
  }

  #emit(record: TaskRecord, previous: TaskRecord['state'], state: TaskRecord['state']): void {
    if (!this.hub.hears('task')) return;
    const error = record.outcome?.status === 'failed' ? { error: record.outcome.error } : {};
    const { id, attempt } = record;
    this.hub.emit({ type: 'task', id, queue: record.queue.name, previous, state, attempt, ...error });
  }
}

function contextOf(record: TaskRecord): TaskContextData {
  const { id, attempt, delivered, outcome } = record;
  return { id, queue: record.queue.name, attempt, delivered, outcome };
}

function finalState(status: Outcome['status']): typeof PENDING {
  const state = taskTable.states.find((candidate) => candidate.value === status);
  if (state === undefined) throw new Error(`expected a state ${status} in the task's statechart`);
  return state;
}

/** The state that a task is settled from: told by what it has, since its actor has already moved on. */
function stateBefore(record: TaskRecord): TaskRecord['state'] {
  if (record.run?.hasBegun === true) return record.delivered > 0 ? 'partial' : 'running';
  return record.waiting > 0 ? 'pending' : 'ready';
}

/** What the function itself announces: `fn.numberOfResults(...args)`. */
function countOf(fn: TaskFunction, args: readonly unknown[]): number | undefined {
  if (!('numberOfResults' in fn) || typeof fn.numberOfResults !== 'function') return undefined;
  const count: unknown = fn.numberOfResults(...args);
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw new SchedulerError('InvalidOption', `numberOfResults must give an integer of at least 0, got ${describe(count)}`);
}

function valueOf(handle: Handle<unknown>): unknown {
  const { record, index } = Handle._target(handle);
  if (index !== WHOLE) return record.partials?.[index];
  return record.outcome?.status === 'done' ? record.outcome.result : undefined;
}
