/**
 * A lane whose ready tasks stand by a comparison of their own, and not by the ranks that walks give. A task has its place from the moment
 * it is ready.
 *
 * Invariant: a ready task is in the lane's heap unless it is set aside.
 */
import { IndexedHeap } from './indexed-heap.js';
import { Lane, type LaneGate, type LaneListener } from './lane.js';
import type { RankedNode } from './ranked-node.js';
import type { Demand } from './resource-ledger.js';

/** Ready tasks with one demand, first by `isBefore`. `best` is O(1), the others O(log tasks). @internal */
export class SortedLane extends Lane<RankedNode> {
  readonly #ready: IndexedHeap<RankedNode>;

  constructor(
    demand: Demand,
    listener: LaneListener<RankedNode>,
    gate: LaneGate | undefined,
    isBefore: (a: RankedNode, b: RankedNode) => boolean,
  ) {
    super(demand, listener, gate);
    this.#ready = new IndexedHeap(isBefore);
  }

  override best(): RankedNode | undefined {
    return this.#ready.peek();
  }

  override becameReady(node: RankedNode): void {
    super.becameReady(node);
    this.putBack(node);
  }

  override leftReady(node: RankedNode): void {
    super.leftReady(node);
    this.setAside(node);
  }

  override setAside(node: RankedNode): void {
    if (node.heapIndex < 0) return;
    this.#ready.remove(node);
    this.rankedChanged(-1);
  }

  override putBack(node: RankedNode): void {
    if (node.heapIndex >= 0) return;
    this.#ready.push(node);
    this.rankedChanged(1);
  }

  override reranked(node: RankedNode): void {
    if (node.heapIndex < 0) return;
    this.#ready.moved(node);
    this.rankedChanged(0);
  }

  // A rank in the demand order makes no difference here.

  override insert(): void {}

  override remove(): void {}
}
