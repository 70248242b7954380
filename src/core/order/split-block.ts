/** Splits and joins blocks. Of the two parts, the smaller is moved. */
import { isShorter } from './is-shorter.js';
import { Block, type Loss, MOST_LOST, NO_LINEAGE } from './block.js';
import type { RankedNode, TaskBlock } from './ranked-node.js';

/** Moves all tasks of a smaller block to the front of another. Returns their number. @internal */
export function putInFront(block: TaskBlock, smaller: TaskBlock): number {
  const nodes = smaller.inOrder();
  for (const node of nodes.reverse()) {
    smaller.detach(node);
    block.prepend(node);
  }
  const isClean = smaller.cleanBelow === Number.POSITIVE_INFINITY && block.lineage !== smaller.lineage;
  if (!isClean) block.cleanBelow = Number.NEGATIVE_INFINITY;
  block.lineage = smaller.lineage;
  block.isShared ||= smaller.isShared;
  return nodes.length;
}

/** Moves all tasks of a smaller block to the end of another. Returns their number. @internal */
export function putBehind(block: TaskBlock, smaller: TaskBlock): number {
  const nodes = smaller.inOrder();
  for (const node of nodes) {
    smaller.detach(node);
    node.lineage = NO_LINEAGE;
    block.append(node);
  }
  block.isShared ||= smaller.isShared;
  return nodes.length;
}

/**
 * Splits a block behind `node`, up to which it must be whole, for a walk of that priority. The rest keeps the sink and the walk
 * of the block, and may take the front back if that is at most `MOST_LOST` tasks. O(smaller part · log ready tasks).
 *
 * @internal
 */
export function partBehind(
  block: TaskBlock,
  node: RankedNode,
  priority: number,
  epoch: number,
): { readonly front: TaskBlock; readonly rest: TaskBlock } {
  const other: TaskBlock = new Block(block, block.lineage);
  const isFront = !isShorter(node.behind, node);
  const losses: Loss<RankedNode>[] = [];
  for (let next = isFront ? block.head : node.behind; next !== undefined; next = isFront ? block.head : node.behind) {
    if (isFront) losses.push({ node: next, place: next.place });
    block.detach(next);
    other.append(next);
    if (next === node) break;
  }
  const [front, rest] = isFront ? [other, block] : [block, other];
  const canComeBack =
    block.wholeBelow === Number.POSITIVE_INFINITY && block.lost === undefined && front.size <= MOST_LOST;
  if (canComeBack && !isFront) {
    rest.skipInFront(front.size);
    for (const [index, lost] of front.inOrder().entries()) losses.push({ node: lost, place: index - front.size });
  }
  rest.sink = block.sink;
  rest.walk = block.walk;
  rest.wholeBelow = canComeBack ? Number.POSITIVE_INFINITY : lowest(block, priority);
  rest.lost = canComeBack ? losses : undefined;
  rest.lostIn = epoch;
  rest.cleanBelow = Number.NEGATIVE_INFINITY;
  rest.isShared = true;
  front.sink = undefined;
  front.walk = undefined;
  front.lost = undefined;
  front.wholeBelow = Number.POSITIVE_INFINITY;
  front.cleanBelow = Number.POSITIVE_INFINITY;
  front.isShared = true;
  return { front, rest };
}

/** The rest may have new places, so a task lost before the split cannot return to its place. */
function lowest(block: TaskBlock, priority: number): number {
  return block.lost === undefined ? Math.min(block.wholeBelow, priority) : Number.NEGATIVE_INFINITY;
}
