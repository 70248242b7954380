/**
 * How results, ends and failures spread: what one task delivers makes others ready or fails them, gives back what was
 * taken, and is told to whoever waits. Carries out the effects of a task's statechart from its first partial result on.
 *
 * Invariants: a task is settled once; a dependent is satisfied or doomed, never both; nothing here recurses along the graph.
 */
import { outcomeOf, type TaskEvent } from '../../../machines/task.js';
import type { DemandOrder } from '../../core/order/demand-order.js';
import { DependencyFailed } from '../../core/failures.js';
import { forEachDependent, visitEach, WHOLE } from '../../core/order/graph-node.js';
import { type Outcome, outcomeKind } from '../../core/outcome.js';
import type { TaskAttempt } from './attempt.js';
import { stateOf } from './attempts.js';
import type { EventHub } from '../events/event-hub.js';
import type { UnhandledFailures } from './unhandled-failures.js';
import { errorAt } from './outcome-at.js';
import { takeNeeded } from './result-taking.js';
import type { EventQueue } from '../events/event-queue.js';
import type { TaskRecord } from './task-record.js';
import { FINAL_STATES } from '../statecharts/task-table.js';
import type { Waiters } from './waiters.js';
import type { UnsettledList } from './unsettled-list.js';

/** What settlement needs of the engine. @internal */
export interface SettlementPort {
  readonly order: DemandOrder;
  readonly eventQueue: EventQueue;
  readonly hub: EventHub;
  readonly failures: UnhandledFailures;
  readonly unsettled: UnsettledList;
  readonly lifecycle: {
    taskFailed(): void;
    taskSettled(): void;
    attemptEnded(run: { readonly epoch: number }): void;
  };
  readonly attempts: {
    freed(run: TaskAttempt<TaskRecord>): void;
    endPause(record: TaskRecord): void;
    isEnding(record: TaskRecord): boolean;
  };
  tell(record: TaskRecord, event: TaskEvent): void;
  /** The task has settled and needs its actor no longer. */
  dismissActor(record: TaskRecord): void;
  changed(): void;
}

/** Messages that say nothing of their own are all the same object. */
const SATISFIED: TaskEvent = { type: 'dependencies.satisfied' };

/** Settlement for one scheduler. Settling a task is O(its dependents). @internal */
export class Settlement {
  readonly #port: SettlementPort;
  readonly #watch: Waiters;
  readonly #doomed: { readonly record: TaskRecord; readonly error: unknown }[] = [];
  #isDooming = false;

  constructor(port: SettlementPort, watch: Waiters) {
    this.#port = port;
    this.#watch = watch;
  }

