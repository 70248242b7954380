/**
 * Tasks that nothing needs, because all that depended on them was restored from the store. Such a task is taken out of the order, and its
 * dependencies in turn; it stays as it is and is not waited for. It is wanted again when a task that is not restored depends on it, or when
 * a caller asks for its result.
 *
 * Invariants: an unneeded task has made no attempt; whatever depends on it has settled or is unneeded itself; it is in none of the lists
 * of what is to be done.
 */
import type { TaskOrder } from '../../core/order/task-order.js';
import type { TaskRecord } from '../tasks/task-record.js';
import type { UnsettledList } from '../tasks/unsettled-list.js';

/** @internal */
export interface UnneededPort {
  readonly order: TaskOrder;
  readonly unsettled: UnsettledList;
  /** There is more or less to be done. */
  readonly changed: () => void;
}

/** The unneeded tasks of one scheduler. Each operation is O(1) for every task that it changes and every dependency of it. @internal */
export class UnneededTasks {
  readonly #tasks = new Set<TaskRecord>();
  /** How many unsettled tasks depend on a task and are to run. */
  readonly #needers = new WeakMap<TaskRecord, number>();
  readonly #port: UnneededPort;

  constructor(port: UnneededPort) {
    this.#port = port;
  }

  get count(): number {
    return this.#tasks.size;
  }

  /** All of them, as they are now. */
  all(): readonly TaskRecord[] {
    return [...this.#tasks];
  }

  /** The task, just submitted, is to run: what it depends on is needed. */
  needed(record: TaskRecord): void {
    this.#need([record]);
  }

  /** A caller asks for a result of the task. */
  wanted(record: TaskRecord): void {
    if (!record.isUnneeded) return;
    this.#wake(record);
    this.#need([record]);
  }

  /** A task that depends on these was restored. */
  spared(dependencies: readonly TaskRecord[]): void {
    const left = [...dependencies];
    for (let record = left.pop(); record !== undefined; record = left.pop()) {
      if ((this.#needers.get(record) ?? 0) > 0 || !isIdle(record)) continue;
      this.#putAside(record);
      for (const dependency of record.dependencies) {
        if (dependency.isSettled) continue;
        this.#count(dependency, -1);
        left.push(dependency);
      }
    }
  }

  /** The task has settled: it needs nothing any more. */
  settled(record: TaskRecord, isDone: boolean): void {
    // What an unneeded task depends on does not count it; and what a task that is done depends on has settled.
    if (this.#tasks.delete(record) || isDone) return;
    for (const dependency of record.dependencies) this.#count(dependency, -1);
  }

  #need(records: readonly TaskRecord[]): void {
    const left = [...records];
    for (let record = left.pop(); record !== undefined; record = left.pop()) {
      for (const dependency of record.dependencies) {
        this.#count(dependency, 1);
        if (!dependency.isUnneeded) continue;
        this.#wake(dependency);
        left.push(dependency);
      }
    }
  }

  #count(record: TaskRecord, by: number): void {
    this.#needers.set(record, (this.#needers.get(record) ?? 0) + by);
  }

  #putAside(record: TaskRecord): void {
    record.isUnneeded = true;
    this.#tasks.add(record);
    this.#port.order.withdraw(record);
    record.queue.bound?.leave(record);
    this.#port.unsettled.remove(record);
    this.#port.changed();
  }

  #wake(record: TaskRecord): void {
    record.isUnneeded = false;
    this.#tasks.delete(record);
    this.#port.unsettled.add(record);
    record.queue.bound?.add(record);
    this.#port.order.comesBack(record);
    this.#port.changed();
  }
}

/** Whether nothing has begun for the task, and nobody awaits it. */
function isIdle(record: TaskRecord): boolean {
  const { extras } = record;
  // A closed queue waits for its tasks to end.
  if (record.queue.isClosed) return false;
  if (record.isSettled || record.isUnneeded || record.attempt > 0 || record.run !== undefined) return false;
  if (record.delivered > 0 || extras?.group !== undefined || extras?.onSettled !== undefined) return false;
  return record.endWatchers === undefined && (record.partialWatchers?.size ?? 0) === 0;
}
