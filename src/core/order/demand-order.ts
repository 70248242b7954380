/**
 * Demand order: which ready task comes first. The rule (test/vectors/README.md): walk all tasks from the most urgent,
 * then newest, to the oldest; a task that is not ready demands its dependencies in their order, depth first.
 *
 * The order is never computed as a whole. Every task that nothing more urgent demands is the root of a walk over what it
 * demands. Walks begin when a selection needs them, the most urgent first; a walk is left as soon as it has found a
 * ready task, and is continued when that was not enough. A walk that reaches a less urgent walk's block or path takes over
 * the part it would have found itself (`Takeover`).
 *
 * Invariant: a task that `isCertain` stands, by (block, place), where the rule puts it among all ready tasks.
 */
import { elementAt } from '../element-at.js';
import { isSatisfied } from './graph-node.js';
import { isMoreUrgent, type Rank } from './lane.js';
import { Orphans } from './orphans.js';
import type { OrderCounts } from './order-counts.js';
import type { RankedNode, TaskWalk } from './ranked-node.js';
import { needsWalk, Roots } from './roots.js';
import { Takeover } from './takeover.js';
import { Walk } from './walk.js';

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
  readonly #takeover = new Takeover(this.#roots, this.#orphans, this.counts);

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
  #advance(next: RankedNode | TaskWalk): void {
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
  #begin(walk: TaskWalk): boolean {
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
  #goOn(walk: TaskWalk): boolean {
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
  #visit(walk: TaskWalk, node: RankedNode): void {
    const { block, path } = node;
    if (node.isRanked) {
      if (block !== undefined && block === walk.block) return;
      const owner: Rank = block ?? node;
      if (isMoreUrgent(owner, walk)) {
        if (block !== undefined) block.isShared = true;
        walk.passOver(owner.priority);
        return;
      }
      if (block !== undefined && this.#takeover.takeBlock(walk, block, node)) return;
    } else if (path !== undefined && this.#takeover.takePath(walk, path.walk, node)) {
      return;
    }
    // Others may have been ranked by what they need of this task.
    if (node.isRanked || path !== undefined) walk.isShared = true;
    this.#takeover.takeTask(walk, node);
    walk.enter(node);
  }
}

/** Whether nothing that walks will find can come before the task; `next` is the most urgent of them. */
function isCertain(node: RankedNode, next: RankedNode | TaskWalk): boolean {
  if (isMoreUrgent(node.block ?? node, next)) return true;
  return next instanceof Walk && next.isUnderWay && next.block !== undefined && next.block === node.block;
}

/** All that the root demands has been found. */
function end(walk: TaskWalk): void {
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
