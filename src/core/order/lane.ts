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
  readonly isRanked: boolean;
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

/** Can keep the tasks of some lanes from starting for a time. @internal */
export interface LaneGate {
  readonly name: string;
  readonly isOpen: boolean;
  readonly lanes: Set<GatedLane>;
  /** How long it stays shut, in milliseconds; 0 for an open gate. */
  readonly opensInMs: number;
  /** The number of ready tasks behind it has changed by `by`. */
  readyChanged(by: number): void;
  /** A task has come that has not settled. */
  enter(): void;
  /** It has settled. */
  leave(): void;
  /** One of its tasks has been granted a start. */
  started(): void;
}

/** A lane as its gate sees it. @internal */
export interface GatedLane {
  /** The gate has opened or shut. */
  gateMoved(): void;
}

/** Hears of changes in a lane. @internal */
export interface LaneListener<N extends LaneNode<N>> {
  /** The lane may have another top. */
  topChanged(lane: Lane<N>): void;
  /** The number of ready tasks, ranked or not, has changed by `by`. */
  readyChanged(by: number): void;
  /** The number of ready tasks with a rank has changed by `by`. */
  rankedChanged(by: number): void;
  /** No unsettled task is left in the lane. */
  unused(lane: Lane<N>): void;
}

/** Ready tasks with one demand, best first. `best` is O(1), the others O(log tasks). @internal */
export class Lane<N extends LaneNode<N>> {
  /** The amounts each task of the lane takes besides its slot. */
  readonly demand: Demand;
  /** How many tasks of this lane are ready, ranked or not. */
  readyCount = 0;
  /** How many tasks of this lane have not settled. */
  users = 0;
  /** For the listener alone: where it keeps the lane, whether that is in its list of changes, and whether it counts as unused. */
  position = -1;
  isChanged = false;
  isUnused = false;
  /** Undefined for a lane that is always open. */
  readonly gate: LaneGate | undefined;
  /** How many ready tasks have a rank. */
  #rankedCount = 0;
  readonly #listener: LaneListener<N>;
  readonly #entries = new IndexedHeap<Cohort<N> | N>(isMoreUrgent);

  constructor(demand: Demand, listener: LaneListener<N>, gate?: LaneGate) {
    this.demand = demand;
    this.gate = gate;
    this.#listener = listener;
    gate?.lanes.add(this);
  }

  /** Whether its tasks may start as far as its gate is concerned. The listener counts the tasks of open lanes only. */
  get isOpen(): boolean {
    return this.gate === undefined || this.gate.isOpen;
  }

  /** The gate has opened or shut. */
  gateMoved(): void {
    const sign = this.isOpen ? 1 : -1;
    this.#listener.readyChanged(sign * this.readyCount);
    this.#listener.rankedChanged(sign * this.#rankedCount);
    this.#listener.topChanged(this);
  }

  /** A task has come that has not settled. */
  enter(): void {
    this.users += 1;
    this.gate?.enter();
  }

  /** It has settled. */
  leave(): void {
    this.users -= 1;
    if (this.users === 0) this.#listener.unused(this);
    this.gate?.leave();
  }

  /** The task has become ready, with or without a rank. */
  becameReady(_node: N): void {
    this.#readyChanged(1);
  }

  /** The task is no longer ready: it starts, or has settled. */
  leftReady(_node: N): void {
    this.#readyChanged(-1);
  }

  /** Keeps a ready task with a rank from being found until `putBack`. */
  setAside(node: N): void {
    this.remove(node);
  }

  putBack(node: N): void {
    if (node.heapIndex < 0 && node.isRanked) this.insert(node);
  }

  /** The urgency of a ready task has changed. Nothing to do where ranks come from walks. */
  reranked(_node: N): void {}

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
    this.rankedChanged(1);
  }

  remove(node: N): void {
    if (node.block === undefined) {
      this.#entries.remove(node);
    } else {
      const cohort = node.block.cohortOf(this);
      cohort.nodes.remove(node);
      if (cohort.nodes.size === 0) this.#entries.remove(cohort);
    }
    this.rankedChanged(-1);
  }

  /** The number of ready tasks with a rank, or the first of them, has changed. */
  protected rankedChanged(by: -1 | 0 | 1): void {
    this.#rankedCount += by;
    if (this.isOpen) this.#listener.rankedChanged(by);
    this.#listener.topChanged(this);
  }

  #readyChanged(by: -1 | 1): void {
    this.readyCount += by;
    if (this.isOpen) this.#listener.readyChanged(by);
    this.gate?.readyChanged(by);
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
