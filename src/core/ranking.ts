/**
 * What ranks are made of: tasks with a place, blocks of them, and the lanes in which ready tasks wait. `DemandOrder` says
 * what belongs where; here it is kept in order.
 *
 * A block: the unsettled tasks that one sink demands and no more urgent sink does, in the order in which demand visits
 * them (depth-first post-order, the sink last). Blocks are ordered by (priority, seq) of their sink; within a block the
 * tasks are ordered by place. Places only compare, they are not consecutive.
 *
 * A lane: the ready tasks of one queue that have the same demand, best rank on top. Because all of them need the same
 * slot and resources, either the top fits or none does: a lane is never scanned. Its heap holds a task that is alone in
 * its block as itself, and for a block of several tasks one cohort with all its ready tasks of this lane, so that a whole
 * block changes its rank in one heap move.
 *
 * Invariant: every node in a block's list has `node.block` set to it, and places grow from head to tail unless the block
 * says that it is unsorted.
 */
import { GraphNode } from './graph-node.js';
import { type HeapItem, IndexedHeap } from './indexed-heap.js';
import type { Demand } from './resource-ledger.js';

/** A task of the graph with its rank, as far as it has one. The rank's fields are written here and by `DemandOrder` only. @internal */
export abstract class RankedNode extends GraphNode implements HeapItem {
  /** Where the task waits when it is ready: the tasks of its queue with the same demand. */
  readonly lane: Lane;
  isReady = false;
  /** Granted a start; walks pass it over, as all it depends on is there. */
  isStarted = false;
  isRanked = false;
  /** Undefined for a task that is ranked and alone. */
  block: Block | undefined = undefined;
  place = 0;
  before: this | undefined = undefined;
  behind: this | undefined = undefined;
  heapIndex = -1;

  constructor(seq: number, priority: number, lane: Lane) {
    super(seq, priority);
    this.lane = lane;
  }
}

/** The ready tasks of one block in one lane, in the order of their places. @internal */
export class Cohort implements HeapItem {
  heapIndex = -1;
  readonly block: Block;
  readonly nodes = new IndexedHeap<RankedNode>(earlierPlace);

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

type LaneEntry = Cohort | RankedNode;

/** As many tasks can be taken out of a block before it has to be walked anew. */
const MOST_LOST = 64;

/** Hears when what a lane has to offer may have changed. @internal */
export interface LaneListener {
  topChanged(lane: Lane): void;
  readyChanged(by: number): void;
}

/** Ready tasks with one demand, best first. `best` is O(1), the others O(log tasks). @internal */
export class Lane {
  /** What each task of the lane takes besides its slot. */
  readonly demand: Demand;
  /** How many tasks of this lane are ready, ranked or not. */
  readyCount = 0;
  /** How many tasks of this lane have not settled. */
  users = 0;
  /** Where the listener keeps the lane, and whether it has been told of a change: the listener's own notes. */
  position = -1;
  isChanged = false;
  readonly #listener: LaneListener;
  readonly #entries = new IndexedHeap<LaneEntry>(moreUrgent);

  constructor(demand: Demand, listener: LaneListener) {
    this.demand = demand;
    this.#listener = listener;
  }

  /** Counts a task in (1) or out (−1) of those that are ready. */
  countReady(by: 1 | -1): void {
    this.readyCount += by;
    this.#listener.readyChanged(by);
  }

  /** The best-ranked ready task, or undefined when no ranked one is ready. */
  best(): RankedNode | undefined {
    const top = this.#entries.peek();
    return top instanceof Cohort ? top.nodes.peek() : top;
  }

  /** Puts in a ready task that has just been given its rank, or has become ready. */
  insert(node: RankedNode): void {
    if (node.block === undefined) {
      this.#entries.push(node);
    } else {
      const cohort = node.block.cohortOf(this);
      cohort.nodes.push(node);
      if (cohort.heapIndex < 0) this.#entries.push(cohort);
    }
    this.#listener.topChanged(this);
  }

  remove(node: RankedNode): void {
    if (node.block === undefined) {
      this.#entries.remove(node);
    } else {
      const cohort = node.block.cohortOf(this);
      cohort.nodes.remove(node);
      if (cohort.nodes.size === 0) this.#entries.remove(cohort);
    }
    this.#listener.topChanged(this);
  }

