/**
 * The order in which the ready tasks of a queue start, as selection and preemption ask it: demand order (`DemandOrder`, newest first),
 * `PlannedOrder`, by durations, and `FifoOrder`, oldest first.
 */
import type { Lane, LaneGate, LaneListener } from './lane.js';
import type { RankedNode } from './ranked-node.js';
import type { Demand } from './resource-ledger.js';

/** The ready tasks that compete to be first. @internal */
export interface Candidates<N extends RankedNode> {
  /** The first, by `isBefore`, of those that have a rank. */
  best(): N | undefined;
  /** Whether any of them has no rank. */
  isAnyUnranked(): boolean;
}

/** An order of ready tasks. @internal */
export interface StartOrder {
  /** As in the options of schedulers and queues. */
  readonly name: 'newest' | 'critical-path' | 'soonest' | 'fifo';
  /** The first of the candidates. */
  first<N extends RankedNode>(candidates: Candidates<N>): N | undefined;
  /** Whether ready task `a` comes before ready task `b`. Both must have a rank. */
  isBefore(a: RankedNode, b: RankedNode): boolean;
  /** The highest priority among the task and the tasks that demand it. */
  priorityOf(node: RankedNode): number;
  /** A lane that keeps its ready tasks in this order. */
  laneFor(demand: Demand, listener: LaneListener<RankedNode>, gate?: LaneGate): Lane<RankedNode>;
}
