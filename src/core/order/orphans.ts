/**
 * Tasks that have lost their rank: what demanded them was withdrawn, or walks passed them over while they were running.
 * Each becomes a root of its own, and the most urgent of those that demand it is walked anew.
 */
import { forEachDependent, isSatisfied } from './graph-node.js';
import { isMoreUrgent, type Rank } from './lane.js';
import { putBehind } from './split-block.js';
import { Block } from './block.js';
import type { RankedNode, TaskBlock, TaskWalk } from './ranked-node.js';
import { needsWalk, type Roots } from './roots.js';

/** Collects orphans as they come, and sees to them all at once. @internal */
export class Orphans {
  /** Counts the times when orphans were seen to: what one walk made of another's block may not hold in the next epoch. */
  epoch = 0;
  readonly #roots: Roots;
  readonly #counts: { reranks: number };
  readonly #orphans = new Set<RankedNode>();
  /** Blocks that lost a task by withdrawal. */
  #torn: TaskBlock[] = [];
  /** Walks that lost their root so. */
  #rootless: TaskWalk[] = [];

  constructor(roots: Roots, counts: { reranks: number }) {
    this.#roots = roots;
    this.#counts = counts;
  }

  /** A task that had started is to have a rank again. */
  add(node: RankedNode): void {
    const { block, place } = node;
    if (block !== undefined) {
      block.detach(node);
      block.wholeBelow = Number.NEGATIVE_INFINITY;
      block.cleanBelow = Math.min(block.cleanBelow, place);
    }
    node.isRanked = false;
    this.#orphans.add(node);
  }

  /** The task was withdrawn: it leaves its block, which does not keep what only that task demanded. */
  withdrawn(node: RankedNode): void {
    const { block, path } = node;
    if (path !== undefined) {
      this.#rootless.push(path.walk);
    } else if (block !== undefined) {
      block.detach(node);
      if (node.waiting === 0) return;
      if (block.withdrawn !== undefined) {
        block.withdrawn.push(node);
        return;
      }
      block.withdrawn = [node];
      this.#torn.push(block);
    } else if (node.heapIndex >= 0) {
      node.lane.remove(node);
    }
  }

  /** All that the walk has, or had, becomes orphaned; it is not gone on with. */
  scatter(walk: TaskWalk): void {
    this.#roots.drop(walk);
    const { block, remains, root } = walk;
    const left: RankedNode[] = remains?.inOrder() ?? [];
    for (let node = walk.deepest; node !== undefined; node = walk.deepest) {
      walk.leave(node);
      this.#orphans.add(node);
      left.push(node);
    }
    if (block !== undefined) this.#scatterBlock(block);
    if (remains !== undefined) this.#scatterBlock(remains);
    this.#orphans.add(root);
    if (root.isSettled) this.#scatterDemands(root, walk);
    for (const node of left) this.#scatterDemands(node, walk);
  }

