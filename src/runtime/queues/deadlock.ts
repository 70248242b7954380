/**
 * Deadlocks among slots: running functions that wait for tasks which need the very slots that these functions hold. Other tasks may go
 * on meanwhile, so this is no stall of the scheduler, yet nothing will ever end it.
 *
 * Invariant: a task that could move is never taken for one that cannot; where that cannot be told, it counts as moving.
 */
import { isSatisfied } from '../../core/order/graph-node.js';
import { fits } from '../../core/order/resource-ledger.js';
import type { NestedWaits } from '../tasks/nested-waits.js';
import type { TaskQueue, TaskRecord } from '../tasks/task-record.js';

/** The tasks of a scheduler, as they are now. @internal */
export interface Moment {
  readonly unsettled: readonly TaskRecord[];
  /** Attempts that were given up and have not ended. */
  readonly ending: Iterable<{ readonly record: TaskRecord }>;
  readonly nested: NestedWaits;
}

/** The tasks that running functions wait for in vain, each once. O(unsettled tasks and their edges) for each such function. @internal */
export function deadlockedAmong(moment: Moment): Set<TaskRecord> {
  const found = new Set<TaskRecord>();
  for (const record of moment.unsettled) {
    const awaited = awaitedBy(record, moment.nested);
    if (awaited === undefined || canAnyMove(awaited, moment)) continue;
    for (const each of awaited) found.add(each);
  }
  return found;
}

function awaitedBy({ run }: TaskRecord, nested: NestedWaits): ReadonlySet<TaskRecord> | undefined {
  return run === undefined ? undefined : nested.awaitedBy(run);
}

/** Whether one of the tasks, or something that one of them waits for, near or far, can move. */
function canAnyMove(tasks: Iterable<TaskRecord>, moment: Moment): boolean {
  const reached = new Set(tasks);
  for (const record of reached) {
    const waitsFor = awaitedBy(record, moment.nested) ?? needsOf(record, moment);
    if (waitsFor === undefined) return true;
    for (const each of waitsFor) reached.add(each);
  }
  return false;
}

/** The unsettled tasks that it waits for; undefined if it can move, or if that cannot be told. */
function needsOf(record: TaskRecord, { unsettled, ending }: Moment): readonly TaskRecord[] | undefined {
  const { queue, run, pause, following, dependencies = [] } = record;
  if (record.isSettled || run !== undefined || pause !== undefined) return undefined;
  if (following !== undefined) return [following.record];
  if (record.waiting > 0) return dependencies.filter((_, position) => !isSatisfied(record, position));
  // A holder comes free by a task that may be anywhere.
  if (fits(queue.ledger, record.demand) || queue.holders.size > 0) return undefined;
  for (const attempt of ending) if (attempt.record.queue === queue) return undefined;
  return runningIn(queue, unsettled);
}

/** The tasks that run in the queue. */
function runningIn(queue: TaskQueue, unsettled: readonly TaskRecord[]): TaskRecord[] {
  return unsettled.filter((record) => record.queue === queue && record.run !== undefined);
}
