/**
 * A block: the unsettled tasks that one sink demands and no more urgent sink does, in the order in which demand visits
 * them (depth-first post-order, the sink last). Blocks are ordered by (priority, seq) of their sink; within a block the
 * tasks are ordered by place. Places only compare, they are not consecutive.
 *
 * Invariant: every node in the list has `node.block` set to this block, and places grow from head to tail.
 */
import type { GraphNode } from './graph-node.js';
import { Cohort, type Lane } from './lane.js';

export class Block {
  priority: number;
  seq: number;
  /** The task for which the block is walked; undefined once it has been given up. */
  sink: GraphNode | undefined = undefined;
  head: GraphNode | undefined = undefined;
  tail: GraphNode | undefined = undefined;
  size = 0;
  /**
   * The block is all that its sink demands in the eyes of a root with a priority below this: such a root may take it as a
   * whole. Lowered when the walk met tasks of another block, or when tasks were taken out.
   */
  wholeBelow = Number.POSITIVE_INFINITY;
  /** Tasks of other blocks may depend on tasks of this one other than its sink. */
  isShared = false;
  /** The tasks that were withdrawn since the last refresh; with one or more the block waits to be dissolved. */
  withdrawn: GraphNode[] | undefined = undefined;
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

  append(node: GraphNode): void {
    this.#lastPlace += 1;
    node.place = this.#lastPlace;
    node.before = this.tail;
    node.behind = undefined;
    if (this.tail === undefined) this.head = node;
    else this.tail.behind = node;
    this.tail = node;
    this.#adopt(node);
  }

  prepend(node: GraphNode): void {
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
  detach(node: GraphNode): void {
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

  #adopt(node: GraphNode): void {
    node.block = this;
    node.isRanked = true;
    this.size += 1;
    if (node.isReady) node.lane.insert(node);
  }
}
