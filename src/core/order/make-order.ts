/** Makes the order of a scheduler by its name. */
import { CriticalPath } from './critical-path.js';
import { DemandOrder } from './demand-order.js';
import { PlannedOrder } from './planned-order.js';
import type { RankedNode } from './ranked-node.js';
import { Soonest } from './soonest.js';
import type { SchedulerOrder, TaskOrder } from './task-order.js';
import type { Urgencies } from './urgencies.js';

/** @internal */
export interface OrderSetup {
  /** How long a task takes, as far as that is known. */
  readonly weigh: (node: RankedNode) => number;
  readonly urgencies: Urgencies;
  /** Every answer takes all into account that has happened, whatever that costs. */
  readonly isExact?: boolean | undefined;
}

/** @internal */
export function makeOrder(name: SchedulerOrder, { weigh, urgencies, isExact }: OrderSetup): TaskOrder {
  const small = isExact === true ? Number.POSITIVE_INFINITY : undefined;
  switch (name) {
    case 'newest':
      return new DemandOrder();
    case 'critical-path':
      return new PlannedOrder(new CriticalPath(), weigh, urgencies, small);
    case 'soonest':
      return new PlannedOrder(new Soonest(small), weigh, urgencies, small);
  }
}
