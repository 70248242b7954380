/**
 * A lane: the ready tasks of one queue that have the same demand, best rank on top. Because all of them need the same slot
 * and resources, either the top fits or none does: a lane is never scanned. Its heap holds a task that is alone in its
 * block as itself, and for a block of several tasks one cohort with all its ready tasks of this lane, so that a whole
 * block changes its rank in one heap move.
 */
import { type HeapItem, IndexedHeap } from './indexed-heap.js';
import type { Demand } from './resource-ledger.js';

/** What has a rank of its own: higher priority first, then the higher (newer) seq. @internal */
export interface Rank {
  readonly priority: number;
  readonly seq: number;
}

/** Whether `a` comes before `b`: by its priority, and as the newer one where those are equal. @internal */
export function isMoreUrgent(a: Rank, b: Rank): boolean {
  return a.priority === b.priority ? a.seq > b.seq : a.priority > b.priority;
}

/** A task as its lane sees it. @internal */
export interface LaneNode<N extends LaneNode<N>> extends HeapItem, Rank {
  readonly place: number;
  /** Undefined for a task that is ranked and alone. */
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

/** Hears when what a lane has to offer may have changed. @internal */
export interface LaneListener<N extends LaneNode<N>> {
  topChanged(lane: Lane<N>): void;
  /** So many more tasks are ready, ranked or not. */
  readyChanged(by: number): void;
  /** So many more ready tasks have a rank. */
  rankedChanged(by: number): void;
}

/** Ready tasks with one demand, best first. `best` is O(1), the others O(log tasks). @internal */
export class Lane<N extends LaneNode<N>> {
  /** What each task of the lane takes besides its slot. */
  readonly demand: Demand;
  /** How many tasks of this lane are ready, ranked or not. */
  readyCount = 0;
  /** How many tasks of this lane have not settled. */
  users = 0;
  /** Where the listener keeps the lane, and whether it has been told of a change: the listener's own notes. */
  position = -1;
  isChanged = false;
  readonly #listener: LaneListener<N>;
  readonly #entries = new IndexedHeap<Cohort<N> | N>(isMoreUrgent);

  constructor(demand: Demand, listener: LaneListener<N>) {
    this.demand = demand;
    this.#listener = listener;
  }

  /** Counts a task in (1) or out (−1) of those that are ready. */
  countReady(by: 1 | -1): void {
    this.readyCount += by;
    this.#listener.readyChanged(by);
  }

  /** The best-ranked ready task, or undefined when no ranked one is ready. */
  best(): N | undefined {
    const top = this.#entries.peek();
    return top instanceof Cohort ? top.nodes.peek() : top;
  }

  /** Puts in a ready task that has just been given its rank, or has become ready. */
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

  /** To be called after the rank of the cohort's block changed. */
  moved(cohort: Cohort<N>): void {
    if (cohort.heapIndex < 0) return;
    this.#entries.moved(cohort);
    this.#listener.topChanged(this);
  }
}

function earlierPlace(a: { readonly place: number }, b: { readonly place: number }): boolean {
  return a.place < b.place;
}
