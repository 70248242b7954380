/**
 * First in, first out: of the ready tasks that fit, the most urgent starts, and of equally urgent ones the one submitted first.
 * Urgency is inherited from whatever waits for a task, in any queue; the place of a task is its own, whatever waits for it and
 * however often it is attempted.
 *
 * Invariant: a ready task is in its lane's heap, with or without a rank in the demand order.
 */
import type { Lane, LaneGate, LaneListener } from './lane.js';
import type { RankedNode } from './ranked-node.js';
import type { Demand } from './resource-ledger.js';
import { SortedLane } from './sorted-lane.js';
import type { Candidates, StartOrder } from './start-order.js';
import type { Urgencies } from './urgencies.js';

/** The order of the queues with `order: 'fifo'` of one scheduler; each question is O(log ready tasks). @internal */
export class FifoOrder implements StartOrder {
  readonly name = 'fifo';
  readonly #urgencies: Urgencies;

  constructor(urgencies: Urgencies) {
    this.#urgencies = urgencies;
  }

  first<N extends RankedNode>(candidates: Candidates<N>): N | undefined {
    this.#urgencies.settle();
    return candidates.best();
  }

  readonly isBefore = (a: RankedNode, b: RankedNode): boolean => {
    const urgencyOfA = this.#urgencies.of(a);
    const urgencyOfB = this.#urgencies.of(b);
    return urgencyOfA === urgencyOfB ? a.seq < b.seq : urgencyOfA > urgencyOfB;
  };

  priorityOf(node: RankedNode): number {
    return this.#urgencies.of(node);
  }

  laneFor(demand: Demand, listener: LaneListener<RankedNode>, gate?: LaneGate): Lane<RankedNode> {
    return new SortedLane(demand, listener, gate, this.isBefore);
  }
}
