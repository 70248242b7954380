/** The tasks of one lane in one order, as a scheduler has them, without the scheduler. */
import { connect } from '../../src/core/order/graph-node.js';
import type { Lane } from '../../src/core/order/lane.js';
import { makeOrder } from '../../src/core/order/make-order.js';
import { RankedNode } from '../../src/core/order/ranked-node.js';
import type { SchedulerOrder, TaskOrder } from '../../src/core/order/task-order.js';
import { Urgencies } from '../../src/core/order/urgencies.js';

/** A task that may come to take another time than was thought. */
export class WeighedTask extends RankedNode {
  weight = 1;
}

interface PlannedGraph {
  readonly order: TaskOrder;
  readonly lane: Lane<RankedNode>;
  readonly add: (needs: readonly RankedNode[], given?: { weight?: number; priority?: number }) => WeighedTask;
  /** The first of the lane. */
  readonly ask: () => RankedNode | undefined;
}

export function plannedGraph(name: SchedulerOrder, isExact = false): PlannedGraph {
  const weigh = (node: RankedNode): number => (node instanceof WeighedTask ? node.weight : 1);
  const order = makeOrder(name, { weigh, urgencies: new Urgencies(), isExact });
  const nothing = (): void => undefined;
  const deaf = { topChanged: nothing, readyChanged: nothing, rankedChanged: nothing, unused: nothing };
  const lane = order.laneFor([], deaf);
  let seq = 0;
  return {
    order,
    lane,
    add(needs, { weight = 1, priority = 0 } = {}) {
      const node = new WeighedTask((seq += 1), priority, lane);
      node.weight = weight;
      connect<RankedNode>(node, needs, undefined);
      order.add(node);
      if (node.waiting === 0) order.ready(node);
      return node;
    },
    ask: () => order.first({ best: () => lane.best(), isAnyUnranked: () => true }),
  };
}
