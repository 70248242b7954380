/**
 * The tasks at which walks are still to begin or to continue, the most urgent first. New tasks of one priority arrive in the
 * order of their age and are kept on a stack; all others, and walks that were left, are kept in a heap.
 *
 * An entry becomes needless when another walk has reached the task, or the task has settled. It is not searched for then: it is
 * dropped when it comes to the top or, since entries of little urgency may never do so, when there are too many entries.
 *
 * Invariant: every unsettled task without a rank, a path or an attempt has an entry, or waits in `Orphans` to get one.
 */
import { isSatisfied } from './graph-node.js';
import { retain } from '../retain.js';
import { IndexedHeap } from './indexed-heap.js';
import { isMoreUrgent } from './lane.js';
import type { RankedNode, TaskWalk } from './ranked-node.js';
import { Walk } from './walk.js';

/** Up to this many entries are never searched for needless ones. */
const FEW = 64;

/**
 * Roots by urgency. Bounds: memory O(unsettled tasks, and withdrawn dependents of them), not counting 64 entries; every
 * operation is O(log walks), amortised.
 *
 * @internal
 */
export class Roots {
  readonly #fresh: RankedNode[] = [];
  /** The number of entries above which the needless ones are dropped. */
  #limit = FEW;
  /** The number of tasks settled since needless entries were last dropped. */
  #settledSince = 0;
  readonly #walks = new IndexedHeap<TaskWalk>(isMoreUrgent);
  #lastLineage = 0;

  /** The number of entries, needless ones included. */
  get size(): number {
    return this.#fresh.length + this.#walks.size;
  }

  /** Adds a task that is newer than all others. */
  add(node: RankedNode): void {
    const last = this.#fresh[this.#fresh.length - 1];
    if (last !== undefined && last.priority !== node.priority) {
      this.keep(this.walkFrom(node));
      return;
    }
    this.#fresh.push(node);
    this.#bound();
  }

  /** Creates a walk that has not begun. */
  walkFrom(root: RankedNode): TaskWalk {
    this.#lastLineage += 1;
    return new Walk(root, this.#lastLineage);
  }

  /** Keeps the walk until its turn comes to begin or to continue. */
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

  /** Removes the most urgent new task. */
  shift(): void {
    this.#fresh.pop();
  }

  /** Hears that a task has settled, so its entry is needless. */
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

  /** Drops needless entries. O(size, and the dependencies of withdrawn roots). */
  #compact(): void {
    retain(this.#fresh, needsWalk);
    const untouched = new Set<RankedNode>();
    this.#walks.retain((walk) => {
      if (!isUntouched(walk)) return true;
      const { root } = walk;
      // Of several untouched walks from one root, one is enough.
      const isNeeded = !untouched.has(root) && (needsWalk(root) || hasDemands(root));
      if (isNeeded) untouched.add(root);
      return isNeeded;
    });
    this.#limit = Math.max(FEW, 2 * this.size);
    this.#settledSince = 0;
  }
}

/** Whether no walk has reached the task: one with a rank, or on a path, is demanded by a more urgent task. @internal */
export function needsWalk(node: RankedNode): boolean {
  return !node.isRanked && !node.isOut && !node.isStarted && node.path === undefined;
}

/** Whether dropping the walk loses nothing: it is at no task, and holds none found by it or by an earlier walk. */
function isUntouched({ deepest, block, remains }: TaskWalk): boolean {
  return deepest === undefined && isEmpty(block) && isEmpty(remains);
}

function isEmpty(block: TaskWalk['block']): boolean {
  return block === undefined || block.size === 0;
}

/** Whether a withdrawn root still has demands to give up, which happens when its walk would begin. */
function hasDemands(root: RankedNode): boolean {
  if (!root.isOut) return false;
  return root.dependencies.some((_, position) => !isSatisfied(root, position));
}
