/**
 * A lane: the ready tasks of one queue that have the same demand, best rank on top. Because all of them need the same
 * resources, either the top fits or none does: a lane is never scanned. Its heap holds a task that is ranked alone as itself,
 * and for each block one cohort of the block's ready tasks in this lane, so that a whole block changes its rank in one move.
 */
import { type HeapItem, IndexedHeap } from './indexed-heap.js';
import type { Demand } from './resource-ledger.js';

/** A rank: higher priority first, then the higher (newer) seq. @internal */
export interface Rank {
  readonly priority: number;
  readonly seq: number;
}

/** Whether `a` comes before `b`: by its priority, and if those are equal as the newer one. @internal */
export function isMoreUrgent(a: Rank, b: Rank): boolean {
  return a.priority === b.priority ? a.seq > b.seq : a.priority > b.priority;
}

/** A task as its lane sees it. @internal */
export interface LaneNode<N extends LaneNode<N>> extends HeapItem, Rank {
  readonly place: number;
  /** Undefined for a task that is ranked alone. */
  readonly block: LaneBlock<N> | undefined;
}

/** A block as a lane sees it. @internal */
export interface LaneBlock<N extends LaneNode<N>> extends Rank {
  cohortOf(lane: Lane<N>): Cohort<N>;
}

/** The ready tasks of one block in one lane, in the order of their places. @internal */
export class Cohort<N extends HeapItem & { readonly place: number }> implements HeapItem {
  heapIndex = -1;
  readonly block: Rank;
  readonly nodes = new IndexedHeap<N>(earlierPlace);

  constructor(block: Rank) {
    this.block = block;
  }

  get priority(): number {
    return this.block.priority;
  }

  get seq(): number {
    return this.block.seq;
  }
}

/** Hears of changes in a lane. @internal */
export interface LaneListener<N extends LaneNode<N>> {
  /** The lane may have another top. */
  topChanged(lane: Lane<N>): void;
  /** The number of ready tasks, ranked or not, has changed by `by`. */
  readyChanged(by: number): void;
  /** The number of ready tasks with a rank has changed by `by`. */
  rankedChanged(by: number): void;
}

/** Ready tasks with one demand, best first. `best` is O(1), the others O(log tasks). @internal */
export class Lane<N extends LaneNode<N>> {
  /** The amounts each task of the lane takes besides its slot. */
  readonly demand: Demand;
  /** How many tasks of this lane are ready, ranked or not. */
  readyCount = 0;
  /** How many tasks of this lane have not settled. */
  users = 0;
  /** For the listener alone: the position at which it keeps the lane, and whether the lane is in its list of changes. */
  position = -1;
  isChanged = false;
  readonly #listener: LaneListener<N>;
  readonly #entries = new IndexedHeap<Cohort<N> | N>(isMoreUrgent);

  constructor(demand: Demand, listener: LaneListener<N>) {
    this.demand = demand;
    this.#listener = listener;
  }

  /** Adds a task to the number of ready ones (1), or takes one off (−1). */
  countReady(by: 1 | -1): void {
    this.readyCount += by;
    this.#listener.readyChanged(by);
  }

  /** The first ready task by rank; undefined if none has one. */
  best(): N | undefined {
    const top = this.#entries.peek();
    return top instanceof Cohort ? top.nodes.peek() : top;
  }

  /** Adds a ready task that has a rank. */
  insert(node: N): void {
    if (node.block === undefined) {
      this.#entries.push(node);
    } else {
      const cohort = node.block.cohortOf(this);
      cohort.nodes.push(node);
      if (cohort.heapIndex < 0) this.#entries.push(cohort);
    }
    this.#listener.rankedChanged(1);
    this.#listener.topChanged(this);
  }

  remove(node: N): void {
    if (node.block === undefined) {
      this.#entries.remove(node);
    } else {
      const cohort = node.block.cohortOf(this);
      cohort.nodes.remove(node);
      if (cohort.nodes.size === 0) this.#entries.remove(cohort);
    }
    this.#listener.rankedChanged(-1);
    this.#listener.topChanged(this);
  }

  /** Restores the order after the rank of the cohort's block has changed. */
  moved(cohort: Cohort<N>): void {
    if (cohort.heapIndex < 0) return;
    this.#entries.moved(cohort);
    this.#listener.topChanged(this);
  }
}

function earlierPlace(a: { readonly place: number }, b: { readonly place: number }): boolean {
  return a.place < b.place;
}
