/** How blocks are parted and put together: each time the smaller of two parts is moved. */
import { isShorter } from './is-shorter.js';
import { Block, type Loss, MOST_LOST, NO_LINEAGE } from './block.js';
import type { RankedNode, TaskBlock } from './ranked-node.js';

/** Puts all tasks of a smaller block in front of another's. Returns how many they were. @internal */
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

/** Puts all tasks of a smaller block behind another's. Returns how many they were. @internal */
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
 * Parts a block behind `node`, up to which it must be whole, for a walk of that priority. What is behind keeps all that
 * concerned the block as a whole, and may take back what is in front while it is not too much. O(smaller part · log ready tasks).
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

/** Places may be new ones, so that what was lost before cannot come back to its own. */
function lowest(block: TaskBlock, priority: number): number {
  return block.lost === undefined ? Math.min(block.wholeBelow, priority) : Number.NEGATIVE_INFINITY;
}
