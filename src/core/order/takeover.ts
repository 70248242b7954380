/**
 * How a walk takes over what a less urgent one has found, instead of searching again: a block, the front of one, a path, or a
 * single task. Of two parts that are joined, the smaller is moved.
 *
 * It takes only what the walk itself would find, in the order in which it would find it; where that is not certain it takes
 * the single task, and the walk searches on.
 *
 * Invariant: what a block loses here is recorded in the block, so that a later walk knows whether it is still whole.
 */
import { isMoreUrgent } from './lane.js';
import type { OrderCounts } from './order-counts.js';
import type { Orphans } from './orphans.js';
import type { RankedNode, TaskBlock, TaskWalk } from './ranked-node.js';
import type { Roots } from './roots.js';
import { partBehind, putBehind, putInFront } from './split-block.js';

/** Takeovers between the walks of one order. @internal */
export class Takeover {
  readonly #roots: Roots;
  readonly #orphans: Orphans;
  readonly #counts: OrderCounts;

  constructor(roots: Roots, orphans: Orphans, counts: OrderCounts) {
    this.#roots = roots;
    this.#orphans = orphans;
    this.#counts = counts;
  }

  /** Takes a less urgent block up to `node`, if that part is exactly what `node` demands. */
  takeBlock(walk: TaskWalk, block: TaskBlock, node: RankedNode): boolean {
    if (block.sink === node && block.isWholeFor(walk.priority, this.#orphans.epoch)) {
      block.sink = undefined;
      this.#retake(walk, block);
      this.#join(walk, block);
      return true;
    }
    if (!block.isWholeUpTo(node)) return false;
    const { front, rest } = partBehind(block, node, walk.priority, this.#orphans.epoch);
    this.#counts.relabels += Math.min(front.size, rest.size);
    if (rest.walk !== undefined) rest.walk.block = rest;
    this.#join(walk, front);
    return true;
  }

  /** Continues from the point a less urgent walk has reached, if it has found only what `node`, on its path, demands. */
  takePath(walk: TaskWalk, other: TaskWalk, node: RankedNode): boolean {
    const { block } = other;
    if (node.lineage !== other.lineage || other.wholeBelow <= walk.priority) return false;
    if (block !== undefined && !block.isWholeFor(walk.priority, this.#orphans.epoch)) return false;
    if (!walk.isClean && walk.lineage === other.lineage) return false;
    walk.passOver(other.wholeBelow);
    if (block !== undefined) {
      other.block = undefined;
      this.#retake(walk, block);
      this.#join(walk, block);
    } else if (walk.isClean) {
      walk.joinLineage(other.lineage);
    }
    walk.isShared ||= other.isShared || node !== other.root;
    other.wholeBelow = Number.POSITIVE_INFINITY;
    walk.takeOver(node, other);
    if (node === other.root) {
      this.#roots.drop(other);
      if (other.remains !== undefined) this.#orphans.scatter(other);
    }
    return true;
  }

  /** Takes the task from where it is for `walk`; a block that it leaves may take it back later. */
  takeTask(walk: TaskWalk, node: RankedNode): void {
    const { block, path, place } = node;
    if (path !== undefined) {
      path.walk.leave(node);
      path.walk.passOver(walk.priority);
    } else if (block !== undefined) {
      block.detach(node);
      block.lose(node, place, walk.priority, this.#orphans.epoch);
    } else {
      if (node.heapIndex >= 0) node.lane.remove(node);
      node.isRanked = false;
    }
  }

  /** Puts the tasks of `taken` behind what the walk has found so far; moves the smaller of the two. */
  #join(walk: TaskWalk, taken: TaskBlock): void {
    const { block } = walk;
    walk.passOver(taken.wholeBelow);
    if (block === undefined) {
      if (walk.isClean) walk.joinLineage(taken.lineage);
      else taken.cleanBelow = Number.NEGATIVE_INFINITY;
    }
    if (block === undefined || taken.size > block.size) {
      taken.rankAs(walk.priority, walk.seq);
      taken.wholeBelow = Number.POSITIVE_INFINITY;
      taken.walk = walk;
      walk.block = taken;
      if (block !== undefined) {
        // Its tasks get new places, so the tasks it lost cannot return to theirs.
        walk.passOver(block.lost === undefined ? block.wholeBelow : Number.NEGATIVE_INFINITY);
        this.#counts.relabels += putInFront(taken, block);
      }
    } else {
      this.#counts.relabels += putBehind(block, taken);
    }
  }

  /** Takes tasks that were taken out of `taken` since it was walked back from less urgent blocks. */
  #retake(walk: TaskWalk, taken: TaskBlock): void {
    const { lost } = taken;
    taken.lost = undefined;
    for (const loss of lost ?? []) {
      const { node } = loss;
      this.#counts.visits += 1;
      const owner = node.block;
      if (node.isOut || node.isStarted || (owner !== undefined && (owner === taken || owner === walk.block))) continue;
      const ranked = owner ?? node;
      if (node.isRanked && isMoreUrgent(ranked, walk)) {
        taken.wholeBelow = Math.min(taken.wholeBelow, ranked.priority);
        continue;
      }
      this.takeTask(walk, node);
      taken.takeBack(loss);
    }
  }
}
