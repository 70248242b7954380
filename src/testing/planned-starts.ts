/**
 * The orders that go by how long tasks take, written down as plainly as can be: everything is counted anew at every question.
 *
 * - `critical-path`: of the tasks that are ready, the one with the longest way to an end comes first.
 * - `soonest`: of the tasks that no other waits for, the one with the least work left is taken with all that it needs, then the one with the
 *   least work left that is not yet taken, and so on; each time the most urgent are taken before the others. Tasks come in that order, and
 *   among those taken together the longest way to the end of it comes first.
 * - What is more urgent comes first in both; of equals the oldest.
 */
import type { SchedulerOrder } from '../core/order/task-order.js';
import type { OrderView } from './order-view.js';

/** The ready tasks, first to start first; `newestFirst` has all that wait. @internal */
export function plannedStarts<T>(
  newestFirst: readonly T[],
  view: OrderView<T>,
  order: Exclude<SchedulerOrder, 'newest'>,
  urgencyOf: (task: T) => number,
): readonly T[] {
  const waiting = newestFirst.filter((task) => view.missing(task) !== undefined);
  const batches = order === 'soonest' ? soonest(waiting, view) : [waiting];
  const sorted = batches.flatMap((batch) => {
    const way = ways(batch, view);
    return batch.toReversed().sort((a, b) => (way.get(b) ?? 0) - (way.get(a) ?? 0));
  });
  return sorted.filter((task) => view.missing(task)?.length === 0).sort((a, b) => urgencyOf(b) - urgencyOf(a));
}

/** The longest way from the start of each task to the end of one of them. */
function ways<T>(newestFirst: readonly T[], { missing, weight = () => 1 }: OrderView<T>): Map<T, number> {
  const way = new Map(newestFirst.map((task) => [task, weight(task)]));
  // A dependency is older than what needs it, so the way of each task is known before it is passed on.
  for (const task of newestFirst) {
    for (const need of missing(task) ?? []) {
      const own = way.get(need);
      if (own !== undefined) way.set(need, Math.max(own, weight(need) + (way.get(task) ?? 0)));
    }
  }
  return way;
}

/** The tasks in the batches in which they are taken, each newest first. */
function soonest<T>(newestFirst: readonly T[], view: OrderView<T>): readonly (readonly T[])[] {
  const needed = new Set(newestFirst.flatMap((task) => view.missing(task) ?? []));
  const ends = newestFirst.filter((task) => !needed.has(task)).toReversed();
  const taken = new Set<T>();
  const batches: T[][] = [];
  while (ends.length > 0) {
    const offers = ends.map((end) => ({ end, tasks: left(end, view, taken) }));
    const costs = new Map(offers.map((offer) => [offer, total(offer.tasks, view)]));
    const [best] = offers.toSorted(
      (a, b) => view.priority(b.end) - view.priority(a.end) || (costs.get(a) ?? 0) - (costs.get(b) ?? 0),
    );
    if (best === undefined) break;
    ends.splice(ends.indexOf(best.end), 1);
    for (const task of best.tasks) taken.add(task);
    batches.push(newestFirst.filter((task) => best.tasks.has(task)));
  }
  return batches;
}

/** What `end` needs that waits and is not taken, itself included. */
function left<T>(end: T, { missing }: OrderView<T>, taken: ReadonlySet<T>): Set<T> {
  const found = new Set<T>([end]);
  for (const task of found) {
    for (const need of missing(task) ?? []) if (missing(need) !== undefined && !taken.has(need)) found.add(need);
  }
  return found;
}

function total<T>(tasks: ReadonlySet<T>, { weight = () => 1 }: OrderView<T>): number {
  let sum = 0;
  for (const task of tasks) sum += weight(task);
  return sum;
}
