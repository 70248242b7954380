/**
 * What ranks are made of, kept in order; `DemandOrder` says what belongs where.
 *
 * A block: the unsettled tasks that one sink demands and no more urgent sink does, in the order in which demand visits
 * them (depth-first post-order, the sink last). Blocks are ordered by (priority, seq) of their sink; within a block the
 * tasks are ordered by place. Places only compare, they are not consecutive.
 *
 * A walk: the search, depth first, for what one sink demands. It can be left at any time: the tasks between the sink and
 * where it stands are its path. A task is on one path, or in one block, or ranked alone, or has no rank yet.
 *
 * A lineage: tasks of which the part of a block up to and including each is just what it demands, in its order, bear the
 * lineage of that block, as long as their place lies below the block's `cleanBelow`.
 *
 * Invariant: every node in a block's list has `node.block` set to it, and places grow from head to tail unless the block
 * says that it is unsorted.
 */
import { GraphNode } from './graph-node.js';
import type { HeapItem } from './indexed-heap.js';
import { Cohort, type Lane, type LaneBlock, type LaneNode, type Rank } from './lane.js';
import { isShorter } from './is-shorter.js';
import { RANKED, READY, STARTED } from './task-facts.js';

/** The lineage of a task that a walk came to after it had found or passed over something else. @internal */
export const NO_LINEAGE = 0;

/**
 * A task of the graph with its rank, as far as it has one. The rank's fields are written by what keeps the order only: this
 * file, `DemandOrder`, `Orphans`, and what parts and joins blocks.
 *
 * @internal
 */
export abstract class RankedNode extends GraphNode implements LaneNode<RankedNode> {
  /** Where the task waits when it is ready: the tasks of its queue with the same demand. */
  readonly lane: Lane<RankedNode>;
  /** Undefined for a task that is ranked and alone. */
  block: Block | undefined = undefined;
  /** The path of the walk that has come to the task and not yet left it; the task has no rank then. */
  path: Path | undefined = undefined;
  /** In a block: the task's place. On a path: which dependency the walk visits next. */
  place = 0;
  /** The neighbours in the block, or on the path (`before` is towards the sink). */
  before: RankedNode | undefined = undefined;
  behind: RankedNode | undefined = undefined;
  lineage = NO_LINEAGE;
  heapIndex = -1;

  constructor(seq: number, priority: number, lane: Lane<RankedNode>) {
    super(seq, priority);
    this.lane = lane;
  }

  get isReady(): boolean {
    return this.is(READY);
  }

  set isReady(isSo: boolean) {
    this.note(READY, isSo);
  }

  /** Granted a start; walks pass it over, as all it depends on is there. */
  get isStarted(): boolean {
    return this.is(STARTED);
  }

  set isStarted(isSo: boolean) {
    this.note(STARTED, isSo);
  }

  get isRanked(): boolean {
    return this.is(RANKED);
  }

  set isRanked(isSo: boolean) {
    this.note(RANKED, isSo);
  }
}

/** A task that was taken out of a block, with what it had there. @internal */
export interface Loss {
  readonly node: RankedNode;
  readonly place: number;
}

/** As many tasks can be taken out of a block before it has to be walked anew. @internal */
export const MOST_LOST = 64;

/** Tasks that one sink demands, in order. `append`, `prepend` and `detach` are O(log ready tasks of the lane). @internal */
export class Block implements LaneBlock<RankedNode> {
  priority: number;
  seq: number;
  /** The task for which the block has been walked; undefined before that, and once it has been given up. */
  sink: RankedNode | undefined = undefined;
  /** The walk that fills the block; undefined when it has ended. */
  walk: Walk | undefined = undefined;
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
  lost: Loss[] | undefined = undefined;
  /** The epoch in which they were taken out: none of them comes back in another one. */
  lostIn = 0;
  /** Tasks have come back to their places: the list is no longer in their order, the places are. */
  isUnsorted = false;
  /** Tasks of other blocks may depend on tasks of this one other than its sink. */
  isShared = false;
  lineage: number;
  /** Tasks of the block's lineage are what they should be as long as their place is below this. */
  cleanBelow = Number.POSITIVE_INFINITY;
  /** The tasks that were withdrawn since orphans were last seen to; with one or more the block waits to be dissolved. */
  withdrawn: RankedNode[] | undefined = undefined;
  #firstPlace = 0;
  #lastPlace = -1;
  #cohort: Cohort<RankedNode> | undefined = undefined;
  #cohortLane: Lane<RankedNode> | undefined = undefined;
  #moreCohorts: Map<Lane<RankedNode>, Cohort<RankedNode>> | undefined = undefined;

  constructor({ priority, seq }: Rank, lineage: number) {
    this.priority = priority;
    this.seq = seq;
    this.lineage = lineage;
  }

  /** The place that the next appended task gets. */
  get nextPlace(): number {
    return this.#lastPlace + 1;
  }

