/**
 * Demand order: which ready task comes first. The rule (test/vectors/README.md): walk all tasks from the most urgent,
 * then newest, to the oldest; a task that is not ready demands its dependencies in their order, depth first.
 *
 * The order is never recomputed as a whole. New tasks are ranked together when a selection needs them (`refresh`), each
 * by a walk over what it demands; a walk takes over a block of which it demands the sink as a whole, in time proportional
 * to the smaller of the two. Ready tasks wait in the heaps of their lanes. Settling a task costs O(1), starting one
 * O(log n). A withdrawn task (cancelled or failed) gives its demand back: what its block still holds is ranked anew.
 *
 * Invariant after `refresh`: every unsettled task is ranked, and comparing any two by (block, place) gives the rule's order.
 */
import { elementAt } from './element-at.js';
import { forEachDependent, isSatisfied } from './graph-node.js';
import { Block, type RankedNode } from './ranking.js';

/** Counted work, for tests that bound it: counts do not depend on the machine. @internal */
export interface OrderCounts {
  /** Edges looked at by walks. */
  visits: number;
  /** Tasks given a new place because their block was joined to another. */
  relabels: number;
  /** Tasks ranked anew because a task that demanded them was withdrawn. */
  reranks: number;
}

/** The order of one scheduler's tasks. Bounds: memory O(unsettled tasks); see the head of this file for time. @internal */
export class DemandOrder {
  readonly counts: OrderCounts = { visits: 0, relabels: 0, reranks: 0 };
  #fresh: RankedNode[] = [];
  #freshWithdrawn = 0;
  #freshIsUniform = true;
  #dissolving: Block[] = [];
  readonly #path: RankedNode[] = [];
  readonly #positions: number[] = [];

  /** Takes a newly submitted task. Its rank is found at the next `refresh`. */
  add(node: RankedNode): void {
    const first = this.#fresh[0];
    if (first !== undefined && first.priority !== node.priority) this.#freshIsUniform = false;
    this.#fresh.push(node);
  }

  /** The task's dependencies are satisfied (or its attempt is to be made anew): it waits in its lane from now on. */
  ready(node: RankedNode): void {
    node.isReady = true;
    node.isStarted = false;
    node.lane.countReady(1);
    if (node.isRanked) node.lane.insert(node);
  }

  /** The task has been granted a start and leaves its lane; it keeps its place until it settles. */
  started(node: RankedNode): void {
    node.isStarted = true;
    node.lane.remove(node);
    this.#notReady(node);
  }

  /** The task is done. All it depended on is settled, so nothing else changes its rank. */
  done(node: RankedNode): void {
    if (node.block !== undefined) node.block.detach(node);
  }

