/**
 * A walk: the depth-first search for everything one sink demands. It can be left at any time; the tasks between the sink and
 * the point it has reached are its path, and what it has found is a block.
 *
 * A walk keeps its own position and nothing else: which dependency comes next, and what a walk does there, is decided by
 * `DemandOrder`.
 *
 * Invariant: a task is on one path, or in one block, or ranked alone, or has no rank yet.
 */
import { Block, type BlockNode, NO_LINEAGE } from './block.js';
import type { HeapItem } from './indexed-heap.js';
import { isShorter } from './is-shorter.js';
import type { Rank } from './lane.js';

/** A task as a walk sees it. On a path, `place` is the dependency to visit next, and `before` leads to the sink. @internal */
export interface WalkNode<N extends WalkNode<N>> extends BlockNode<N, Walk<N>>, Rank {
  path: Path<N> | undefined;
}

/** Leads from the tasks of a path to their walk. Changing `walk` hands all of them to another walk at once. @internal */
export class Path<N extends WalkNode<N>> {
  walk: Walk<N>;
  constructor(walk: Walk<N>) {
    this.walk = walk;
  }
}

/** The search for what one sink demands, as far as it has come. @internal */
export class Walk<N extends WalkNode<N>> implements HeapItem {
  heapIndex = -1;
  readonly root: N;
  readonly priority: number;
  readonly seq: number;
  path = new Path<N>(this);
  /** The task that the walk has reached: the end of its path. Undefined before it has begun. */
  deepest: N | undefined = undefined;
  /** The tasks found so far. */
  block: Block<N, Walk<N>> | undefined = undefined;
  /** As `Block.wholeBelow`, for what has been found so far. */
  wholeBelow = Number.POSITIVE_INFINITY;
  /** Other tasks may have been ranked by their need of the tasks found. */
  isShared = false;
  lineage: number;
  /** The tasks found by an earlier walk from this root that was given up; ranked last until they are found again. */
  remains: Block<N, Walk<N>> | undefined = undefined;

  constructor(root: N, lineage: number) {
    this.root = root;
    this.priority = root.priority;
    this.seq = root.seq;
    this.lineage = lineage;
  }

  /** The walk has found and passed over nothing yet: from here it does what any other would do. */
  get isClean(): boolean {
    return this.block === undefined && this.wholeBelow === Number.POSITIVE_INFINITY;
  }

  /** Whether the root is on the path. If not, the walk has not begun, or another one has taken the root. */
  get isUnderWay(): boolean {
    return this.root.path === this.path;
  }

  /** Goes one step deeper. The task must have no rank and be on no path. */
  enter(node: N): void {
    node.path = this.path;
    node.place = 0;
    node.lineage = this.isClean ? this.lineage : NO_LINEAGE;
    node.before = this.deepest;
    if (this.deepest !== undefined) this.deepest.behind = node;
    this.deepest = node;
  }

  /** Takes a task off the path. */
  leave(node: N): void {
    if (node.before !== undefined) node.before.behind = node.behind;
    if (node.behind === undefined) this.deepest = node.before;
    else node.behind.before = node.before;
    node.before = undefined;
    node.behind = undefined;
    node.path = undefined;
  }

  /** Puts a task that has no rank, and is on no path, behind what has been found so far. */
  claim(node: N): void {
    if (this.block === undefined) {
      this.block = new Block<N, Walk<N>>(this, this.lineage);
      this.block.walk = this;
      if (this.wholeBelow !== Number.POSITIVE_INFINITY) this.block.cleanBelow = Number.NEGATIVE_INFINITY;
    }
    this.block.append(node);
  }

  /** Records that a task was left to a more urgent owner of that priority; infinity: that none was. */
  passOver(priority: number): void {
    if (priority === Number.POSITIVE_INFINITY) return;
    this.wholeBelow = Math.min(this.wholeBelow, priority);
    if (this.block !== undefined) this.block.cleanBelow = Math.min(this.block.cleanBelow, this.block.nextPlace);
  }

  /** Gives the walk, and the part of its path that bears its lineage, another one. O(path). */
  joinLineage(lineage: number): void {
    for (let node = this.deepest; node !== undefined; node = node.before) {
      if (node.lineage === this.lineage) node.lineage = lineage;
    }
    this.lineage = lineage;
  }

  /**
   * Continues from the point reached by another walk, which entered `node` before it had found anything. O(shorter of the two
   * parts of the new path, and the rest of the other's).
   */
  takeOver(node: N, other: Walk<N>): void {
    const end = other.deepest;
    const above = node.before;
    if (isShorter(node, above, this.deepest)) {
      for (let below: N | undefined = node; below !== undefined; below = below.behind) below.path = this.path;
    } else {
      const path = other.path;
      other.path = new Path<N>(other);
      for (let upper = above; upper !== undefined; upper = upper.before) upper.path = other.path;
      for (let own = this.deepest; own !== undefined; own = own.before) own.path = path;
      this.path = path;
      path.walk = this;
    }
    other.deepest = above;
    if (above !== undefined) {
      above.behind = undefined;
      // The other walk visits `node` once more when it continues.
      above.place -= 1;
    }
    node.before = this.deepest;
    if (this.deepest !== undefined) this.deepest.behind = node;
    this.deepest = end;
  }
}
