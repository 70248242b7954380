/**
 * The row in which the tasks of one block stand: linked, so that any of them can leave at once, and numbered by places that only
 * compare, so that both ends can grow. Those that are ready also stand in a cohort for each of their lanes.
 *
 * It does not know why a task is where it is: `Block` says what belongs together, and `DemandOrder` where.
 *
 * Invariant: a task is in the row exactly if its `block` is this row, and places grow from head to tail unless `isUnsorted`.
 */
import { Cohort, type Lane, type LaneBlock, type LaneNode, type Rank } from './lane.js';

/** A task as its row sees it. @internal */
export interface RowNode<N extends RowNode<N>> extends LaneNode<N> {
  readonly lane: Lane<N>;
  readonly isReady: boolean;
  block: BlockRow<N> | undefined;
  isRanked: boolean;
  place: number;
  before: N | undefined;
  behind: N | undefined;
}

/** Tasks in the order of their places. A change costs O(log ready tasks of the lane). @internal */
export abstract class BlockRow<N extends RowNode<N>> implements LaneBlock<N> {
  priority: number;
  seq: number;
  head: N | undefined = undefined;
  tail: N | undefined = undefined;
  size = 0;
  /** Tasks have returned to their places: these are in order, the links are not. */
  isUnsorted = false;
  #firstPlace = 0;
  #lastPlace = -1;
  #cohort: Cohort<N> | undefined = undefined;
  #cohortLane: Lane<N> | undefined = undefined;
  #moreCohorts: Map<Lane<N>, Cohort<N>> | undefined = undefined;

  constructor({ priority, seq }: Rank) {
    this.priority = priority;
    this.seq = seq;
  }

  /** The place of the next appended task. */
  get nextPlace(): number {
    return this.#lastPlace + 1;
  }

  /** The cohort of `lane`, created on first use. */
  cohortOf(lane: Lane<N>): Cohort<N> {
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

  /** Gives the row another rank. O(lanes in which it has ready tasks · log n), whatever its size. */
  rankAs(priority: number, seq: number): void {
    this.priority = priority;
    this.seq = seq;
    if (this.#cohort !== undefined) this.#cohortLane?.moved(this.#cohort);
    if (this.#moreCohorts !== undefined) for (const [lane, cohort] of this.#moreCohorts) lane.moved(cohort);
  }

  append(node: N): void {
    this.#lastPlace += 1;
    node.place = this.#lastPlace;
    this.#link(node);
  }

  /** Leaves that many places unused at the front. */
  skipInFront(places: number): void {
    this.#firstPlace -= places;
  }

  prepend(node: N): void {
    this.#firstPlace -= 1;
    node.place = this.#firstPlace;
    node.before = undefined;
    node.behind = this.head;
    if (this.head === undefined) this.tail = node;
    else this.head.before = node;
    this.head = node;
    this.#adopt(node);
  }

  /** Puts a task that has left the row back at the place it had. */
  restore(node: N, place: number): void {
    node.place = place;
    this.isUnsorted = true;
    this.#link(node);
  }

  /** Takes the node out of the row and out of its lane. It is then in no block and has no rank. */
  detach(node: N): void {
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

  /** The tasks in the order of their places. O(size), and a sort if some have returned. */
  inOrder(): N[] {
    const nodes: N[] = [];
    for (let node = this.head; node !== undefined; node = node.behind) nodes.push(node);
    return this.isUnsorted ? nodes.sort((a, b) => a.place - b.place) : nodes;
  }

  #link(node: N): void {
    node.before = this.tail;
    node.behind = undefined;
    if (this.tail === undefined) this.head = node;
    else this.tail.behind = node;
    this.tail = node;
    this.#adopt(node);
  }

  #adopt(node: N): void {
    // The node's own type asks for a `Block`, which every row is; that class is not known here.
    const member: RowNode<N> = node;
    member.block = this;
    node.isRanked = true;
    this.size += 1;
    if (node.isReady) node.lane.insert(node);
  }
}
