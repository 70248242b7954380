/**
 * Takes a task into a queue: checks the submission as a whole, makes the record, and joins it to the graph.
 *
 * Invariant: a refused submission leaves no trace.
 */
import { elementAt } from '../../core/element-at.js';
import { DependencyFailed, SchedulerError, shown } from '../../core/failures.js';
import { connect, indexAt, WHOLE } from '../../core/order/graph-node.js';
import { type Demand, demandOf } from '../../core/order/resource-ledger.js';
import type { TaskFunction } from '../../core/ports.js';
import { refusal } from '../../core/refusal.js';
import type { Engine } from '../engine.js';
import { Group } from '../group.js';
import { closedError } from '../policies/pending-limit.js';
import type { QueueState } from '../queues/queue-state.js';
import type { KeptTask } from '../keeping/kept-task.js';
import { handlesIn, NO_HANDLES } from '../tasks/arguments.js';
import { Backpressure } from '../tasks/backpressure.js';
import { EdgeList } from '../tasks/edge-list.js';
import { Handle } from '../tasks/handle.js';
import { errorAt, outcomeAt } from '../tasks/outcome-at.js';
import type { GroupMembers } from '../tasks/group-members.js';
import { TaskRecord } from '../tasks/task-record.js';
import type { TaskExtras } from '../tasks/task-side.js';
import { onAbort } from './signals.js';
import { checkedSubmitOptions, type SubmitOptions } from './submit-options.js';

/** What a submission says, checked. */
interface Submission {
  readonly options: SubmitOptions | undefined;
  readonly handles: readonly Handle<unknown>[];
  readonly edges: EdgeList | undefined;
  readonly demand: Demand;
}

const NO_OPTIONS: SubmitOptions = {};

/** The way into one queue. @internal */
export class TaskAdmission {
  readonly #engine: Engine;
  readonly #queue: QueueState;
  readonly #group: Group | undefined;

  /** `group` is that of tasks whose options name none. */
  constructor(engine: Engine, queue: QueueState, group?: Group) {
    this.#engine = engine;
    this.#queue = queue;
    this.#group = group;
  }

