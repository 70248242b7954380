/**
 * The ready tasks of one queue that have the same demand, best rank on top. Because all of them need the same slot and
 * resources, either the top fits or none does: a lane is never scanned.
 *
 * A lane's heap holds two kinds of entry: a task that is alone in its block, as itself, and for a block of several
 * tasks one cohort with all its ready tasks of this lane, so that a whole block changes its rank in one heap move.
 */
import type { Block } from './demand-block.js';
import type { GraphNode } from './graph-node.js';
import { type HeapItem, IndexedHeap } from './indexed-heap.js';
import type { Demand } from './resource-ledger.js';

/** The ready tasks of one block in one lane, in the order of their places. */
export class Cohort implements HeapItem {
  heapIndex = -1;
  readonly block: Block;
  readonly nodes = new IndexedHeap<GraphNode>(earlierPlace);

  constructor(block: Block) {
    this.block = block;
  }

  get priority(): number {
    return this.block.priority;
  }

  get seq(): number {
    return this.block.seq;
  }
}

type LaneEntry = Cohort | GraphNode;

export class Lane {
  /** What each task of the lane takes besides its slot. */
  readonly demand: Demand;
  /** How many tasks of this lane are ready, ranked or not. */
  readyCount = 0;
  readonly #entries = new IndexedHeap<LaneEntry>(moreUrgent);

  constructor(demand: Demand) {
    this.demand = demand;
  }

  /** The best-ranked ready task, or undefined when no ranked one is ready. */
  best(): GraphNode | undefined {
    const top = this.#entries.peek();
    return top instanceof Cohort ? top.nodes.peek() : top;
  }

  /** Puts in a ready task that has just been given its rank, or has become ready. */
  insert(node: GraphNode): void {
    if (node.block === undefined) {
      this.#entries.push(node);
      return;
    }
    const cohort = node.block.cohortOf(this);
    cohort.nodes.push(node);
    if (cohort.heapIndex < 0) this.#entries.push(cohort);
  }

  remove(node: GraphNode): void {
    if (node.block === undefined) {
      this.#entries.remove(node);
      return;
    }
    const cohort = node.block.cohortOf(this);
    cohort.nodes.remove(node);
    if (cohort.nodes.size === 0) this.#entries.remove(cohort);
  }

  /** To be called after the rank of the cohort's block changed. */
  moved(cohort: Cohort): void {
    if (cohort.heapIndex >= 0) this.#entries.moved(cohort);
  }
}

function moreUrgent(a: LaneEntry, b: LaneEntry): boolean {
  return a.priority === b.priority ? a.seq > b.seq : a.priority > b.priority;
}

function earlierPlace(a: GraphNode, b: GraphNode): boolean {
  return a.place < b.place;
}