  /** The task settled otherwise (cancelled, failed): it gives its demand back. Its dependents must be withdrawn too. */
  withdraw(node: RankedNode): void {
    const wasReady = node.isReady;
    if (!node.isRanked) {
      if (wasReady) this.#notReady(node);
      this.#freshWithdrawn += 1;
      if (this.#freshWithdrawn > 64 && this.#freshWithdrawn * 2 > this.#fresh.length) this.#compact();
      return;
    }
    const block = node.block;
    if (block === undefined) {
      if (wasReady) node.lane.remove(node);
    } else {
      block.detach(node);
      if (node.waiting > 0) {
        if (block.withdrawn === undefined) {
          block.withdrawn = [node];
          this.#dissolving.push(block);
        } else {
          block.withdrawn.push(node);
        }
      }
    }
    if (wasReady) this.#notReady(node);
  }

  /** Ranks what came or lost its rank since the last call. O(edges that the new ranks need to look at). */
  refresh(): void {
    let roots = this.#fresh;
    if (this.#dissolving.length > 0) {
      roots = roots.concat(this.#dissolve());
      roots.sort(mostUrgentLast);
    } else if (!this.#freshIsUniform) {
      roots.sort(mostUrgentLast);
    }
    for (let index = roots.length - 1; index >= 0; index -= 1) {
      const root = elementAt(roots, index);
      if (!root.isRanked && !root.isSettled && !root.isStarted) this.#walk(root);
    }
    if (this.#fresh.length > 0) this.#fresh = [];
    this.#freshWithdrawn = 0;
    this.#freshIsUniform = true;
  }

  /** Whether ready task `a` comes before ready task `b`. Both must be ranked. */
  isBefore(a: RankedNode, b: RankedNode): boolean {
    if (a.block !== undefined && a.block === b.block) return a.place < b.place;
    const x = a.block ?? a;
    const y = b.block ?? b;
    return isMoreUrgent(x.priority, x.seq, y);
  }

  #notReady(node: RankedNode): void {
    node.isReady = false;
    node.lane.countReady(-1);
  }

  #compact(): void {
    this.#fresh = this.#fresh.filter((node) => !node.isSettled);
    this.#freshWithdrawn = 0;
  }

  /** Ranks `root` and all it demands that no more urgent root has. Iterative: chains may be millions of tasks long. */
  #walk(root: RankedNode): void {
    const { priority, seq } = root;
    const path = this.#path;
    const positions = this.#positions;
    let block: Block | undefined;
    let wholeBelow = Number.POSITIVE_INFINITY;
    path.push(root);
    positions.push(0);
    while (path.length > 0) {
      const node = elementAt(path, path.length - 1);
      const position = elementAt(positions, positions.length - 1);
      if (node.waiting === 0 || position === node.dependencies?.length) {
        path.pop();
        positions.pop();
        if (node === root) break;
        block ??= new Block(priority, seq);
        claim(node, block);
        continue;
      }
      positions[positions.length - 1] = position + 1;
      this.counts.visits += 1;
      if (isSatisfied(node, position)) continue;
      const dependency = elementAt(node.dependencies, position);
      if (dependency.isStarted) continue;
      if (dependency.isRanked) {
        const owner = dependency.block;
        if (owner !== undefined && owner === block) continue;
        const ranked = owner ?? dependency;
        if (isMoreUrgent(ranked.priority, ranked.seq, root)) {
          wholeBelow = Math.min(wholeBelow, ranked.priority);
          if (owner !== undefined) owner.isShared = true;
          continue;
        }
        if (owner !== undefined && owner.sink === dependency && owner.wholeBelow > priority) {
          block = this.#join(block, owner, priority, seq);
          continue;
        }
      }
      path.push(dependency);
      positions.push(0);
    }
    if (block === undefined) {
      root.isRanked = true;
      if (root.isReady) root.lane.insert(root);
      return;
    }
    block.append(root);
    block.sink = root;
    block.wholeBelow = Math.min(block.wholeBelow, wholeBelow);
  }