  /**
   * Makes the record of the new task. `isTaken` says that the work was taken before, as an item of a feed: it is admitted also while the
   * scheduler drains.
   *
   * @throws SchedulerError as `Queue.submit`.
   */
  admit(
    given: SubmitOptions | undefined,
    fn: TaskFunction,
    args: readonly unknown[],
    isStream: boolean,
    isTaken = false,
  ): TaskRecord {
    const { lifecycle } = this.#engine;
    const isDraining = isTaken && lifecycle.state === 'draining';
    if (lifecycle.isClosed && !isDraining) throw closedError(this.#queue.name);
    if (!isTaken) this.#queue.checkIsOpen();
    const own = this.#read(given, args, isStream);
    const { options, handles, edges, demand } = own;
    this.#queue.executor.accept?.(fn);
    const group = options?.group ?? this.#group;
    const members = group === undefined ? undefined : Group._members(group, this.#engine);
    const id = options?.id;
    const { ids } = this.#engine;
    if (id !== undefined) ids.checkIsFree(id);
    if (!isDraining) this.#queue.bound?.check();
    const kept = this.#engine.keeping === undefined ? undefined : this.#kept(own, fn, args, isStream);
    const record = new TaskRecord({
      seq: ids.nextSeq(),
      priority: options?.priority ?? 0,
      queue: this.#queue,
      demand,
      rateKey: options?.rateKey,
      fn,
      args,
      hasHandles: handles.length > 0,
      isDirect: handles === args && edges?.isOf(args) === true,
      isStream,
      announced: options?.results,
      extras: options === undefined && members === undefined ? undefined : extrasOf(options ?? NO_OPTIONS, members),
    });
    if (id !== undefined) ids.take(id);
    if (kept !== undefined) record.kept = kept;
    // A restored task demands nothing.
    const isRestored = kept?.work?.restored !== undefined;
    if (edges !== undefined && !isRestored) connect(record, edges.nodes, edges.indices);
    if (group !== undefined) Group._join(group, record);
    this.#engine.hub.tracing?.admitted(record, isTaken);
    this.#engine.admit(this.#queue, record, edges === undefined ? undefined : failureAmong(record));
    if (isRestored && edges !== undefined) this.#engine.keeping?.unneeded.spared(edges.nodes);
    if (group !== undefined) Group._admitted(group, record);
    if (options?.signal !== undefined && !record.isSettled) this.#listen(record, options.signal);
    return record;
  }

  /** What the store has of the task. @throws SchedulerError `NotStorable`, `DuplicateTask`. */
  #kept(
    { options, edges }: Submission,
    fn: TaskFunction,
    args: readonly unknown[],
    isStream: boolean,
  ): KeptTask | undefined {
    const version = options?.version === undefined ? undefined : String(options.version);
    const { nodes = [], indices } = edges ?? {};
    try {
      return this.#engine.keeping?.prepare(this.#queue, options, { fn, version, args, nodes, indices, isStream });
    } catch (error) {
      throw refusal('an argument of a task that is kept', error);
    }
  }

  /** Reads and checks all that the submission says, once; nothing has been done about it yet. */
  #read(given: SubmitOptions | undefined, args: readonly unknown[], isStream: boolean): Submission {
    try {
      const handles = handlesIn(args);
      // A copy: a getter is called once, and later changes by the caller have no effect.
      const options = given === undefined ? undefined : checkedSubmitOptions(given, isStream);
      if (options?.rateKey !== undefined && this.#queue.rate?.hasKeys !== true) {
        const message = `rateKey is for queues with rateByKey, which queue ${this.#queue.name} has not`;
        throw new SchedulerError('InvalidOption', message, { queue: this.#queue.name });
      }
      return {
        options,
        handles,
        edges: this.#edges(handles, options),
        demand: demandOf(options?.resources, this.#queue),
      };
    } catch (error) {
      throw refusal('the options or arguments of a submission', error);
    }
  }

  /** The dependencies in the order of demand: arguments, then `release`, then `after`; each once. */
  #edges(handles: readonly Handle<unknown>[], options: SubmitOptions | undefined): EdgeList | undefined {
    const release = options?.release ?? NO_HANDLES;
    const after = options?.after ?? NO_HANDLES;
    const count = handles.length + release.length + after.length;
    if (count === 0) return undefined;
    const edges = new EdgeList(count);
    for (const handle of handles) this.#connectTo(handle, edges);
    for (const handle of release) this.#connectTo(handle, edges);
    for (const handle of after) this.#connectTo(handle, edges);
    for (const handle of release) {
      const { record, index } = Handle._target(handle);
      if (index !== WHOLE || record.extras?.hold !== true) {
        throw new SchedulerError('NotHeld', `task ${handle.id} was not submitted with hold: nothing to release`, {
          tasks: [handle.id],
        });
      }
    }
    return edges;
  }

  #connectTo(handle: unknown, edges: EdgeList): void {
    if (!Handle._is(handle)) {
      throw new SchedulerError('InvalidOption', `release and after take handles, got ${shown(handle)}`);
    }
    const { record, index } = Handle._target(handle);
    if (record.queue.service !== this.#engine) {
      throw new SchedulerError('ForeignHandle', `task ${handle.id} belongs to another scheduler`, {
        tasks: [handle.id],
      });
    }
    // It may need the result again, for another attempt.
    record.flow?.keep();
    edges.add(record, index);
  }

  #listen(record: TaskRecord, signal: AbortSignal): void {
    const abort = (): void => {
      this.#engine.cancel(record, { reason: signal.reason });
    };
    if (signal.aborted) {
      abort();
      return;
    }
    const unlisten = onAbort(signal, abort);
    if (record.extras !== undefined) record.extras.unlisten = unlisten;
  }
}

/** The part of a record that only some submissions need; undefined for the others. */
function extrasOf(options: SubmitOptions, group: GroupMembers | undefined): TaskExtras<TaskRecord> | undefined {
  const { id, kind, hold = false, release = NO_HANDLES, ahead, signal, timeoutMs, retry, onSettled, trace } = options;
  const isPlain =
    id === undefined &&
    kind === undefined &&
    !hold &&
    release.length === 0 &&
    ahead === undefined &&
    signal === undefined;
  const isBare = timeoutMs === undefined && retry === undefined && onSettled === undefined && group === undefined;
  if (isPlain && isBare && trace === undefined) return undefined;
  const records = release.map((handle) => Handle._target(handle).record);
  const flow = ahead === undefined ? undefined : new Backpressure(ahead);
  return {
    id,
    kind,
    hold,
    release: records,
    flow,
    timeoutMs,
    retry,
    onSettled,
    group,
    trace: trace && { ...trace },
    unlisten: undefined,
  };
}

/** The error of a new task if one of its dependencies has failed already, or will never deliver the result that it needs. */
function failureAmong(record: TaskRecord): { readonly error: unknown } | undefined {
  const { dependencies } = record;
  for (let position = 0; position < dependencies.length; position += 1) {
    const dependency = elementAt(dependencies, position);
    const index = indexAt(record, position);
    const outcome = outcomeAt(dependency, index);
    if (outcome === undefined || outcome.status === 'done') continue;
    return { error: new DependencyFailed(record.id, dependency.id, errorAt(dependency, index)) };
  }
  return undefined;
}
