/**
 * Demand order: which ready task comes first. The rule (test/vectors/README.md): walk all tasks from the most urgent,
 * then newest, to the oldest; a task that is not ready demands its dependencies in their order, depth first.
 *
 * The order is never computed as a whole. Every task that nothing more urgent demands is the root of a walk over what it
 * demands. Walks begin when a selection needs them, the most urgent first; a walk is left as soon as it has found a
 * ready task, and is gone on with when that was not enough. A walk that comes upon what a less urgent one has found, or
 * upon the path of one, takes over as much of it as is just what it would find itself.
 *
 * Invariant: a task that `isCertain` stands, by (block, place), where the rule puts it among all ready tasks.
 */
import { elementAt } from '../element-at.js';
import { isSatisfied } from './graph-node.js';
import { isMoreUrgent, type Rank } from './lane.js';
import { Orphans } from './orphans.js';
import { partBehind, putBehind, putInFront } from './split-block.js';
import { type Block, type RankedNode, Walk } from './blocks.js';
import { needsWalk, Roots } from './roots.js';

/** Counted work, for tests that bound it: counts do not depend on the machine. @internal */
export interface OrderCounts {
  /** Edges looked at by walks. */
  visits: number;
  /** Tasks given a new place because their block was joined to another, or parted. */
  relabels: number;
  /** Tasks ranked anew because what demanded them was withdrawn. */
  reranks: number;
}

/** Ready tasks among which the first is sought. @internal */
export interface Candidates<N extends RankedNode> {
  /** The best, by `isBefore`, of those that have a rank. */
  best(): N | undefined;
  /** Whether some have none. */
  isAnyUnranked(): boolean;
}

/** The order of one scheduler's tasks. Bounds: memory O(unsettled tasks); for time see docs/demand-order.md. @internal */
export class DemandOrder {
  readonly counts: OrderCounts = { visits: 0, relabels: 0, reranks: 0 };
  readonly #roots = new Roots();
  readonly #orphans = new Orphans(this.#roots, this.counts);

  /** Takes a newly submitted task. Its rank is found when a selection needs it. */
  add(node: RankedNode): void {
    this.#roots.add(node);
  }

  /** The task's dependencies are satisfied, or its attempt is to be made anew. */
  ready(node: RankedNode): void {
    node.isReady = true;
    node.lane.countReady(1);
    if (node.isStarted) {
      node.isStarted = false;
      // Walks have passed it over meanwhile.
      this.#orphans.add(node);
    } else if (node.isRanked) {
      node.lane.insert(node);
    }
  }

  /** The task has been granted a start and leaves its lane; it keeps its place until it settles. */
  started(node: RankedNode): void {
    node.isStarted = true;
    node.lane.remove(node);
    notReady(node);
  }

  /** The task is done. All it depended on is settled, so nothing else changes its rank. */
  done(node: RankedNode): void {
    if (node.block !== undefined) node.block.detach(node);
    this.#roots.settled();
  }

  /** The task settled otherwise (cancelled, failed): it gives its demand back. Its dependents must be withdrawn too. */
  withdraw(node: RankedNode): void {
    this.#orphans.withdrawn(node);
    if (node.isReady) notReady(node);
    this.#roots.settled();
  }

  /**
   * The first in demand order of the candidates: tasks get their ranks until it is the first for certain.
   * O(edges that have to be looked at).
   */
  first<N extends RankedNode>(candidates: Candidates<N>): N | undefined {
    for (;;) {
      this.#orphans.settle();
      const best = candidates.best();
      const next = this.#roots.next();
      if (next === undefined) return best;
      if (best === undefined ? !candidates.isAnyUnranked() : isCertain(best, next)) return best;
      this.#advance(next);
    }
  }

  /** Whether ready task `a` comes before ready task `b`. Both must be ranked. */
  isBefore(a: RankedNode, b: RankedNode): boolean {
    if (a.block !== undefined && a.block === b.block) return a.place < b.place;
    return isMoreUrgent(a.block ?? a, b.block ?? b);
  }

  /** The priority that a ranked task has by what demands it. */
  priorityOf(node: RankedNode): number {
    return (node.block ?? node).priority;
  }

  /** Goes on with the most urgent walk until it has found a ready task or ended. */
  #advance(next: RankedNode | Walk): void {
    if (next instanceof Walk) {
      if (!next.isUnderWay && !this.#begin(next)) return;
      if (this.#goOn(next)) this.#roots.drop(next);
      return;
    }
    this.#roots.shift();
    if (next.waiting === 0) {
      rankAlone(next);
      return;
    }
    const walk = this.#roots.walkFrom(next);
    walk.enter(next);
    if (!this.#goOn(walk)) this.#roots.keep(walk);
  }

  /** Begins a walk whose root had a rank before. Says no when others have taken the root, now or meanwhile. */
  #begin(walk: Walk): boolean {
    const { root } = walk;
    const isUntouched = walk.deepest === undefined && walk.block === undefined;
    if (isUntouched && needsWalk(root)) {
      walk.enter(root);
      return true;
    }
    this.#orphans.scatter(walk);
    return false;
  }

  /** Says whether the walk has come to its end. Iterative: chains may be millions of tasks long. */
  #goOn(walk: Walk): boolean {
    for (let node = walk.deepest; node !== undefined; node = walk.deepest) {
      const position = node.place;
      if (node.waiting === 0 || position === node.dependencies?.length) {
        walk.leave(node);
        if (node === walk.root) {
          end(walk);
          return true;
        }
        walk.claim(node);
        if (node.isReady) return false;
        continue;
      }
      node.place = position + 1;
      this.counts.visits += 1;
      if (isSatisfied(node, position)) continue;
      const dependency = elementAt(node.dependencies, position);
      if (!dependency.isStarted) this.#visit(walk, dependency);
    }
    return true;
  }