  /** The cohort of `lane`, made when it is first asked for. */
  cohortOf(lane: Lane<RankedNode>): Cohort<RankedNode> {
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

  /** Leaves so many places in front unused. */
  skipInFront(places: number): void {
    this.#firstPlace -= places;
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
   * Notes that a block of `priority` has taken `node` from `place`. Only a block that had all that its sink demands can take it
   * back, and not too many: others are no longer whole for roots of that priority.
   */
  lose(node: RankedNode, place: number, priority: number, epoch: number): void {
    this.cleanBelow = Math.min(this.cleanBelow, place);
    if (this.size === 0 && this.walk === undefined) return;
    if (this.wholeBelow !== Number.POSITIVE_INFINITY) {
      this.wholeBelow = Math.min(this.wholeBelow, priority);
      return;
    }
    if (this.lost === undefined) {
      this.lost = [{ node, place }];
      this.lostIn = epoch;
    } else if (this.lost.length < MOST_LOST && this.lostIn === epoch) {
      this.lost.push({ node, place });
    } else {
      this.lost = undefined;
      this.wholeBelow = Number.NEGATIVE_INFINITY;
    }
  }

  /** Whether the block, with what it lost, is just what its sink demands, in its order, for a walk of that priority. */
  isWholeFor(priority: number, epoch: number): boolean {
    return this.wholeBelow > priority && (this.lost === undefined || this.lostIn === epoch);
  }

  /** Whether the block up to and including `node` is just what that demands, in its order. */
  isWholeUpTo(node: RankedNode): boolean {
    return node.lineage === this.lineage && node.place < this.cleanBelow && !this.isUnsorted;
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

/** What the tasks on the way of one walk point to; another walk may take over a part of the way with it. @internal */
export class Path {
  walk: Walk;
  constructor(walk: Walk) {
    this.walk = walk;
  }
}

/** The search for what one sink demands, as far as it has come. @internal */
export class Walk implements HeapItem {
  heapIndex = -1;
  readonly root: RankedNode;
  readonly priority: number;
  readonly seq: number;
  path = new Path(this);
  /** Where the walk stands: the end of its path. Undefined before it has begun. */
  deepest: RankedNode | undefined = undefined;
  /** What was found so far. */
  block: Block | undefined = undefined;
  /** As `Block.wholeBelow`, for what was found so far. */
  wholeBelow = Number.POSITIVE_INFINITY;
  /** Others may have been ranked by what they need of the tasks found. */
  isShared = false;
  lineage: number;
  /** What an earlier walk from this root had found before it was given up; ranked last until it is found again. */
  remains: Block | undefined = undefined;

  constructor(root: RankedNode, lineage: number) {
    this.root = root;
    this.priority = root.priority;
    this.seq = root.seq;
    this.lineage = lineage;
  }

  /** Nothing was found or passed over yet: what the walk does from here is what any other would do. */
  get isClean(): boolean {
    return this.block === undefined && this.wholeBelow === Number.POSITIVE_INFINITY;
  }

  /** Whether the root is on the path. Else the walk has not begun, or another one has taken the root. */
  get isUnderWay(): boolean {
    return this.root.path === this.path;
  }

  /** Goes one step deeper. The task must have no rank and be on no path. */
  enter(node: RankedNode): void {
    node.path = this.path;
    node.place = 0;
    node.lineage = this.isClean ? this.lineage : NO_LINEAGE;
    node.before = this.deepest;
    if (this.deepest !== undefined) this.deepest.behind = node;
    this.deepest = node;
  }

  /** Takes a task off the path. */
  leave(node: RankedNode): void {
    if (node.before !== undefined) node.before.behind = node.behind;
    if (node.behind === undefined) this.deepest = node.before;
    else node.behind.before = node.before;
    node.before = undefined;
    node.behind = undefined;
    node.path = undefined;
  }

  /** Puts a task that has no rank, and is on no path, behind what was found so far. */
  claim(node: RankedNode): void {
    if (this.block === undefined) {
      this.block = new Block(this, this.lineage);
      this.block.walk = this;
      if (this.wholeBelow !== Number.POSITIVE_INFINITY) this.block.cleanBelow = Number.NEGATIVE_INFINITY;
    }
    this.block.append(node);
  }

  /** Notes that a task was left to another that is more urgent, of that priority (infinite: that none was). */
  passOver(priority: number): void {
    if (priority === Number.POSITIVE_INFINITY) return;
    this.wholeBelow = Math.min(this.wholeBelow, priority);
    if (this.block !== undefined) this.block.cleanBelow = Math.min(this.block.cleanBelow, this.block.nextPlace);
  }

  /** From now on the walk's own path is of that lineage. O(path). */
  joinLineage(lineage: number): void {
    for (let node = this.deepest; node !== undefined; node = node.before) {
      if (node.lineage === this.lineage) node.lineage = lineage;
    }
    this.lineage = lineage;
  }

  /**
   * Goes on from where another walk stands that has come upon `node`, which it entered before it had found anything.
   * O(shorter of the two parts of the new path, and what remains of the other's).
   */
  takeOver(node: RankedNode, other: Walk): void {
    const end = other.deepest;
    const above = node.before;
    if (isShorter(node, above, this.deepest)) {
      for (let below: RankedNode | undefined = node; below !== undefined; below = below.behind) below.path = this.path;
    } else {
      const path = other.path;
      other.path = new Path(other);
      for (let upper = above; upper !== undefined; upper = upper.before) upper.path = other.path;
      for (let own = this.deepest; own !== undefined; own = own.before) own.path = path;
      this.path = path;
      path.walk = this;
    }
    other.deepest = above;
    if (above !== undefined) {
      above.behind = undefined;
      // It is to come upon `node` once more when it is gone on with.
      above.place -= 1;
    }
    node.before = this.deepest;
    if (this.deepest !== undefined) this.deepest.behind = node;
    this.deepest = end;
  }
}
