/**
 * Cancels tasks, and along with them their dependents or the inputs that nothing else needs. Everything here is iterative:
 * chains may be long.
 */
import { elementAt } from '../../core/element-at.js';
import { forEachDependent } from '../../core/order/graph-node.js';
import type { EventQueue } from '../events/event-queue.js';
import type { CancelOptions } from '../policies/cancel-options.js';
import type { TaskRecord } from './task-record.js';

/** Cancellation for one scheduler. @internal */
export class Cancellation {
  readonly #eventQueue: EventQueue;

  constructor(eventQueue: EventQueue) {
    this.#eventQueue = eventQueue;
  }

  /** Cancels the task; see `Handle.cancel`. Returns whether it had not settled before. */
  cancel(record: TaskRecord, options: CancelOptions): boolean {
    const eventQueue = this.#eventQueue;
    // Its end may have been reported already.
    eventQueue.drain();
    if (record.isSettled) return false;
    const { reason, graceMs } = options;
    const cancelled = options.downstream === true ? withDependents(record) : [record];
    const cancel = (each: TaskRecord): void => each.tell({ type: 'cancel.requested', reason, graceMs });
    for (const each of cancelled) cancel(each);
    const { isDraining } = eventQueue;
    eventQueue.drain();
    if (options.orphans !== true) return true;
    const cancelInputs = (): void => {
      cancelOrphans(cancelled, cancel);
      eventQueue.drain();
    };
    // From within a delivery, what fails along with the task has not heard of it yet, and seems to need the inputs still.
    if (isDraining) queueMicrotask(cancelInputs);
    else cancelInputs();
    return true;
  }
}

/**
 * Every unsettled task that depends on `record`, near or far, and last the record itself: each after all that depend on it, so
 * that none is failed by another's end when they are cancelled in this order. O(tasks and edges downstream).
 */
function withDependents(record: TaskRecord): TaskRecord[] {
  const found: TaskRecord[] = [];
  const seen = new Set<TaskRecord>([record]);
  const path = [{ record, dependents: dependentsOf(record), position: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    if (top.position === top.dependents.length) {
      found.push(top.record);
      path.pop();
      continue;
    }
    const dependent = elementAt(top.dependents, top.position);
    top.position += 1;
    if (dependent.isSettled || seen.has(dependent)) continue;
    seen.add(dependent);
    path.push({ record: dependent, dependents: dependentsOf(dependent), position: 0 });
  }
  return found;
}

/**
 * Calls `cancel` for every input of the cancelled tasks given that nothing needs any more, then for theirs. What is cancelled
 * need not have settled when `cancel` returns. O(inputs and their dependents).
 */
function cancelOrphans(cancelled: readonly TaskRecord[], cancel: (orphan: TaskRecord) => void): void {
  const left = [...cancelled];
  const gone = new Set(cancelled);
  for (let record = left.pop(); record !== undefined; record = left.pop()) {
    for (const dependency of record.dependencies) {
      if (dependency.isSettled || gone.has(dependency) || isNeeded(dependency, gone)) continue;
      gone.add(dependency);
      cancel(dependency);
      left.push(dependency);
    }
  }
}

const NOTHING: ReadonlySet<TaskRecord> = new Set();

/** Whether anything waits for the task or for one of its results, other than the tasks in `gone`. @internal */
export function isNeeded(record: TaskRecord, gone: ReadonlySet<TaskRecord> = NOTHING): boolean {
  if (record.endWatchers !== undefined || (record.partialWatchers?.size ?? 0) > 0) return true;
  return dependentsOf(record).some((dependent) => !dependent.isSettled && !gone.has(dependent));
}

function dependentsOf(record: TaskRecord): TaskRecord[] {
  const dependents: TaskRecord[] = [];
  forEachDependent(record, (dependent) => dependents.push(dependent));
  return dependents;
}