  /** Comes upon a task that is demanded. */
  #visit(walk: Walk, node: RankedNode): void {
    const { block, path } = node;
    if (node.isRanked) {
      if (block !== undefined && block === walk.block) return;
      const owner: Rank = block ?? node;
      if (isMoreUrgent(owner, walk)) {
        if (block !== undefined) block.isShared = true;
        walk.passOver(owner.priority);
        return;
      }
      if (block !== undefined && this.#takeBlock(walk, block, node)) return;
    } else if (path !== undefined && this.#takePath(walk, path.walk, node)) {
      return;
    }
    // Others may have been ranked by what they need of this task.
    if (node.isRanked || path !== undefined) walk.isShared = true;
    this.#leave(node, walk);
    walk.enter(node);
  }

  /** Takes the part of a less urgent block up to `node`, if that is just what `node` demands. */
  #takeBlock(walk: Walk, block: Block, node: RankedNode): boolean {
    if (block.sink === node && block.isWholeFor(walk.priority, this.#orphans.epoch)) {
      block.sink = undefined;
      this.#retake(walk, block);
      this.#join(walk, block);
      return true;
    }
    if (!block.isWholeUpTo(node)) return false;
    const { front, rest } = partBehind(block, node, walk.priority, this.#orphans.epoch);
    this.counts.relabels += Math.min(front.size, rest.size);
    const { walk: other } = rest;
    if (other !== undefined) {
      if (other.remains === block) other.remains = rest;
      else other.block = rest;
      if (rest.lost === undefined) other.passOver(walk.priority);
    }
    this.#join(walk, front);
    return true;
  }

  /** Goes on from where a less urgent walk stands, if it has found nothing but what `node`, on its path, demands. */
  #takePath(walk: Walk, other: Walk, node: RankedNode): boolean {
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

  /** Puts the tasks of `taken` behind what the walk has found so far, moving the fewer of the two. */
  #join(walk: Walk, taken: Block): void {
    const { block } = walk;
    walk.passOver(taken.wholeBelow);
    if (block === undefined) {
      if (walk.isClean) walk.joinLineage(taken.lineage);
      else taken.cleanBelow = Number.NEGATIVE_INFINITY;
    }
    walk.isShared ||= taken.isShared;
    if (block === undefined || taken.size > block.size) {
      taken.rankAs(walk.priority, walk.seq);
      taken.wholeBelow = Number.POSITIVE_INFINITY;
      taken.walk = walk;
      walk.block = taken;
      if (block !== undefined) {
        // Its tasks get new places, so that what it lost cannot come back to its own.
        walk.passOver(block.lost === undefined ? block.wholeBelow : Number.NEGATIVE_INFINITY);
        this.counts.relabels += putInFront(taken, block);
      }
    } else {
      this.counts.relabels += putBehind(block, taken);
    }
  }

  /** Takes back what less urgent blocks have of those tasks that were taken out of `taken` since it was walked. */
  #retake(walk: Walk, taken: Block): void {
    const { lost } = taken;
    taken.lost = undefined;
    for (const { node, place } of lost ?? []) {
      this.counts.visits += 1;
      const owner = node.block;
      if (node.isSettled || node.isStarted || (owner !== undefined && (owner === taken || owner === walk.block)))
        continue;
      const ranked = owner ?? node;
      if (node.isRanked && isMoreUrgent(ranked, walk)) {
        taken.wholeBelow = Math.min(taken.wholeBelow, ranked.priority);
        if (owner !== undefined) owner.isShared = true;
        continue;
      }
      this.#leave(node, walk);
      taken.restore(node, place);
    }
  }

  /** Takes the task out of where it is, for that walk; a block that it leaves may want it back. */
  #leave(node: RankedNode, walk: Walk): void {
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
}

/** Whether nothing that walks will find can come before the task; `next` is the most urgent of them. */
function isCertain(node: RankedNode, next: RankedNode | Walk): boolean {
  if (isMoreUrgent(node.block ?? node, next)) return true;
  return next instanceof Walk && next.isUnderWay && next.block !== undefined && next.block === node.block;
}

/** All that the root demands has been found. */
function end(walk: Walk): void {
  const { block, root } = walk;
  if (block === undefined) {
    rankAlone(root);
    return;
  }
  block.append(root);
  block.sink = root;
  block.walk = undefined;
  block.wholeBelow = Math.min(block.wholeBelow, walk.wholeBelow);
  block.isShared ||= walk.isShared;
}

function rankAlone(node: RankedNode): void {
  node.isRanked = true;
  if (node.isReady) node.lane.insert(node);
}

function notReady(node: RankedNode): void {
  node.isReady = false;
  node.lane.countReady(-1);
}
