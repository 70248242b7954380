/**
 * The critical path: a task's way is the longest sum of weights from its start to the end of something that waits for it. List scheduling
 * by it is Hu's level algorithm (1961) with times, the upward rank of HEFT (Topcuoglu, Hariri, Wu 2002).
 */
import { elementAt, valueAt } from '../element-at.js';
import { forEachNeed, type Place, type Places, type Planner } from './planned-order.js';
import type { RankedNode } from './ranked-node.js';

/** A new task raises at most so many others at once; the rest is left to the next plan. */
const MOST_RAISED = 64;

/** @internal */
export class CriticalPath implements Planner {
  readonly name = 'critical-path';

  plan(nodes: readonly RankedNode[], places: Places): number {
    let visits = nodes.length;
    for (const place of places.values()) place.draft = 0;
    // Dependents before what they need, so that each way is known when it is passed on.
    for (let index = nodes.length - 1; index >= 0; index -= 1) {
      const node = elementAt(nodes, index);
      const place = valueAt(places, node);
      place.way = place.weight + place.draft;
      forEachNeed(node, places, (_, needed) => {
        visits += 1;
        needed.draft = Math.max(needed.draft, place.way);
      });
    }
    return visits;
  }

  add(node: RankedNode, place: Place, places: Places, isStale: boolean): boolean {
    if (isStale) return false;
    const risen: (readonly [RankedNode, Place])[] = [[node, place]];
    for (let index = 0; index < risen.length; index += 1) {
      const [task, { way }] = elementAt(risen, index);
      forEachNeed(task, places, (dependency, needed) => {
        if (needed.weight + way <= needed.way) return;
        needed.way = needed.weight + way;
        if (dependency.isReady) dependency.lane.reranked(dependency);
        risen.push([dependency, needed]);
      });
      if (risen.length > MOST_RAISED) return false;
    }
    return true;
  }

  isIndifferentTo(): boolean {
    return true;
  }
}
