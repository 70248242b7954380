/**
 * Tasks that have lost their rank, because the task that demanded them was withdrawn, or because walks passed them over while
 * they were running. Each becomes a root of its own, and the most urgent task that demands it is walked again.
 *
 * Invariant: after `settle` there is no orphan, and no block or walk from which a task was withdrawn is kept as it was.
 */
import { forEachDependent, isSatisfied } from './graph-node.js';
import { isMoreUrgent, type Rank } from './lane.js';
import { putBehind } from './split-block.js';
import { Block } from './block.js';
import type { RankedNode, TaskBlock, TaskWalk } from './ranked-node.js';
import { needsWalk, type Roots } from './roots.js';

/** Collects orphans as they arise, and settles all of them at once. @internal */
export class Orphans {
  /** Counts the settlements of orphans. Losses of a block recorded in one epoch do not count in the next. */
  epoch = 0;
  readonly #roots: Roots;
  readonly #counts: { reranks: number };
  readonly #orphans = new Set<RankedNode>();
  /** Blocks that have lost tasks by withdrawal since orphans were last settled, with those. */
  #torn = new Map<TaskBlock, RankedNode[]>();
  /** Walks that have lost a task of their path by withdrawal. */
  #rootless: TaskWalk[] = [];

  constructor(roots: Roots, counts: { reranks: number }) {
    this.#roots = roots;
    this.#counts = counts;
  }

  /** Takes a task that had started and needs a rank again. */
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

  /** The task needs no rank any more. */
  settled(node: RankedNode): void {
    this.#orphans.delete(node);
  }

  /** Takes a withdrawn task out of its block, whose other tasks may have been demanded by it alone. */
  withdrawn(node: RankedNode): void {
    const { block, path } = node;
    if (path !== undefined) {
      this.#rootless.push(path.walk);
    } else if (block !== undefined) {
      block.detach(node);
      if (node.waiting === 0) return;
      const before = this.#torn.get(block);
      if (before === undefined) this.#torn.set(block, [node]);
      else before.push(node);
    } else if (node.heapIndex >= 0) {
      node.lane.remove(node);
    }
  }

  /** Ends the walk, and orphans all tasks it holds. */
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
    if (root.isOut) this.#scatterDemands(root, walk);
    for (const node of left) this.#scatterDemands(node, walk);
  }

  /** Orphans what `node` demands where it is ranked in a less urgent block, because the walk may have taken tasks from it. */
  #scatterDemands(node: RankedNode, walk: TaskWalk): void {
    for (const [position, dependency] of node.dependencies.entries()) {
      const { block } = dependency;
      if (isSatisfied(node, position)) continue;
      if (!dependency.isRanked) {
        // It may be an orphan that this walk would have found; on the path of another it needs none.
        this.#orphans.add(dependency);
      } else if (block !== undefined && block.walk === undefined && isMoreUrgent(walk, block)) {
        this.#scatterBlock(block);
      }
    }
  }

  /** Makes every orphan a root. Must be called before ranks are relied upon. O(orphans · log walks, and their dependents). */
  settle(): void {
    if (this.#torn.size === 0 && this.#rootless.length === 0 && this.#orphans.size === 0) return;
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
    this.#torn = new Map();
    for (const [block, withdrawn] of torn) {
      const heir = soleDemand(block, withdrawn);
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

  /** Has the most urgent task that demands `node` walked again, unless that will happen anyway. */
  #demandAnew(node: RankedNode): void {
    const demander = mostUrgentDemander(node);
    if (demander === undefined) return;
    const open = walkAt(demander);
    if (open !== undefined) {
      // If the walk has lost its root, it has lost it to a walk that will come here.
      if (open.isUnderWay) this.#beginAnew(open);
      return;
    }
    const { block } = demander;
    const root = block === undefined ? demander : block.sink;
    if (root === undefined || !root.isRanked) return;
    const walk = this.#roots.walkFrom(root);
    if (block === undefined) {
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

/** The unfinished walk that has reached the task. */
function walkAt(node: RankedNode): TaskWalk | undefined {
  return node.path?.walk ?? node.block?.walk;
}

/** Ranks a block that a walk is to find again behind everything else until that walk reaches it. */
function rankLast(block: TaskBlock, walk: TaskWalk): void {
  block.walk = walk;
  block.wholeBelow = Number.NEGATIVE_INFINITY;
  block.cleanBelow = Math.min(block.cleanBelow, block.nextPlace);
  block.rankAs(Number.NEGATIVE_INFINITY, block.seq);
}

/**
 * If the only withdrawn task of a whole block was its sink, which demanded a single task, and no other block depends on the
 * block's tasks, the rest is exactly what that task demands, in order: it stays together with that task as its sink.
 */
function soleDemand(block: TaskBlock, withdrawn: readonly RankedNode[]): RankedNode | undefined {
  const { sink } = block;
  if (sink === undefined || withdrawn.some((node) => node !== sink)) return undefined;
  // Earlier losses of the block do not matter: none of them comes back in the epoch that begins with the withdrawal.
  if (block.isShared || block.wholeBelow !== Number.POSITIVE_INFINITY) return undefined;
  let demand: RankedNode | undefined;
  for (const [position, dependency] of sink.dependencies.entries()) {
    if (dependency.isStarted || isSatisfied(sink, position)) continue;
    if (demand !== undefined) return undefined;
    demand = dependency;
  }
  // A less urgent sink would pull down tasks that are more urgent by themselves.
  if (demand === undefined || demand.priority < block.priority) return undefined;
  return demand === block.tail ? demand : undefined;
}

function mostUrgentDemander(node: RankedNode): RankedNode | undefined {
  let best: RankedNode | undefined;
  forEachDependent(node, (dependent) => {
    if (dependent.isOut || (!dependent.isRanked && dependent.path === undefined)) return;
    // Walks that passed this task, whose rank is about to change, would find something else now.
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
