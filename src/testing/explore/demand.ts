/**
 * The demand order of the ready tasks, as the rule has it: the walk from the newest task to the oldest, depth first, priorities one after
 * another; tasks of `fifo` queues by age. Written down plainly, without the product's data structures, for graphs of a few tasks.
 */
import { WHOLE } from '../../core/order/graph-node.js';
import type { Plan, TaskPlan } from './graph.js';

/** A task as far as its rank depends on it. @internal */
export interface Ranked {
  readonly isPending: boolean;
  readonly isReady: boolean;
  readonly isDone: boolean;
  readonly delivered: number;
}

/** Numbers of the ready tasks, the first to start in front. O(tasks and edges). @internal */
export function readyInOrder(plan: Plan, states: readonly Ranked[]): readonly number[] {
  const { tasks, queues } = plan;
  const urgencies = urgenciesOf(tasks, states);
  const urgencyOf = (task: number): number => urgencies[task] ?? 0;
  const newestFirst = [...tasks.keys()].toReversed();
  const roots = newestFirst.toSorted((a, b) => urgencyOf(b) - urgencyOf(a));
  const seen = new Set<number>();
  const found: number[] = [];
  const visit = (task: number): void => {
    const state = states[task];
    if (state === undefined || !state.isPending || seen.has(task)) return;
    seen.add(task);
    if (state.isReady) found.push(task);
    else for (const dep of tasks[task]?.deps ?? []) if (!isDelivered(states, dep)) visit(dep.task);
  };
  for (const root of roots) visit(root);
  const isFifo = (task: number): boolean => queues[tasks[task]?.queue ?? 0]?.isFifo === true;
  const fifo = found.filter(isFifo).toSorted((a, b) => urgencyOf(b) - urgencyOf(a) || a - b);
  const newest = found.filter((task) => !isFifo(task));
  return [...newest, ...fifo];
}

/** Whether the dependency has been delivered. @internal */
export function isDelivered(
  states: readonly Ranked[],
  dep: { readonly task: number; readonly index: number },
): boolean {
  const state = states[dep.task];
  if (state === undefined) return false;
  return dep.index === WHOLE ? state.isDone : state.delivered > dep.index;
}

/** A dependency is at least as urgent as its most urgent pending dependent. */
function urgenciesOf(tasks: readonly TaskPlan[], states: readonly Ranked[]): readonly number[] {
  const urgencies = tasks.map(({ priority }) => priority);
  for (let task = tasks.length - 1; task >= 0; task -= 1) {
    if (states[task]?.isPending !== true) continue;
    for (const dep of tasks[task]?.deps ?? []) {
      urgencies[dep.task] = Math.max(urgencies[dep.task] ?? 0, urgencies[task] ?? 0);
    }
  }
  return urgencies;
}
