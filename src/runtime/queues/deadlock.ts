/**
 * Deadlocks among slots: running functions that wait for tasks which need the very slots that these functions hold. Other tasks may go
 * on meanwhile, so this is no stall of the scheduler, yet nothing will ever end it.
 *
 * Invariant: a task that could move is never taken for one that cannot; where that cannot be told, it counts as moving.
 */
import { isSatisfied } from '../../core/order/graph-node.js';
import { fits } from '../../core/order/resource-ledger.js';
import type { NestedWaits } from '../tasks/nested-waits.js';
import type { TaskRecord } from '../tasks/task-record.js';

/**
 * The tasks that running functions wait for in vain, each once. O(waiting functions) while what they wait for moves; else
 * O(the tasks waited for, near and far, and their edges) for each of them.
 *
 * @internal
 */
export function deadlockedAmong(nested: NestedWaits): Set<TaskRecord> {
  const found = new Set<TaskRecord>();
  for (const awaited of nested.waits) {
    if (canAnyMove(awaited, nested)) continue;
    for (const each of awaited) found.add(each);
  }
  return found;
}

/** Whether one of the tasks, or something that one of them waits for, near or far, can move. */
function canAnyMove(tasks: Iterable<TaskRecord>, nested: NestedWaits): boolean {
  // Most often the first can: nothing is copied before that is known.
  const [first] = tasks;
  if (first !== undefined && needsOf(first, nested) === undefined) return true;
  const reached = new Set(tasks);
  for (const record of reached) {
    const needs = needsOf(record, nested);
    if (needs === undefined) return true;
    for (const each of needs) reached.add(each);
  }
  return false;
}

/** The unsettled tasks that it waits for; undefined if it can move, or if that cannot be told. */
function needsOf(record: TaskRecord, nested: NestedWaits): Iterable<TaskRecord> | undefined {
  const { queue, run, pause, following, dependencies } = record;
  if (run !== undefined) return nested.awaitedBy(run);
  if (record.isSettled || pause !== undefined) return undefined;
  if (following !== undefined) return [following.record];
  if (record.waiting > 0) return dependencies.filter((_, position) => !isSatisfied(record, position));
  if (fits(queue.ledger, record.demand)) return undefined;
  // A slot that anything else has comes free by itself, or by a task that may be anywhere.
  const blocked = nested.blockedIn(queue);
  return blocked.length < queue.ledger.slotsTaken ? undefined : blocked;
}
