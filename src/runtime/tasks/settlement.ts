/**
 * How results and failures spread: a result makes dependents ready, a failure fails them, and waiters and listeners are
 * told of both. Carries out the effects of a task's statechart from its first partial result on.
 *
 * Invariants: a task is settled once; a dependent is satisfied or doomed, never both; nothing here recurses along the graph.
 */
import type { TaskEvent } from '../../../machines/task.js';
import type { TaskOrder } from '../../core/order/task-order.js';
import { DependencyFailed } from '../../core/failures.js';
import { forEachDependent, visitEach, WHOLE } from '../../core/order/graph-node.js';
import type { Outcome } from '../../core/outcome.js';
import type { Keeping } from '../keeping/keeping.js';
import type { Attempts } from './attempts.js';
import { stateOf } from './task-state.js';
import type { EventHub } from '../events/event-hub.js';
import type { UnhandledFailures } from './unhandled-failures.js';
import { errorAt, releasedOf } from './outcome-at.js';
import { takeNeeded } from './result-taking.js';
import type { Durations } from './durations.js';
import type { TaskIds } from './task-ids.js';
import type { TaskRecord } from './task-record.js';
import type { Waiters } from './waiters.js';
import type { UnsettledList } from './unsettled-list.js';

/** The parts of the runtime that settlement works with. @internal */
export interface SettlementPort {
  readonly order: TaskOrder;
  readonly hub: EventHub;
  readonly failures: UnhandledFailures;
  readonly ids: TaskIds;
  readonly unsettled: UnsettledList;
  readonly waiters: Waiters;
  readonly attempts: Attempts;
  readonly durations: Durations;
  readonly changed: () => void;
  /** A task has failed. */
  readonly failed: () => void;
}

/** Messages that say nothing of their own are all the same object. */
const SATISFIED: TaskEvent = { type: 'dependencies.satisfied' };

/** Settlement for one scheduler. Settling a task is O(its dependents). @internal */
export class Settlement {
  readonly #port: SettlementPort;
  readonly #doomed: { readonly record: TaskRecord; readonly error: unknown }[] = [];
  /** The scheduler's store, if it has one. */
  keeping: Keeping | undefined = undefined;
  #isDooming = false;

  constructor(port: SettlementPort) {
    this.#port = port;
  }

  /** The number of partial results has become known: what waits for one beyond the end will never get it. */
  readonly announce = (record: TaskRecord, count: number): void => {
    if (record.announced !== undefined) return;
    record.announced = count;
    this.#port.waiters.announced(record, count);
    for (const [index, dependents] of record.partialDependents ?? []) {
      if (index >= count) visitEach(dependents, index, (dependent) => this.#doomFor(dependent, record, index));
    }
  };

  readonly deliverPartial = (record: TaskRecord, event: TaskEvent): void => {
    if (event.type !== 'partial.delivered' && event.type !== 'partial.restored') return;
    if (event.type === 'partial.delivered') this.keeping?.delivers(record, event.value);
    const index = record.delivered - 1;
    record.partials ??= [];
    record.partials.push(event.value);
    if (index === record.run?.deliveredBefore) this.#port.hub.moved(record, 'running', 'partial');
    this.#port.hub.tap?.delivered(record);
    if (this.#port.hub.hears.partial)
      this.#port.hub.emit({ type: 'partial', id: record.id, queue: record.queue.name, index });
    const { partialDependents, run } = record;
    const waiting = partialDependents?.get(index);
    partialDependents?.delete(index);
    visitEach(waiting, index, this.#satisfy);
    if (run !== undefined) record.queue.preemption?.neededLess(run);
    this.#port.waiters.delivered(record, index);
    this.#port.changed();
  };

  /** The record has its outcome and its final state. */
  readonly settle = (record: TaskRecord): void => {
    const { outcome } = record;
    if (outcome === undefined || record.isSettled) return;
    const { order, hub, attempts } = this.#port;
    // What the store has may be on its way to a task that is cancelled.
    const { kept } = record;
    const isRestored = kept?.isRestored === true && outcome.status !== 'cancelled';
    const previous = isRestored ? 'pending' : stateOf(record);
    if (record.isStream && outcome.status === 'done' && Array.isArray(outcome.result)) {
      this.#fill(outcome.result, record);
    }
    this.keeping?.settles(record, outcome);
    record.isSettled = true;
    if (record.extras?.id !== undefined) this.#port.ids.free(record.extras.id);
    const { run } = record;
    if (run !== undefined && !run.hasBegun) run.withdraw();
    attempts.endPause(record);
    if (outcome.status === 'done') order.done(record);
    else order.withdraw(record);
    if (record.isUnneeded) record.isUnneeded = false;
    else this.#port.unsettled.remove(record);
    record.queue.left(record);
    record.queue.tally.settled(run !== undefined);
    record.queue.settled();
    if (run === undefined) takeNeeded(record);
    record.flow?.openUp();
    if (outcome.status === 'failed') hub.tap?.failing(record);
    record.forgetWork();
    if (outcome.status === 'failed') {
      this.#port.failures.add(record);
      this.#port.failed();
    }
    if (isRestored && hub.hears.restored)
      hub.emit({ type: 'restored', id: record.id, queue: record.queue.name, key: kept.name });
    hub.moved(record, previous, outcome.status);
    hub.settled(record, outcome);
    record.extras?.group?.settled(record, outcome);
    if (run === undefined) attempts.slots.release(record);
    else if (run.hasEnded) attempts.free(record, run);
    this.#tellDependents(record, outcome);
    this.#port.waiters.settled(record);
    this.#port.changed();
  };

  /** Puts all results into the array of the whole, which stays empty if some of them have been released. */
  #fill(whole: unknown[], record: TaskRecord): void {
    if (releasedOf(record) > 0) return;
    // A copy: a change to the array of all leaves the results themselves as they were delivered.
    for (const value of record.partials ?? []) whole.push(value);
    record.flow?.keep();
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
    const { kept } = record;
    if (kept !== undefined && this.keeping?.isFoundAgain(record, kept) === true) return;
    if (kept !== undefined) kept.readyAt = this.#port.durations.now();
    if (!record.isUnneeded) this.#port.order.ready(record);
    record.tell(SATISFIED);
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
      if (!next.record.isSettled) next.record.tell({ type: 'dependency.failed', error: next.error });
    }
    this.#isDooming = false;
  }
}
