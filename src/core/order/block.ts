/**
 * A block: the unsettled tasks that one sink demands and no more urgent sink does, in the order in which demand visits them
 * (depth-first post-order, the sink last). Blocks are ordered by the (priority, seq) of their sink, tasks within one by place.
 *
 * A walk may take over a block, or the front of one, instead of searching again. A block therefore knows how far it still is
 * exactly what its sink demands, and which tasks would have to come back to make it so.
 *
 * A node whose `lineage` equals its block's and whose `place` is below the block's `cleanBelow` has exactly its own demand in
 * front of it, in order.
 *
 * Invariant: a node is in a block's row exactly if its `block` is that block.
 */
import { BlockRow, type RowNode } from './block-row.js';
import type { Rank } from './lane.js';

/** The lineage of a task that a walk reached after it had found or passed over another. @internal */
export const NO_LINEAGE = 0;

/** A task as its block sees it. `W` is what fills blocks. @internal */
export interface BlockNode<N extends BlockNode<N, W>, W> extends RowNode<N> {
  block: Block<N, W> | undefined;
  lineage: number;
}

/** A task that was taken out of a block, with the place it had there. @internal */
export interface Loss<N> {
  readonly node: N;
  readonly place: number;
}

/** Most tasks that can be taken out of a block before it has to be walked again. @internal */
export const MOST_LOST = 64;

/** Tasks that one sink demands, in order. @internal */
export class Block<N extends BlockNode<N, W>, W> extends BlockRow<N> {
  /** The task for which the block has been walked; undefined before that, and once the block has been given up. */
  sink: N | undefined = undefined;
  /** The walk that fills the block; undefined once it has ended. */
  walk: W | undefined = undefined;
  /**
   * To a root with a priority below this, the block is all that its sink demands: such a root may take it whole. Lowered when
   * the walk met tasks of another block, or when tasks were taken out.
   */
  wholeBelow = Number.POSITIVE_INFINITY;
  /**
   * Tasks that more urgent blocks have taken out of this one: a root that takes the block whole takes them back. Undefined if
   * there are none.
   */
  lost: Loss<N>[] | undefined = undefined;
  /** The epoch in which they were taken out; in another, none of them comes back. */
  lostIn = 0;
  /** Tasks of other blocks may depend on tasks of this one other than its sink. */
  isShared = false;
  lineage: number;
  /** Tasks of the block's lineage have exactly their demand in front of them as long as their place is below this. */
  cleanBelow = Number.POSITIVE_INFINITY;

  constructor(rank: Rank, lineage: number) {
    super(rank);
    this.lineage = lineage;
  }

  /** Returns a lost task to its place. */
  takeBack({ node, place }: Loss<N>): void {
    this.restore(node, place);
    this.isShared = true;
  }

  /**
   * Records that a block of `priority` has taken `node` from `place`. Only a block that had all its sink demands can take tasks
   * back, and only so many of them; any other is no longer whole to roots of that priority.
   */
  lose(node: N, place: number, priority: number, epoch: number): void {
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

  /** Whether the block, with its losses, is exactly what its sink demands, in order, for a walk of that priority. */
  isWholeFor(priority: number, epoch: number): boolean {
    return this.wholeBelow > priority && (this.lost === undefined || this.lostIn === epoch);
  }

  /** Whether the block up to and including `node` is exactly what `node` demands, in order. */
  isWholeUpTo(node: N): boolean {
    return node.lineage === this.lineage && node.place < this.cleanBelow && !this.isUnsorted;
  }
}
