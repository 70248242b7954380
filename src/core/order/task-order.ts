/**
 * The order of one scheduler as the runtime keeps it: what happens to tasks, and what selection asks. `DemandOrder` and `PlannedOrder`
 * implement it.
 */
import type { OrderCounts } from './order-counts.js';
import type { RankedNode } from './ranked-node.js';
import type { StartOrder } from './start-order.js';
import type { Urgencies } from './urgencies.js';

/**
 * Which ready task comes first. `newest`: what the newest final result needs, depth first. `critical-path`: the task with the longest way
 * to an end. `soonest`: what the final result needs that takes the least work. `priority` comes first in all of them. See docs/orders.md.
 *
 * @public
 */
export type SchedulerOrder = 'newest' | 'critical-path' | 'soonest';

/** The names of the orders, the default first. @internal */
export const SCHEDULER_ORDERS: readonly SchedulerOrder[] = ['newest', 'critical-path', 'soonest'];

/** The order of one scheduler's tasks. @internal */
export interface TaskOrder extends StartOrder {
  readonly name: SchedulerOrder;
  readonly counts: OrderCounts;
  /** Kept up to date where there are queues, or an order, that ask for them. */
  urgencies: Urgencies | undefined;
  /** Takes a newly submitted task, whose edges are connected. */
  add(node: RankedNode): void;
  /** The task's dependencies are satisfied, or it is to be attempted again. */
  ready(node: RankedNode): void;
  /** The task has been granted a start and leaves its lane. */
  started(node: RankedNode): void;
  /** The task is done. */
  done(node: RankedNode): void;
  /** The task was cancelled or failed, or is not needed. Its dependents must be withdrawn too. */
  withdraw(node: RankedNode): void;
  /** The task, which was withdrawn without having settled, counts again. */
  comesBack(node: RankedNode): void;
  /** More is known of how long tasks take. */
  learned(): void;
}
