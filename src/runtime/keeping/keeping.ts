/**
 * What a scheduler does with its store: finds the outcomes of earlier runs as tasks are submitted, and keeps those of this one.
 *
 * Invariants: a task is restored only if its function and its arguments have the fingerprints that its result was made from, and its
 * dependencies have the same recipes, or results of the same fingerprints; an error of the store fails no task.
 */
import { SchedulerError, TaskInterrupted } from '../../core/failures.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { Outcome } from '../../core/outcome.js';
import type { Recipe, StoredRecord, StoredStatus, StoreSession } from '../../core/store-port.js';
import type { TaskEvent } from '../../../machines/task.js';
import type { QueueState } from '../queues/queue-state.js';
import { outcomeAt } from '../tasks/outcome-at.js';
import type { TaskRecord } from '../tasks/task-record.js';
import { areEqual, type Inputs, inputsOf } from './inputs.js';
import { type Found, type KeptOptions, KeptTask, type KeptWork } from './kept-task.js';
import { differenceOf, unusable, upstreamOf } from './missing.js';
import { giveRecipes, type Ingredients, recipeOf, unkept } from './recipes.js';
import type { UnneededTasks } from './unneeded-tasks.js';

const NONE: readonly unknown[] = [];

/** @internal */
export interface KeepingPort {
  readonly session: StoreSession;
  readonly unneeded: UnneededTasks;
  /** Every record is committed before anything follows from it. */
  readonly isEach: boolean;
  /** The store could not do what it was asked for. */
  readonly failed: (error: unknown) => void;
  readonly counts: { readonly errors: number };
}

/** The store of one scheduler at work. @internal */
export class Keeping {
  readonly unneeded: UnneededTasks;
  /** How many tasks the store had the outcome of. */
  restored = 0;
  readonly #port: KeepingPort;
  readonly #session: StoreSession;
  /** How often a key was derived. */
  readonly #derived = new Map<string, number>();
  /** Keys of the tasks that have not settled. */
  readonly #live = new Set<string>();
  /** Fingerprints of the results of tasks without a recipe. */
  readonly #fingerprints = new WeakMap<TaskRecord, string | null>();

  constructor(port: KeepingPort) {
    this.#port = port;
    this.#session = port.session;
    this.unneeded = port.unneeded;
  }

  /** How often the store failed. */
  get errors(): number {
    return this.#port.counts.errors;
  }

  /** Unique to the store. */
  get storeId(): string {
    return this.#session.id;
  }