  /** What the walk has not come to may have its rank in a less urgent block by what the walk took from there. */
  #scatterDemands(node: RankedNode, walk: TaskWalk): void {
    for (const [position, dependency] of (node.dependencies ?? []).entries()) {
      const { block } = dependency;
      if (isSatisfied(node, position)) continue;
      if (!dependency.isRanked) {
        // An orphan that was to be found by this walk.
        if (dependency.path === undefined) this.#orphans.add(dependency);
      } else if (block !== undefined && block.walk === undefined && isMoreUrgent(walk, block)) {
        this.#scatterBlock(block);
      }
    }
  }

  /** Sees to all orphans. To be called before ranks are relied upon. O(orphans · log walks, and their dependents). */
  settle(): void {
    if (this.#torn.length === 0 && this.#rootless.length === 0 && this.#orphans.size === 0) return;
    this.epoch += 1;
    this.#dissolve();
    while (this.#orphans.size > 0) {
      const orphans = [...this.#orphans].filter(needsWalk);
      this.#orphans.clear();
      for (const node of orphans) {
        this.#counts.reranks += 1;
        this.#roots.keep(this.#roots.walkFrom(node));
      }
      for (const node of orphans) this.#demandAnew(node);
    }
  }

  #dissolve(): void {
    for (const walk of this.#rootless) this.scatter(walk);
    this.#rootless = [];
    const torn = this.#torn;
    this.#torn = [];
    for (const block of torn) {
      const heir = soleDemand(block);
      const withdrawn = block.withdrawn ?? [];
      block.withdrawn = undefined;
      block.sink = undefined;
      if (block.walk !== undefined) {
        for (const node of withdrawn) this.#scatterDemands(node, block.walk);
        this.scatter(block.walk);
      } else if (heir === undefined) {
        this.#scatterBlock(block);
      } else {
        block.sink = heir;
        block.rankAs(heir.priority, heir.seq);
        this.#demandAnew(heir);
      }
    }
  }

  #scatterBlock(block: TaskBlock): void {
    for (let node = block.tail; node !== undefined; node = block.tail) {
      block.detach(node);
      this.#orphans.add(node);
    }
  }

  /** Lets the most urgent task that demands `node` be walked to anew, unless that will happen anyway. */
  #demandAnew(node: RankedNode): void {
    const demander = mostUrgentDemander(node);
    if (demander === undefined) return;
    const open = walkAt(demander);
    if (open !== undefined) {
      // A walk that has lost its root has lost it to one that will come here.
      if (open.isUnderWay) this.#beginAnew(open);
      return;
    }
    const { block } = demander;
    const root = block === undefined ? demander : block.sink;
    if (root === undefined || !root.isRanked) return;
    const walk = this.#roots.walkFrom(root);
    if (block === undefined) {
      if (root.heapIndex >= 0) root.lane.remove(root);
      root.isRanked = false;
    } else {
      block.detach(root);
      block.sink = undefined;
      walk.remains = block;
      rankLast(block, walk);
    }
    this.#roots.keep(walk);
  }

  #beginAnew(open: TaskWalk): void {
    this.#roots.drop(open);
    const walk = this.#roots.walkFrom(open.root);
    const remains: TaskBlock = open.block ?? new Block(open, open.lineage);
    walk.remains = remains;
    rankLast(remains, walk);
    for (let node = open.deepest; node !== undefined; node = open.deepest) {
      open.leave(node);
      if (node !== open.root) remains.append(node);
    }
    if (open.remains !== undefined) putBehind(remains, open.remains);
    this.#roots.keep(walk);
  }
}

/** The walk that has come to the task and is not at its end. */
function walkAt(node: RankedNode): TaskWalk | undefined {
  return node.path?.walk ?? node.block?.walk;
}

/** What is left to a walk that has not begun: nothing is less urgent until that comes to it. */
function rankLast(block: TaskBlock, walk: TaskWalk): void {
  block.walk = walk;
  block.wholeBelow = Number.NEGATIVE_INFINITY;
  block.cleanBelow = Math.min(block.cleanBelow, block.nextPlace);
  block.rankAs(Number.NEGATIVE_INFINITY, block.seq);
}

/**
 * Where the only withdrawn task of a whole block was its sink and demanded a single task, and nothing else looks into the
 * block, the rest is just what that task demands, in the right order: it can stay together with that task as its sink.
 */
function soleDemand(block: TaskBlock): RankedNode | undefined {
  const sink = block.withdrawn?.[0];
  if (sink === undefined || block.withdrawn?.length !== 1 || sink !== block.sink) return undefined;
  // What the block lost before does not matter: it does not come back in the epoch that has begun with the withdrawal.
  if (block.isShared || block.wholeBelow !== Number.POSITIVE_INFINITY) return undefined;
  let demand: RankedNode | undefined;
  for (const [position, dependency] of (sink.dependencies ?? []).entries()) {
    if (dependency.isStarted || isSatisfied(sink, position)) continue;
    if (demand !== undefined) return undefined;
    demand = dependency;
  }
  // A less urgent task would pull down what is more urgent of its own.
  if (demand === undefined || demand.priority < block.priority) return undefined;
  return demand === block.tail ? demand : undefined;
}

function mostUrgentDemander(node: RankedNode): RankedNode | undefined {
  let best: RankedNode | undefined;
  forEachDependent(node, (dependent) => {
    if (dependent.isSettled || (!dependent.isRanked && dependent.path === undefined)) return;
    // Walks that came past this task, which is about to get another rank, are not what they would be now.
    const { block } = dependent;
    const open = walkAt(dependent);
    if (open !== undefined) open.wholeBelow = Number.NEGATIVE_INFINITY;
    if (block !== undefined) {
      block.wholeBelow = Number.NEGATIVE_INFINITY;
      block.cleanBelow = Number.NEGATIVE_INFINITY;
    }
    if (open?.block !== undefined) open.block.cleanBelow = Number.NEGATIVE_INFINITY;
    if (best === undefined || isMoreUrgent(rankOf(dependent), rankOf(best))) best = dependent;
  });
  return best;
}

function rankOf(node: RankedNode): Rank {
  return walkAt(node) ?? node.block ?? node;
}