  /** To be called after the rank of the cohort's block changed. */
  moved(cohort: Cohort): void {
    if (cohort.heapIndex < 0) return;
    this.#entries.moved(cohort);
    this.#listener.topChanged(this);
  }
}

/** Tasks that one sink demands, in order. `append`, `prepend` and `detach` are O(log ready tasks of the lane). @internal */
export class Block {
  priority: number;
  seq: number;
  /** The task for which the block is walked; undefined once it has been given up. */
  sink: RankedNode | undefined = undefined;
  head: RankedNode | undefined = undefined;
  tail: RankedNode | undefined = undefined;
  size = 0;
  /**
   * The block is all that its sink demands in the eyes of a root with a priority below this: such a root may take it as a
   * whole. Lowered when the walk met tasks of another block, or when tasks were taken out.
   */
  wholeBelow = Number.POSITIVE_INFINITY;
  /**
   * Tasks that more urgent blocks have taken out of this one, with the places that they had: a root that takes the block as
   * a whole takes them back. Undefined when there are none.
   */
  lost: { readonly node: RankedNode; readonly place: number }[] | undefined = undefined;
  /** Tasks have come back to their places: the list is no longer in their order, the places are. */
  isUnsorted = false;
  /** Tasks of other blocks may depend on tasks of this one other than its sink. */
  isShared = false;
  /** The tasks that were withdrawn since the last refresh; with one or more the block waits to be dissolved. */
  withdrawn: RankedNode[] | undefined = undefined;
  #firstPlace = 0;
  #lastPlace = -1;
  #cohort: Cohort | undefined = undefined;
  #cohortLane: Lane | undefined = undefined;
  #moreCohorts: Map<Lane, Cohort> | undefined = undefined;

  constructor(priority: number, seq: number) {
    this.priority = priority;
    this.seq = seq;
  }

  /** The cohort of `lane`, made when it is first asked for. */
  cohortOf(lane: Lane): Cohort {
    if (this.#cohort === undefined) {
      this.#cohortLane = lane;
      this.#cohort = new Cohort(this);
    }
    if (this.#cohortLane === lane) return this.#cohort;
    this.#moreCohorts ??= new Map();
    let cohort = this.#moreCohorts.get(lane);
    if (cohort === undefined) {
      cohort = new Cohort(this);
      this.#moreCohorts.set(lane, cohort);
    }
    return cohort;
  }

  /** Gives the block another rank. O(lanes in which it has ready tasks · log n), whatever its size. */
  rankAs(priority: number, seq: number): void {
    this.priority = priority;
    this.seq = seq;
    if (this.#cohort !== undefined) this.#cohortLane?.moved(this.#cohort);
    if (this.#moreCohorts !== undefined) for (const [lane, cohort] of this.#moreCohorts) lane.moved(cohort);
  }

  append(node: RankedNode): void {
    this.#lastPlace += 1;
    node.place = this.#lastPlace;
    node.before = this.tail;
    node.behind = undefined;
    if (this.tail === undefined) this.head = node;
    else this.tail.behind = node;
    this.tail = node;
    this.#adopt(node);
  }

  prepend(node: RankedNode): void {
    this.#firstPlace -= 1;
    node.place = this.#firstPlace;
    node.before = undefined;
    node.behind = this.head;
    if (this.head === undefined) this.tail = node;
    else this.head.before = node;
    this.head = node;
    this.#adopt(node);
  }

  /** Takes the node out of the list and out of its lane. The node is then in no block and has no rank. */
  detach(node: RankedNode): void {
    if (node.heapIndex >= 0) node.lane.remove(node);
    if (node.before === undefined) this.head = node.behind;
    else node.before.behind = node.behind;
    if (node.behind === undefined) this.tail = node.before;
    else node.behind.before = node.before;
    node.before = undefined;
    node.behind = undefined;
    node.block = undefined;
    node.isRanked = false;
    this.size -= 1;
  }

  /** Puts a lost task back at its place. */
  restore(node: RankedNode, place: number): void {
    node.place = place;
    node.before = this.tail;
    node.behind = undefined;
    if (this.tail === undefined) this.head = node;
    else this.tail.behind = node;
    this.tail = node;
    this.isUnsorted = true;
    this.isShared = true;
    this.#adopt(node);
  }

  /**
   * Notes that a block of `priority` has taken `node` from `place`. Only a block that had all that its sink demands can
   * take it back, and not too many: others are no longer whole for roots of that priority.
   */
  lose(node: RankedNode, place: number, priority: number): void {
    if (this.size === 0) return;
    if (this.wholeBelow !== Number.POSITIVE_INFINITY) {
      this.wholeBelow = Math.min(this.wholeBelow, priority);
      return;
    }
    this.lost ??= [];
    if (this.lost.length < MOST_LOST) {
      this.lost.push({ node, place });
      return;
    }
    this.lost = undefined;
    this.wholeBelow = Number.NEGATIVE_INFINITY;
  }

  /** The tasks in the order of their places. O(size), and a sort where some have come back. */
  inOrder(): RankedNode[] {
    const nodes: RankedNode[] = [];
    for (let node = this.head; node !== undefined; node = node.behind) nodes.push(node);
    return this.isUnsorted ? nodes.sort((a, b) => a.place - b.place) : nodes;
  }

  #adopt(node: RankedNode): void {
    node.block = this;
    node.isRanked = true;
    this.size += 1;
    if (node.isReady) node.lane.insert(node);
  }
}

function moreUrgent(a: LaneEntry, b: LaneEntry): boolean {
  return a.priority === b.priority ? a.seq > b.seq : a.priority > b.priority;
}

function earlierPlace(a: RankedNode, b: RankedNode): boolean {
  return a.place < b.place;
}