  /**
   * Looks for the outcome of the task that is being submitted. Undefined for a task that is not kept and has no version.
   *
   * @throws SchedulerError `NotStorable`; `DuplicateTask` for a key that a task has which has not settled.
   */
  prepare(queue: QueueState, options: KeptOptions | undefined, ingredients: Ingredients): KeptTask | undefined {
    const { policy } = queue;
    const isKept = options?.key !== undefined || (options?.store ?? policy.store) === true;
    // Without a version its recipe can be made later, by the record.
    if (!isKept && ingredients.version === undefined) return undefined;
    giveRecipes(this.#session, ingredients.nodes);
    if (!isKept) return unkept(this.#session, queue.name, ingredients);
    const { recipe, name } = recipeOf(this.#session, queue.name, ingredients);
    const key = options?.key ?? this.#derive(name());
    if (this.#live.has(key)) {
      throw new SchedulerError('DuplicateTask', `a task with the key ${key} has not settled yet`, {
        queue: queue.name,
      });
    }
    const onInterrupted = options?.onInterrupted ?? policy.onInterrupted ?? 'retry';
    const keepsFailures = policy.keepFailures === true;
    const inputs = inputsOf(ingredients, (record, index) => this.#fingerprintOf(record, index));
    const id = options?.id ?? key;
    const task = { onInterrupted, keepsFailures, id, isStream: ingredients.isStream };
    const { candidate, restored, partials = NONE, missing, fingerprint } = this.#find(key, recipe, inputs, task);
    const work: KeptWork = {
      recipe,
      onInterrupted,
      keepsFailures,
      candidate,
      restored,
      partials,
      inputs,
      isMarked: false,
      hasGap: false,
    };
    return new KeptTask(key, key, recipe.whole, work, missing, fingerprint);
  }

  #derive(name: string): string {
    const count = (this.#derived.get(name) ?? 0) + 1;
    this.#derived.set(name, count);
    return count === 1 ? name : `${name}~${count}`;
  }

  #find(
    key: string,
    recipe: Recipe,
    inputs: Inputs | undefined,
    task: Pick<KeptWork, 'onInterrupted' | 'keepsFailures'> & { readonly id: string; readonly isStream: boolean },
  ): Found {
    try {
      const record = this.#session.find(key);
      const partials = recipe.whole === undefined || !task.isStream ? [] : this.#session.partialsOf(key, recipe.whole);
      if (record === undefined) return { partials, missing: partials.length > 0 ? 'interrupted' : 'no record' };
      const isSame = recipe.whole !== undefined && recipe.whole === record.recipe.whole;
      if (isSame && record.status === 'done') return this.#restored(record);
      const difference = differenceOf(recipe, record.recipe);
      // Another version of the function must not do the same work twice either.
      const isSameWork = differenceOf({ ...recipe, fn: record.recipe.fn }, record.recipe) === undefined;
      if (record.status === 'running' && isSameWork && task.onInterrupted === 'fail') {
        return { restored: { status: 'failed', error: new TaskInterrupted(task.id, key) } };
      }
      const isUsable = record.status === 'done' || (record.status === 'failed' && task.keepsFailures);
      if (isUsable && (isSame || (difference === undefined && areEqual(inputs, record.inputs)))) {
        if (!isSame) this.#session.relabel({ ...record, recipe });
        return this.#restored(record);
      }
      if (!isUsable) return { partials, missing: unusable(record) };
      const candidate = difference === undefined && inputs === undefined ? record : undefined;
      return { partials, candidate, missing: difference ?? upstreamOf(recipe, record.recipe) };
    } catch (error) {
      this.#port.failed(error);
      return { missing: 'the store could not be read' };
    }
  }

  #restored(record: StoredRecord): Found {
    return { restored: this.#outcomeOf(record), fingerprint: record.fingerprint };
  }

  #outcomeOf({ key, status }: StoredRecord): Outcome {
    const value = this.#session.valueOf(key);
    return status === 'done' ? { status: 'done', result: value } : { status: 'failed', error: value };
  }

  /** The task has been admitted: delivers what the store has of it, before anything else happens to it. */
  admitted(record: TaskRecord): void {
    const { kept } = record;
    const { restored, partials = NONE } = kept?.work ?? {};
    if (restored === undefined) this.unneeded.needed(record);
    if (kept === undefined) return;
    if (restored === undefined) {
      if (kept.key !== undefined) this.#live.add(kept.key);
      for (const value of partials) record.tell({ type: 'partial.restored', value });
      return;
    }
    kept.isRestored = true;
    this.restored += 1;
    for (const event of eventsOf(record, restored)) record.tell(event);
  }

  /**
   * All results that the task depends on are there. Returns whether the store has its outcome, which is then on its way.
   */
  isFoundAgain(record: TaskRecord, kept: KeptTask): boolean {
    const { work } = kept;
    if (work === undefined || kept.isRestored) return kept.isRestored;
    const { dependencies: nodes, dependencyIndices: indices } = record;
    work.inputs ??= inputsOf({ nodes, indices }, (dependency, index) => this.#fingerprintOf(dependency, index));
    const { candidate, recipe } = work;
    if (candidate === undefined || !areEqual(work.inputs, candidate.inputs)) return false;
    try {
      const outcome = this.#outcomeOf(candidate);
      this.#session.relabel({ ...candidate, recipe });
      kept.isRestored = true;
      this.restored += 1;
      kept.fingerprint = candidate.fingerprint;
      // Not at once: a chain of them may be long.
      for (const event of eventsOf(record, outcome)) record.queue.service.eventQueue.post(record, event);
      return true;
    } catch (error) {
      this.#port.failed(error);
      return false;
    }
  }

  /** An attempt begins. */
  starts({ kept, queue }: TaskRecord): void {
    const work = kept?.work;
    if (kept?.key === undefined || work?.onInterrupted !== 'fail') return;
    const { key } = kept;
    this.#try(() => {
      this.#session.keep(recordOf(key, queue.name, 'running', work), undefined);
      work.isMarked = true;
      this.#session.commit();
    });
  }

  /** The attempt has delivered a partial result, which the record does not have yet. */
  delivers({ kept, delivered }: TaskRecord, value: unknown): void {
    const work = kept?.work;
    if (kept?.key === undefined || kept.whole === undefined || work === undefined) return;
    if (work.hasGap || work.isMarked) return;
    const { key, whole } = kept;
    work.hasGap = !this.#try(() => {
      this.#session.keepPartial(key, whole, delivered - 1, value);
      if (this.#port.isEach) this.#session.commit();
    });
  }

