/** Which running tasks to evict so that another one fits: pure arithmetic on ledgers and urgencies. */
import { elementAt } from '../element-at.js';
import type { GraphNode } from './graph-node.js';
import { forEachDependent } from './graph-node.js';
import { type Demand, fits, giveBack, type Ledger } from './resource-ledger.js';

/** A running task that may be evicted. @internal */
export interface Evictable {
  readonly demand: Demand;
  readonly urgency: number;
}

/**
 * The tasks of `running` (in the order of their starts) to evict so that `demand` fits: the least urgent first, of equals the
 * one that started last, and none without need. Undefined if `demand` would not fit without all of them.
 * O(running · (log running + resources)).
 *
 * @internal
 */
export function victimsAmong<E extends Evictable>(
  ledger: Ledger,
  demand: Demand,
  running: readonly E[],
): readonly E[] | undefined {
  const candidates = running.toReversed().sort((a, b) => a.urgency - b.urgency);
  let left = ledger;
  let count = 0;
  while (!fits(left, demand)) {
    if (count === candidates.length) return undefined;
    left = giveBack(left, elementAt(candidates, count).demand);
    count += 1;
  }
  // Some of them may not be needed, because they hold other resources; the most urgent are spared first.
  const victims = candidates.slice(0, count);
  for (let index = count - 1; index >= 0; index -= 1) {
    const others = victims.filter((_, position) => position !== index);
    const without = others.reduce((sum, { demand: given }) => giveBack(sum, given), ledger);
    if (fits(without, demand)) victims.splice(index, 1);
  }
  return victims;
}

/** The urgency of a task, and the task it inherits that from. @internal */
export interface Urgency<N> {
  readonly priority: number;
  readonly witness: N;
}

/**
 * The urgency of `node`: the highest priority among it and the unsettled tasks that depend on it, directly or not. Stops once
 * it has found at least `enough`. O(tasks and edges downstream).
 *
 * @internal
 */
export function urgencyOf<N extends GraphNode>(node: N, enough: number): Urgency<N> {
  let most: Urgency<N> = { priority: node.priority, witness: node };
  const seen = new Set<N>([node]);
  const left: N[] = [node];
  for (let next = left.pop(); next !== undefined && most.priority < enough; next = left.pop()) {
    forEachDependent(next, (dependent) => {
      if (dependent.isOut || seen.has(dependent)) return;
      seen.add(dependent);
      left.push(dependent);
      if (dependent.priority > most.priority) most = { priority: dependent.priority, witness: dependent };
    });
  }
  return most;
}
