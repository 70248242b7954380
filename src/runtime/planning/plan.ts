/**
 * A plan: what a scheduler would do from here on, if every task took as long as is known of its kind. The unsettled tasks are submitted
 * to a second scheduler of the same kind, which runs them on a clock of its own: the starts are those of the real selection.
 *
 * What is running starts first there, with the time it has left. Rates, pauses, retries, evictions, and slots that settled tasks still hold are
 * left out.
 */
import { valueAt } from '../../core/element-at.js';
import { connect, isSatisfied, indexAt, WHOLE } from '../../core/order/graph-node.js';
import type { Engine } from '../engine.js';
import type { QueueState } from '../queues/queue-state.js';
import type { SchedulerOptions } from '../scheduler-options.js';
import { TaskRecord } from '../tasks/task-record.js';
import { type Course, PlannedExecutor } from './planned-executor.js';

/**
 * A task in a plan. Times are in milliseconds from now.
 *
 * @public
 */
export interface PlannedTask {
  readonly id: string;
  readonly queue: string;
  /** The option `kind`, or the name of the function. */
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Whether no run has seen its kind: it counts as the average of all, or 1 ms where nothing is known. */
  readonly isUnknown: boolean;
  /** The ids of the tasks in the plan that it needs, each once. */
  readonly needs: readonly string[];
  /** Of a task that is kept in a store: why it is not restored, such as `argument 2 changed`. */
  readonly notRestored?: string;
}

/**
 * What a scheduler would do.
 *
 * @public
 */
export interface Plan {
  /** In the order of their starts; those that are running first. */
  readonly tasks: readonly PlannedTask[];
  readonly totalMs: number;
  /** How many tasks were restored from the store since the scheduler was made. */
  readonly restored: number;
  /** The ids of the tasks that are not needed, because all that depends on them was restored. */
  readonly notNeeded: readonly string[];
  /** The ids of the tasks that could not start. */
  readonly stuck: readonly string[];
}

/** Makes the scheduler of the rehearsal. @internal */
export type MakeEngine = (
  options: Required<Pick<SchedulerOptions, 'order' | '_environment' | '_durations' | '_turn'>>,
) => Engine;

const nothing = (): void => undefined;

/** O(tasks · log tasks), and what their selection costs. @internal */
export function plan(engine: Engine, make: MakeEngine): Plan {
  const { durations, keeping } = engine;
  const records = engine.unsettled.newestFirst().toReversed();
  const courses = new Map(
    records.map((record): [string, Course] => [
      record.id,
      { ms: durations.leftMs(record), results: resultsOf(record) },
    ]),
  );
  const spans = new Map<string, { readonly startMs: number; readonly endMs: number }>();
  const executor = new PlannedExecutor(
    (id) => valueAt(courses, id),
    (id, startMs, endMs) => spans.set(id, { startMs, endMs }),
  );
  const copy = make({
    order: engine.orderName,
    _environment: executor.environment,
    _durations: (id) => valueAt(courses, id).ms,
    // Everything is submitted before the start, which selects by itself.
    _turn: nothing,
  });
  const queues = new Map(engine.queues.map((queue) => [queue.name, copyOf(queue, copy, executor)]));
  submitAll(records, copy, queues);
  copy.lifecycle.start();
  while (executor.next());
  const byId = new Map(records.map((record) => [record.id, record]));
  const tasks = [...spans].map(([id, span]) => ({ ...namesOf(valueAt(byId, id), engine, spans), id, ...span }));
  return {
    tasks,
    totalMs: tasks.reduce((latest, { endMs }) => Math.max(latest, endMs), 0),
    restored: keeping?.restored ?? 0,
    notNeeded: keeping?.unneeded.all().map(({ id }) => id) ?? [],
    stuck: records.map(({ id }) => id).filter((id) => !spans.has(id)),
  };
}

function namesOf(
  record: TaskRecord,
  { durations }: Engine,
  spans: ReadonlyMap<string, unknown>,
): Omit<PlannedTask, 'id' | 'startMs' | 'endMs'> {
  const needs = [...new Set(record.dependencies.map(({ id }) => id))].filter((id) => spans.has(id));
  const notRestored = record.kept?.missing;
  return {
    queue: record.queue.name,
    kind: durations.kindOf(record).name,
    isUnknown: !durations.isKnown(record),
    needs,
    ...(notRestored === undefined ? {} : { notRestored }),
  };
}

/** A queue with the limits of that one. */
function copyOf(
  { name, concurrency, resourceNames, capacity, isInSubmissionOrder }: QueueState,
  copy: Engine,
  executor: PlannedExecutor,
): QueueState {
  return copy.addQueue({
    name,
    concurrency,
    resourceNames,
    capacity,
    executor,
    order: isInSubmissionOrder ? 'fifo' : undefined,
    rate: undefined,
    rateByKey: undefined,
    policy: {},
    maxPending: undefined,
  });
}

/** Submits a copy of each record, oldest first, to the queue of the same name. */
function submitAll(records: readonly TaskRecord[], copy: Engine, queues: ReadonlyMap<string, QueueState>): void {
  const copies = new Map<TaskRecord, TaskRecord>();
  const here = (record: TaskRecord): TaskRecord[] => [copies.get(record) ?? []].flat();
  for (const record of records) {
    const queue = valueAt(queues, record.queue.name);
    const { id, extras, isStream, run, lane } = record;
    const edges = (record.waiting === 0 ? [] : record.dependencies).flatMap((need, position) =>
      isSatisfied(record, position) ? [] : here(need).map((copied) => ({ copied, index: indexAt(record, position) })),
    );
    const made = new TaskRecord({
      seq: copy.ids.nextSeq(),
      // What runs has its slot already.
      priority: run === undefined ? record.priority : Number.MAX_SAFE_INTEGER,
      queue,
      demand: lane.demand,
      rateKey: undefined,
      fn: nothing,
      args: [],
      hasHandles: false,
      isDirect: false,
      isStream,
      announced: undefined,
      extras: {
        id,
        kind: undefined,
        hold: extras?.hold ?? false,
        release: (extras?.release ?? []).flatMap(here),
        timeoutMs: undefined,
        retry: undefined,
        onSettled: undefined,
        group: undefined,
        trace: undefined,
        flow: undefined,
        unlisten: undefined,
      },
    });
    copies.set(record, made);
    connect(
      made,
      edges.map(({ copied }) => copied),
      edges.every(({ index }) => index === WHOLE) ? undefined : edges.map(({ index }) => index),
    );
    copy.admit(queue, made, undefined);
  }
}

/** How many partial results the task delivers, as far as that is known. */
function resultsOf({ isStream, announced, delivered, partialDependents }: TaskRecord): number {
  if (!isStream) return 0;
  const needed = [...(partialDependents?.keys() ?? [])].map((index) => index + 1);
  return announced ?? Math.max(delivered, ...needed);
}
