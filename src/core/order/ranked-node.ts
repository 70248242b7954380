/**
 * A task of the graph with its rank, if it has one: in a block, or alone. Lane, block and walk each see a part of it.
 *
 * Only the order writes the fields of the rank: `DemandOrder` and what it is made of. The runtime reads.
 *
 * Invariant: a task is on one path, or in one block, or ranked alone, or has no rank yet.
 */
import { type Block, NO_LINEAGE } from './block.js';
import { GraphNode } from './graph-node.js';
import type { Lane } from './lane.js';
import { RANKED, READY, STARTED } from './task-facts.js';
import type { Path, Walk, WalkNode } from './walk.js';

/** A walk over tasks. @internal */
export type TaskWalk = Walk<RankedNode>;

/** A block of tasks. @internal */
export type TaskBlock = Block<RankedNode, TaskWalk>;

/** A task with its edges and its rank. @internal */
export abstract class RankedNode extends GraphNode implements WalkNode<RankedNode> {
  /** Where the task waits when it is ready: the tasks of its queue with the same demand. */
  readonly lane: Lane<RankedNode>;
  /** Undefined for a task that is ranked alone. */
  block: TaskBlock | undefined = undefined;
  /** The path of the walk that has entered the task and not yet left it; the task has no rank then. */
  path: Path<RankedNode> | undefined = undefined;
  /** In a block: the task's place. On a path: which dependency the walk visits next. */
  place = 0;
  /** The neighbours in the block, or on the path (`before` is towards the sink). */
  before: RankedNode | undefined = undefined;
  behind: RankedNode | undefined = undefined;
  lineage = NO_LINEAGE;
  heapIndex = -1;

  constructor(seq: number, priority: number, lane: Lane<RankedNode>) {
    super(seq, priority);
    this.lane = lane;
  }

  get isReady(): boolean {
    return this.is(READY);
  }

  set isReady(isSo: boolean) {
    this.note(READY, isSo);
  }

  /** Granted a start; walks pass it over, because its dependencies are satisfied. */
  get isStarted(): boolean {
    return this.is(STARTED);
  }

  set isStarted(isSo: boolean) {
    this.note(STARTED, isSo);
  }

  get isRanked(): boolean {
    return this.is(RANKED);
  }

  set isRanked(isSo: boolean) {
    this.note(RANKED, isSo);
  }
}
