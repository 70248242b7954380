/**
 * The urgency of tasks: the highest priority among a task and the unsettled tasks that wait for it, directly or not. Demand order
 * finds it by its walks; queues with `order: 'fifo'` are not walked and ask here.
 *
 * A rise is passed on at once. A fall is noted and worked out at the next `settle`, so that many withdrawals cost one look.
 *
 * Invariant: after `settle`, a task stands in `#raised` exactly if its urgency exceeds its own priority.
 */
import { forEachDependent, isSatisfied } from './graph-node.js';
import { type HeapItem, IndexedHeap } from './indexed-heap.js';
import type { RankedNode } from './ranked-node.js';

/** A task whose urgency may have fallen. */
interface Doubt extends HeapItem {
  readonly node: RankedNode;
}

/**
 * The urgencies of one scheduler's tasks. Bounds: memory O(tasks more urgent than their own priority). Adding a task is O(its
 * dependencies), and the edges above those that it makes more urgent; `settle` is O(the edges of the tasks in doubt).
 *
 * @internal
 */
export class Urgencies {
  readonly #raised = new Map<RankedNode, number>();
  readonly #doubted = new Set<RankedNode>();
  /** Dependents before their dependencies, so that each task is looked at once. */
  readonly #doubts = new IndexedHeap<Doubt>((a, b) => a.node.seq > b.node.seq);

  /** The urgency of an unsettled task. */
  of(node: RankedNode): number {
    return this.#raised.get(node) ?? node.priority;
  }

  /** Takes a task whose edges are connected. */
  added(node: RankedNode): void {
    const left = [node];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const urgency = this.of(next);
      forEachNeed(next, (dependency) => {
        if (this.of(dependency) >= urgency) return;
        this.#set(dependency, urgency);
        left.push(dependency);
      });
    }
  }

  /** The task is to be attempted again; tasks that waited for a partial result may have received it meanwhile. */
  returned(node: RankedNode): void {
    if (this.#raised.has(node)) this.#doubt(node);
  }

  /** The task has been cancelled or has failed: it makes nothing urgent any more. */
  withdrawn(node: RankedNode): void {
    const urgency = this.of(node);
    this.settled(node);
    this.#doubtNeeds(node, urgency);
  }

  settled(node: RankedNode): void {
    this.#raised.delete(node);
  }

  /** Works out what has fallen. Must be called before urgencies are relied upon. */
  settle(): void {
    for (let doubt = this.#doubts.peek(); doubt !== undefined; doubt = this.#doubts.peek()) {
      const { node } = doubt;
      this.#doubts.remove(doubt);
      this.#doubted.delete(node);
      if (node.isOut) continue;
      const before = this.of(node);
      const now = this.#workOut(node);
      if (now === before) continue;
      this.#set(node, now);
      this.#doubtNeeds(node, before);
    }
  }

  #workOut(node: RankedNode): number {
    let most = node.priority;
    forEachDependent(node, (dependent) => {
      if (!dependent.isOut) most = Math.max(most, this.of(dependent));
    });
    return most;
  }

  #set(node: RankedNode, urgency: number): void {
    if (urgency > node.priority) this.#raised.set(node, urgency);
    else this.#raised.delete(node);
    if (node.isReady) node.lane.reranked(node);
  }

  /** Doubts the urgency of what `node`, which had that urgency, waits for. */
  #doubtNeeds(node: RankedNode, urgency: number): void {
    forEachNeed(node, (dependency) => {
      if (this.#raised.get(dependency) === urgency) this.#doubt(dependency);
    });
  }

  #doubt(node: RankedNode): void {
    if (this.#doubted.has(node)) return;
    this.#doubted.add(node);
    this.#doubts.push({ node, heapIndex: -1 });
  }
}

/** Calls `visit` for every dependency that `node` waits for. */
function forEachNeed(node: RankedNode, visit: (dependency: RankedNode) => void): void {
  if (node.waiting === 0) return;
  for (const [position, dependency] of node.dependencies.entries()) {
    if (!isSatisfied(node, position)) visit(dependency);
  }
}
