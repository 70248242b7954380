/**
 * The tasks from which walks are still to be made or gone on with, the most urgent first. New tasks of one priority come in
 * the order of their age and stand on a stack; all others, and walks that were left, stand in a heap.
 */
import { IndexedHeap } from './indexed-heap.js';
import { isMoreUrgent } from './lane.js';
import { type RankedNode, Walk } from './ranking.js';

/** As few new tasks are never looked through for those that need no walk any more. */
const FEW = 64;

/** Roots by urgency. Bounds: memory O(unsettled tasks); every operation O(log walks), amortised. @internal */
export class Roots {
  #fresh: RankedNode[] = [];
  #freshLimit = FEW;
  #settledSince = 0;
  readonly #walks = new IndexedHeap<Walk>(isMoreUrgent);
  #lastLineage = 0;

  /** Takes a task that is newer than all others. */
  add(node: RankedNode): void {
    const last = this.#fresh[this.#fresh.length - 1];
    if (last !== undefined && last.priority !== node.priority) {
      this.keep(this.walkFrom(node));
      return;
    }
    this.#fresh.push(node);
    if (this.#fresh.length > this.#freshLimit) this.#compact();
  }

  /** A walk that has not begun. */
  walkFrom(root: RankedNode): Walk {
    this.#lastLineage += 1;
    return new Walk(root, this.#lastLineage);
  }

  /** The walk is to be begun, or gone on with, when its turn comes. */
  keep(walk: Walk): void {
    this.#walks.push(walk);
  }

  drop(walk: Walk): void {
    if (walk.heapIndex >= 0) this.#walks.remove(walk);
  }

  /** The most urgent: a new task that needs a walk, or a walk that was kept. */
  next(): RankedNode | Walk | undefined {
    const fresh = this.#nextFresh();
    const walk = this.#walks.peek();
    if (fresh === undefined || walk === undefined) return fresh ?? walk;
    return isMoreUrgent(fresh, walk) ? fresh : walk;
  }

  /** Takes out the most urgent new task. */
  shift(): void {
    this.#fresh.pop();
  }

  /** A task has settled: it need not be remembered here. */
  settled(): void {
    this.#settledSince += 1;
    if (this.#settledSince > FEW && this.#settledSince * 2 > this.#fresh.length) this.#compact();
  }

  #nextFresh(): RankedNode | undefined {
    for (let last = this.#fresh.length - 1; last >= 0; last -= 1) {
      const node = this.#fresh[last];
      if (node !== undefined && needsWalk(node)) return node;
      this.#fresh.pop();
    }
    return undefined;
  }

  #compact(): void {
    this.#fresh = this.#fresh.filter(needsWalk);
    this.#freshLimit = Math.max(FEW, 2 * this.#fresh.length);
    this.#settledSince = 0;
  }
}

/** A task that has a rank, or a place on a path, was demanded by something more urgent. @internal */
export function needsWalk(node: RankedNode): boolean {
  return !node.isRanked && !node.isSettled && !node.isStarted && node.path === undefined;
}
