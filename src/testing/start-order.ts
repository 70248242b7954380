/**
 * The order of starts, written down as plainly as can be: the rule of test/vectors/README.md with priorities and with queues in order of
 * submission. It walks all tasks at every question and shares nothing with the product; the checks compare the product with it.
 *
 * - The newest root comes first, before it what it still needs, in order, depth first.
 * - A task is as urgent as the most urgent that needs it. The roots of a higher urgency come before all others.
 * - The tasks of `fifo` queues come by urgency, of equal ones the oldest first. Of both kinds the more urgent comes first, of equal ones that
 *   of the `fifo` queue.
 * - A scheduler with another `order` has that in place of the first line: see `planned-starts.ts`.
 */
import type { SchedulerOrder } from '../core/order/task-order.js';
import type { OrderView } from './order-view.js';
import { plannedStarts } from './planned-starts.js';

/** The ready tasks, first to start first. `newestFirst` has all that wait. @internal */
export function* startOrder<T>(
  newestFirst: readonly T[],
  view: OrderView<T>,
  order: SchedulerOrder = 'newest',
): Generator<T, void, undefined> {
  const isFlat = newestFirst.every((task) => view.priority(task) === 0);
  const urgency = isFlat ? new Map<T, number>() : urgencies(newestFirst, view);
  const urgencyOf = (task: T): number => urgency.get(task) ?? 0;
  const roots = isFlat ? newestFirst : newestFirst.toSorted((a, b) => urgencyOf(b) - urgencyOf(a));
  const { isFifo } = view;
  const ordered = (): Iterable<T> =>
    order === 'newest' ? demanded(roots, view) : plannedStarts(newestFirst, view, order, urgencyOf);
  if (isFifo === undefined || !newestFirst.some(isFifo)) {
    yield* ordered();
    return;
  }
  const newest = [...ordered()].filter((task) => !isFifo(task));
  const oldest = newestFirst.filter((task) => isFifo(task) && view.missing(task)?.length === 0).toReversed();
  const fifo = oldest.toSorted((a, b) => urgencyOf(b) - urgencyOf(a));
  for (;;) {
    const [first, old] = [newest[0], fifo[0]];
    const isNewest = old === undefined || (first !== undefined && urgencyOf(first) > urgencyOf(old));
    const next = (isNewest ? newest : fifo).shift();
    if (next === undefined) return;
    yield next;
  }
}

/**
 * The highest priority among a task and those that need it, directly or not. A dependency is older than what needs it, so each task has its final
 * value before it raises others.
 *
 * @internal
 */
export function urgencies<T>(newestFirst: readonly T[], { missing, priority }: OrderView<T>): Map<T, number> {
  const urgency = new Map(newestFirst.map((task) => [task, priority(task)]));
  for (const task of newestFirst) {
    const own = urgency.get(task) ?? 0;
    for (const needed of missing(task) ?? []) urgency.set(needed, Math.max(urgency.get(needed) ?? own, own));
  }
  return urgency;
}

/** Iterative, since chains may be long. What is yielded may start before the walk goes on. */
function* demanded<T>(roots: Iterable<T>, { missing }: OrderView<T>): Generator<T, void, undefined> {
  const seen = new Set<T>();
  for (const root of roots) {
    const left: T[] = [root];
    for (let task = left.pop(); task !== undefined; task = left.pop()) {
      if (seen.has(task)) continue;
      seen.add(task);
      const needed = missing(task);
      if (needed === undefined) continue;
      if (needed.length === 0) yield task;
      for (const need of needed.toReversed()) left.push(need);
    }
  }
}