  /** The number of partial results has become known: what waits for one beyond the end will never get it. */
  announce(record: TaskRecord, count: number | undefined): void {
    if (count === undefined || record.announced !== undefined) return;
    record.announced = count;
    this.#watch.announced(record, count);
    for (const [index, dependents] of record.partialDependents ?? []) {
      if (index >= count) visitEach(dependents, index, (dependent) => this.#doomFor(dependent, record, index));
    }
  }

  deliverPartial(record: TaskRecord, event: TaskEvent): void {
    if (event.type !== 'partial.delivered') return;
    const index = record.delivered;
    record.partials ??= [];
    record.partials.push(event.value);
    record.delivered += 1;
    if (index === (record.run?.deliveredBefore ?? 0)) this.emit(record, 'running', 'partial');
    if (this.#port.hub.hears.partial)
      this.#port.hub.emit({ type: 'partial', id: record.id, queue: record.queue.name, index });
    const waiting = record.partialDependents?.get(index);
    if (waiting !== undefined) {
      record.partialDependents?.delete(index);
      visitEach(waiting, index, this.#satisfy);
    }
    this.#watch.delivered(record, index);
    this.#port.changed();
  }

  settle(record: TaskRecord, event: TaskEvent): void {
    // An actor has it in the context that it has just taken.
    const outcome = record.actor === undefined ? outcomeOf(event) : record.actor.getSnapshot().context.outcome;
    if (outcome === undefined || record.isSettled) return;
    const previous = stateOf(record);
    record.outcome = outcome;
    if (record.isStream && outcome.status === 'done' && Array.isArray(outcome.result)) {
      // A copy: whoever changes the array of all leaves the results themselves as they were delivered.
      for (const value of record.partials ?? []) outcome.result.push(value);
    }
    record.restState = FINAL_STATES[outcome.status];
    record.isSettled = true;
    const { run } = record;
    if (run !== undefined && !run.hasBegun) run.withdraw();
    this.#port.attempts.endPause(record);
    if (outcome.status === 'done') this.#port.order.done(record);
    else this.#port.order.withdraw(record);
    this.#port.unsettled.remove(record);
    record.queue.left(record);
    if (run === undefined) takeNeeded(record);
    record.flow?.openUp();
    record.forgetWork();
    this.#port.dismissActor(record);
    if (outcome.status === 'failed') {
      this.#port.failures.add(record);
      this.#port.lifecycle.taskFailed();
    }
    this.emit(record, previous, outcome.status);
    this.#tellListeners(record, outcome);
    if (run === undefined) this.#release(record);
    else if (run.hasEnded) this.freeAttempt(record, run);
    this.#tellDependents(record, outcome);
    this.#watch.settled(record);
    this.#port.lifecycle.taskSettled();
    this.#port.changed();
  }

  /** The attempt has ended: what the task was to release comes back, then its own slot unless it holds it. */
  freeAttempt(record: TaskRecord, run: TaskAttempt<TaskRecord>): void {
    const isLast = record.run === run;
    this.#port.attempts.freed(run);
    if (isLast) record.run = undefined;
    this.#release(record);
    if (isLast && record.extras?.hold === true && !record.isReleased && record.outcome?.status === 'done') {
      record.isHolding = true;
      record.queue.holders.add(record);
    } else {
      this.#port.eventQueue.post(record.queue, { type: 'slot.returned', task: record });
    }
    this.#port.lifecycle.attemptEnded(run);
    this.#port.changed();
  }

  #release(record: TaskRecord): void {
    const { extras } = record;
    if (extras === undefined || extras.release.length === 0) return;
    // Not before the last of its attempts has ended, dropped ones included.
    if (!record.isSettled || record.run !== undefined || this.#port.attempts.isEnding(record)) return;
    for (const holder of extras.release) {
      // A releaser that settles first, by failing, leaves nothing to hold.
      holder.isReleased = true;
      if (!holder.isHolding) continue;
      holder.isHolding = false;
      holder.queue.holders.delete(holder);
      this.#port.eventQueue.post(holder.queue, { type: 'slot.returned', task: holder });
    }
  }

  #tellListeners(record: TaskRecord, outcome: Outcome): void {
    const ofTask = record.extras?.onSettled;
    const ofQueue = record.queue.policy.onSettled;
    const { hub } = this.#port;
    if (ofTask === undefined && ofQueue === undefined && !hub.hears.settled) return;
    const { id, attempt } = record;
    const kind = outcomeKind(outcome);
    const event = { type: 'settled', id, queue: record.queue.name, kind, attempt, outcome } as const;
    if (ofTask !== undefined) hub.call(ofTask, event);
    if (ofQueue !== undefined) hub.call(ofQueue, event);
    hub.emit(event);
  }

  #tellDependents(record: TaskRecord, outcome: Outcome): void {
    if (record.dependents === undefined && record.partialDependents === undefined) return;
    forEachDependent(record, (dependent, index) => {
      if (outcome.status === 'done' && index === WHOLE) this.#satisfy(dependent);
      else this.#doomFor(dependent, record, index);
    });
    record.dependents = undefined;
    record.partialDependents = undefined;
  }

  readonly #satisfy = (dependent: TaskRecord): void => {
    dependent.waiting -= 1;
    if (dependent.waiting === 0 && !dependent.isSettled) this.becomeReady(dependent);
  };

  becomeReady(record: TaskRecord): void {
    this.#port.order.ready(record);
    this.#port.tell(record, SATISFIED);
  }

  #doomFor(dependent: TaskRecord, dependency: TaskRecord, index: number): void {
    this.doom(dependent, new DependencyFailed(dependent.id, dependency.id, errorAt(dependency, index)));
  }

  /** Fails a task that can no longer run, and in turn what depends on it. Iterative: chains may be long. */
  doom(record: TaskRecord, error: unknown): void {
    this.#doomed.push({ record, error });
    if (this.#isDooming) return;
    this.#isDooming = true;
    for (let next = this.#doomed.pop(); next !== undefined; next = this.#doomed.pop()) {
      if (!next.record.isSettled) this.#port.tell(next.record, { type: 'dependency.failed', error: next.error });
    }
    this.#isDooming = false;
  }

  emit(record: TaskRecord, previous: TaskRecord['state'], state: TaskRecord['state']): void {
    if (!this.#port.hub.hears.task) return;
    const error = record.outcome?.status === 'failed' ? { error: record.outcome.error } : {};
    const { id, attempt } = record;
    this.#port.hub.emit({ type: 'task', id, queue: record.queue.name, previous, state, attempt, ...error });
  }
}