  /** The task has its outcome, and nobody has been told of it yet. */
  settles(record: TaskRecord, outcome: Outcome): void {
    const { kept } = record;
    this.unneeded.settled(record, outcome.status === 'done');
    const work = kept?.work;
    if (kept?.key === undefined || work === undefined) return;
    kept.work = undefined;
    const { key } = kept;
    this.#live.delete(key);
    if (kept.isRestored) return;
    this.#try(() => {
      if (outcome.status === 'done' && (record.flow?.released ?? 0) === 0) {
        kept.fingerprint = this.#session.keep(recordOf(key, record.queue.name, 'done', work), outcome.result);
      } else if (outcome.status === 'failed' && work.keepsFailures && record.attempt > 0) {
        this.#session.keep(recordOf(key, record.queue.name, 'failed', work), outcome.error);
      } else if (work.isMarked) this.#session.drop(key);
      else return;
      if (this.#port.isEach) this.#session.commit();
    });
  }

  /** @throws what the commit throws. */
  flush(): void {
    this.#session.commit();
  }

  /** @throws what the commit throws. */
  close(): void {
    this.#session.close();
  }

  #try(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#port.failed(error);
      return false;
    }
  }

  /** The fingerprint of a result that is there; undefined where it has none. */
  #fingerprintOf(record: TaskRecord, index: number): string | undefined {
    const { kept } = record;
    const known = index === WHOLE ? (kept?.fingerprint ?? this.#fingerprints.get(record)) : undefined;
    if (known !== undefined) return known ?? undefined;
    const fingerprint = this.#computed(record, index);
    if (index === WHOLE) this.#fingerprints.set(record, fingerprint);
    return fingerprint ?? undefined;
  }

  #computed(record: TaskRecord, index: number): string | null {
    const outcome = outcomeAt(record, index);
    try {
      return outcome?.status === 'done'
        ? this.#session.fingerprintOf(outcome.result, `the result of ${record.id}`)
        : null;
    } catch {
      return null;
    }
  }
}

/** What is kept of a task, without its result. */
function recordOf(
  key: string,
  queue: string,
  status: StoredStatus,
  { recipe, inputs = [] }: KeptWork,
): Omit<StoredRecord, 'fingerprint'> {
  return { key, queue, status, recipe, inputs };
}

/** The events that settle a task with an outcome of an earlier run: for a task of several results each of them first. */
function eventsOf({ isStream, delivered }: TaskRecord, outcome: Outcome): readonly TaskEvent[] {
  const settled: TaskEvent = { type: 'outcome.restored', outcome };
  if (!isStream || outcome.status !== 'done' || !Array.isArray(outcome.result)) return [settled];
  const values: readonly unknown[] = outcome.result;
  const partials = values.slice(delivered).map((value): TaskEvent => ({ type: 'partial.restored', value }));
  // The array of all is filled on settlement.
  return [...partials, { type: 'outcome.restored', outcome: { status: 'done', result: [] } }];
}
