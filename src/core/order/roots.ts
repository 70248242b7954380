/**
 * The tasks from which walks are still to be made or gone on with, the most urgent first. New tasks of one priority come in
 * the order of their age and stand on a stack; all others, and walks that were left, stand in a heap.
 *
 * Entries that have become needless, as something else has come to the task or it has settled, are not looked for when that
 * happens: they go when they come to the top, or, as those of little urgency may never do, when there are too many of them.
 */
import { isSatisfied } from './graph-node.js';
import { retain } from '../retain.js';
import { IndexedHeap } from './indexed-heap.js';
import { isMoreUrgent } from './lane.js';
import type { RankedNode, TaskWalk } from './ranked-node.js';
import { Walk } from './walk.js';

/** As few entries are never looked through for those that are needless. */
const FEW = 64;

/**
 * Roots by urgency. Bounds: memory O(unsettled tasks, and what was withdrawn while such a task kept it as a dependent), not
 * counting 64 entries; every operation is O(log walks), amortised.
 *
 * @internal
 */
export class Roots {
  readonly #fresh: RankedNode[] = [];
  /** How many entries there may be before they are looked through. */
  #limit = FEW;
  /** How many have settled since entries were last looked through. */
  #settledSince = 0;
  readonly #walks = new IndexedHeap<TaskWalk>(isMoreUrgent);
  #lastLineage = 0;

  /** The number of entries, needless ones included. */
  get size(): number {
    return this.#fresh.length + this.#walks.size;
  }

  /** Takes a task that is newer than all others. */
  add(node: RankedNode): void {
    const last = this.#fresh[this.#fresh.length - 1];
    if (last !== undefined && last.priority !== node.priority) {
      this.keep(this.walkFrom(node));
      return;
    }
    this.#fresh.push(node);
    this.#bound();
  }

  /** A walk that has not begun. */
  walkFrom(root: RankedNode): TaskWalk {
    this.#lastLineage += 1;
    return new Walk(root, this.#lastLineage);
  }

  /** The walk is to be begun, or gone on with, when its turn comes. */
  keep(walk: TaskWalk): void {
    this.#walks.push(walk);
    this.#bound();
  }

  drop(walk: TaskWalk): void {
    if (walk.heapIndex >= 0) this.#walks.remove(walk);
  }

  /** The most urgent: a new task that needs a walk, or a walk that was kept. */
  next(): RankedNode | TaskWalk | undefined {
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
    if (this.#settledSince > FEW && this.#settledSince * 2 > this.size) this.#compact();
  }

  #nextFresh(): RankedNode | undefined {
    for (let last = this.#fresh.length - 1; last >= 0; last -= 1) {
      const node = this.#fresh[last];
      if (node !== undefined && needsWalk(node)) return node;
      this.#fresh.pop();
    }
    return undefined;
  }

  #bound(): void {
    if (this.size > this.#limit) this.#compact();
  }

  /** Takes out what is needless. O(size, and what withdrawn roots depend on). */
  #compact(): void {
    retain(this.#fresh, needsWalk);
    const untouched = new Set<RankedNode>();
    this.#walks.retain((walk) => {
      if (!isUntouched(walk)) return true;
      const { root } = walk;
      // Of walks that are alike in all one is enough.
      const isNeeded = !untouched.has(root) && (needsWalk(root) || hasDemands(root));
      if (isNeeded) untouched.add(root);
      return isNeeded;
    });
    this.#limit = Math.max(FEW, 2 * this.size);
    this.#settledSince = 0;
  }
}

/** A task that has a rank, or a place on a path, was demanded by something more urgent. @internal */
export function needsWalk(node: RankedNode): boolean {
  return !node.isRanked && !node.isSettled && !node.isStarted && node.path === undefined;
}

/** Nothing hangs on the walk: it stands nowhere, and nothing that it or an earlier one has found is left in its hands. */
function isUntouched({ deepest, block, remains }: TaskWalk): boolean {
  return deepest === undefined && isEmpty(block) && isEmpty(remains);
}

function isEmpty(block: TaskWalk['block']): boolean {
  return block === undefined || block.size === 0;
}

/** Whether a withdrawn root still has demands to give back, which happens when its walk would begin. */
function hasDemands(root: RankedNode): boolean {
  if (!root.isSettled || root.dependencies === undefined) return false;
  return root.dependencies.some((_, position) => !isSatisfied(root, position));
}
