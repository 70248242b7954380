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

/** What functions wait for in vain, and those tasks with all that they wait for, near and far. @internal */
export interface Deadlock {
  readonly awaited: ReadonlySet<TaskRecord>;
  readonly reached: ReadonlySet<TaskRecord>;
}

/**
 * The deadlock among the running functions; nothing is awaited where there is none. O(waiting functions) while what they wait for moves; else
 * O(the tasks waited for, near and far, and their edges) for each of them.
 *
 * @internal
 */
export function deadlockAmong(nested: NestedWaits): Deadlock {
  const awaited = new Set<TaskRecord>();
  const reached = new Set<TaskRecord>();
  for (const tasks of nested.waits) {
    const around = reachedFrom(tasks, nested);
    if (around === undefined) continue;
    for (const each of tasks) awaited.add(each);
    for (const each of around) reached.add(each);
  }
  return { awaited, reached };
}

/** The tasks, and what they wait for, near and far; undefined if one of all these can move. */
function reachedFrom(tasks: Iterable<TaskRecord>, nested: NestedWaits): ReadonlySet<TaskRecord> | undefined {
  // Most often the first can: nothing is copied before that is known.
  const [first] = tasks;
  if (first !== undefined && needsOf(first, nested) === undefined) return undefined;
  const reached = new Set(tasks);
  for (const record of reached) {
    const needs = needsOf(record, nested);
    if (needs === undefined) return undefined;
    for (const each of needs) reached.add(each);
  }
  return reached;
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
