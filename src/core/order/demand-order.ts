/**
 * Demand order: which ready task comes first. The rule (test/vectors/README.md): walk all tasks from the most urgent,
 * then newest, to the oldest; a task that is not ready demands its dependencies in their order, depth first.
 *
 * The order is never computed as a whole. Every task that no more urgent one demands is the root of a walk over its own
 * demands. Walks begin when a selection needs them, the most urgent first; a walk is left as soon as it has found a
 * ready task, and is continued when that was not enough. A walk that reaches a less urgent walk's block or path takes over
 * the part it would have found itself (`Takeover`).
 *
 * Invariant: a task that `isCertain` stands, by (block, place), where the rule puts it among all ready tasks.
 */
import { elementAt } from '../element-at.js';
import { isSatisfied } from './graph-node.js';
import { isMoreUrgent, Lane, type LaneGate, type LaneListener, type Rank } from './lane.js';
import { Orphans } from './orphans.js';
import type { OrderCounts } from './order-counts.js';
import type { RankedNode, TaskWalk } from './ranked-node.js';
import type { Demand } from './resource-ledger.js';
import { needsWalk, Roots } from './roots.js';
import type { Candidates } from './start-order.js';
import { Takeover } from './takeover.js';
import type { TaskOrder } from './task-order.js';
import type { Urgencies } from './urgencies.js';
import { Walk } from './walk.js';

/** The order of one scheduler's tasks. Bounds: memory O(unsettled tasks); for time see docs/demand-order.md. @internal */
export class DemandOrder implements TaskOrder {
  readonly name = 'newest';
  readonly counts: OrderCounts = { visits: 0, relabels: 0, reranks: 0 };
  /** Kept for queues that ask it; undefined as long as there is none. */
  urgencies: Urgencies | undefined = undefined;
  readonly #roots = new Roots();
  readonly #orphans = new Orphans(this.#roots, this.counts);
  readonly #takeover = new Takeover(this.#roots, this.#orphans, this.counts);

  /** Takes a newly submitted task. Its rank is found when a selection needs it. */
  add(node: RankedNode): void {
    this.#roots.add(node);
    this.urgencies?.added(node);
  }

  /** The task's dependencies are satisfied, or it is to be attempted again. */
  ready(node: RankedNode): void {
    node.isReady = true;
    node.lane.becameReady(node);
    if (node.isStarted) {
      node.isStarted = false;
      this.urgencies?.returned(node);
      // Walks have passed it over in the meantime.
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

  /** The task is done. All its dependencies have settled, so no other rank changes. */
  done(node: RankedNode): void {
    if (node.block !== undefined) node.block.detach(node);
    this.#settled(node);
  }

  /** The task was cancelled or failed, and gives up its demand. Its dependents must be withdrawn too. */
  withdraw(node: RankedNode): void {
    this.#orphans.withdrawn(node);
    if (node.isReady) notReady(node);
    this.urgencies?.withdrawn(node);
    this.#settled(node);
  }

  /** The task, which was withdrawn without having settled, counts again. */
  comesBack(node: RankedNode): void {
    this.urgencies?.added(node);
    if (node.waiting === 0) {
      node.isReady = true;
      node.lane.becameReady(node);
    }
    this.#orphans.add(node);
  }

  /** It does not go by durations. */
  learned(): void {}

  #settled(node: RankedNode): void {
    this.urgencies?.settled(node);
    this.#orphans.settled(node);
    this.#roots.settled();
  }

  /**
   * The first of the candidates in demand order. Ranks tasks until that is certain. O(edges that have to be visited).
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

  /** The priority that a ranked task inherits from its block's sink. */
  priorityOf(node: RankedNode): number {
    return (node.block ?? node).priority;
  }

  laneFor(demand: Demand, listener: LaneListener<RankedNode>, gate?: LaneGate): Lane<RankedNode> {
    return new Lane(demand, listener, gate);
  }

  /** Continues the most urgent walk until it has found a ready task or ended. */
  #advance(next: RankedNode | TaskWalk): void {
    if (next instanceof Walk) {
      if (!next.isUnderWay) this.#begin(next);
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

  /** Begins a walk whose root once had a rank, or ends it if another walk has taken the root. */
  #begin(walk: TaskWalk): void {
    const { root } = walk;
    const isUntouched = walk.deepest === undefined && walk.block === undefined;
    if (isUntouched && needsWalk(root)) walk.enter(root);
    else this.#orphans.scatter(walk);
  }

  /** Continues the walk; returns whether it has ended. Iterative, because chains may be millions of tasks long. */
  #goOn(walk: TaskWalk): boolean {
    for (let node = walk.deepest; node !== undefined; node = walk.deepest) {
      const position = node.place;
      if (node.waiting === 0 || position === node.dependencies.length) {
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

  /** Decides what to do with a demanded task that the walk has reached. */
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
    // Other tasks may have been ranked by their need of this one.
    if (node.isRanked || path !== undefined) walk.isShared = true;
    this.#takeover.takeTask(walk, node);
    walk.enter(node);
  }
}

/** Whether no task still to be found can come before this one; `next` is the most urgent root or walk. */
function isCertain(node: RankedNode, next: RankedNode | TaskWalk): boolean {
  if (isMoreUrgent(node.block ?? node, next)) return true;
  return next instanceof Walk && next.isUnderWay && next.block !== undefined && next.block === node.block;
}

/** Ends a walk that has found everything its root demands. */
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
  node.lane.leftReady(node);
}