  /** Puts `taken` behind what `block` has so far, moving the smaller of the two. Returns the block that has both. */
  #join(block: Block | undefined, taken: Block, priority: number, seq: number): Block {
    taken.sink = undefined;
    this.#retake(taken, block, priority, seq);
    if (block === undefined) {
      taken.rankAs(priority, seq);
      return taken;
    }
    const wholeBelow = Math.min(block.wholeBelow, taken.wholeBelow);
    const isShared = block.isShared || taken.isShared;
    const larger = taken.size > block.size ? taken : block;
    if (larger === taken) {
      taken.rankAs(priority, seq);
      for (const node of block.inOrder().reverse()) {
        block.detach(node);
        taken.prepend(node);
        this.counts.relabels += 1;
      }
    } else {
      for (const node of taken.inOrder()) {
        taken.detach(node);
        block.append(node);
        this.counts.relabels += 1;
      }
    }
    larger.wholeBelow = wholeBelow;
    larger.isShared = isShared;
    return larger;
  }

  /** Takes back what less urgent blocks have of those tasks that were taken out of `taken` since it was walked. */
  #retake(taken: Block, block: Block | undefined, priority: number, seq: number): void {
    const { lost } = taken;
    taken.lost = undefined;
    for (const { node, place } of lost ?? []) {
      this.counts.visits += 1;
      const owner = node.block;
      if (node.isSettled || node.isStarted || owner === taken || (owner !== undefined && owner === block)) continue;
      const ranked = owner ?? node;
      if (node.isRanked && isMoreUrgent(ranked.priority, ranked.seq, { priority, seq })) {
        taken.wholeBelow = Math.min(taken.wholeBelow, ranked.priority);
        if (owner !== undefined) owner.isShared = true;
        continue;
      }
      leave(node, priority);
      taken.restore(node, place);
    }
  }

  /** Takes apart the blocks that lost a task by withdrawal; returns the roots from which their tasks get a rank again. */
  #dissolve(): RankedNode[] {
    const roots: RankedNode[] = [];
    const detached: RankedNode[] = [];
    for (const block of this.#dissolving) {
      const heir = soleDemand(block);
      block.withdrawn = undefined;
      block.sink = undefined;
      if (heir !== undefined) {
        block.sink = heir;
        block.rankAs(heir.priority, heir.seq);
        detached.push(heir);
        continue;
      }
      for (let node = block.tail; node !== undefined; node = block.tail) {
        block.detach(node);
        detached.push(node);
        roots.push(node);
        this.counts.reranks += 1;
      }
    }
    this.#dissolving = [];
    for (const node of detached) {
      if (node.isStarted) continue;
      const demander = mostUrgentDemander(node);
      if (demander === undefined) continue;
      const root = demander.block === undefined ? demander : demander.block.sink;
      if (root === undefined || !root.isRanked) continue;
      unrank(root);
      roots.push(root);
    }
    return roots;
  }
}

function claim(node: RankedNode, block: Block): void {
  // Others may have been ranked behind it by what they need of this task.
  if (node.isRanked) block.isShared = true;
  leave(node, block.priority);
  block.append(node);
}

/** Takes the task out of where it is ranked, for a root of `priority`; a block that it leaves may want it back. */
function leave(node: RankedNode, priority: number): void {
  const former = node.block;
  if (former === undefined) {
    if (node.heapIndex >= 0) node.lane.remove(node);
    return;
  }
  const { place } = node;
  former.detach(node);
  former.lose(node, place, priority);
}

function unrank(root: RankedNode): void {
  const block = root.block;
  if (block !== undefined) {
    block.detach(root);
    block.sink = undefined;
    block.wholeBelow = Number.NEGATIVE_INFINITY;
    return;
  }
  if (root.heapIndex >= 0) root.lane.remove(root);
  root.isRanked = false;
}

/**
 * Where the only withdrawn task of a whole block was its sink and demanded a single task, and nothing else looks into the
 * block, the rest is just what that task demands, in the right order: it can stay together with that task as its sink.
 */
function soleDemand(block: Block): RankedNode | undefined {
  const sink = block.withdrawn?.[0];
  if (sink === undefined || block.withdrawn?.length !== 1 || sink !== block.sink) return undefined;
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
    if (dependent.isSettled || !dependent.isRanked) return;
    // Its block was walked past this task, which is about to get another rank.
    if (dependent.block !== undefined) dependent.block.wholeBelow = Number.NEGATIVE_INFINITY;
    if (best === undefined || isMoreUrgentNode(dependent, best)) best = dependent;
  });
  return best;
}

function isMoreUrgentNode(a: RankedNode, b: RankedNode): boolean {
  const rank = a.block ?? a;
  return isMoreUrgent(rank.priority, rank.seq, b.block ?? b);
}

function isMoreUrgent(
  priority: number,
  seq: number,
  than: { readonly priority: number; readonly seq: number },
): boolean {
  return priority === than.priority ? seq > than.seq : priority > than.priority;
}

function mostUrgentLast(a: RankedNode, b: RankedNode): number {
  return a.priority === b.priority ? a.seq - b.seq : a.priority - b.priority;
}
