/** A walk: its path, what it has found, and how one goes on from where another stands. */
import { describe, expect, test } from 'vitest';
import { NO_LINEAGE } from '../../src/core/order/block.js';
import { Lane } from '../../src/core/order/lane.js';
import { RankedNode, type TaskWalk } from '../../src/core/order/ranked-node.js';
import { Walk } from '../../src/core/order/walk.js';

class Task extends RankedNode {}

const nothing = (): void => undefined;
const lane = new Lane<RankedNode>([], {
  topChanged: nothing,
  readyChanged: nothing,
  rankedChanged: nothing,
  unused: nothing,
});
const task = (seq: number): Task => new Task(seq, 3, lane);
const EVER = Number.POSITIVE_INFINITY;

describe('a walk', () => {
  test('has the rank of its root, and is under way while that is on its path', () => {
    const root = task(7);
    const walk: TaskWalk = new Walk<RankedNode>(root, 1);
    expect([walk.priority, walk.seq, walk.isUnderWay, walk.isClean]).toEqual([3, 7, false, true]);
    walk.enter(root);
    expect([walk.isUnderWay, root.path === walk.path, root.place]).toEqual([true, true, 0]);
    walk.leave(root);
    expect([walk.isUnderWay, root.path, walk.deepest]).toEqual([false, undefined, undefined]);
  });

  test('can lose any task of its path', () => {
    for (const lost of [0, 1, 2, 3]) {
      const { walk, path } = entered([4, 3, 2, 1]);
      const [node] = path.splice(lost, 1);
      if (node === undefined) throw new Error('there are four');
      walk.leave(node);
      expect(pathOf(walk)).toEqual(path.map(({ seq }) => seq).toReversed());
      expect([node.before, node.behind, node.path]).toEqual([undefined, undefined, undefined]);
      for (const [index, each] of path.entries()) expect(each.behind).toBe(path[index + 1]);
    }
  });

  test('starts with the first dependency of a task, wherever an earlier walk has come there', () => {
    const { walk } = entered([2]);
    const node = task(1);
    node.place = 5;
    walk.enter(node);
    expect(node.place).toBe(0);
  });

  test('gives its lineage to what it enters until it has found or passed over something', () => {
    for (const become of [(walk: TaskWalk) => walk.claim(task(1)), (walk: TaskWalk) => walk.passOver(5)]) {
      const { walk, path } = entered([4, 3]);
      become(walk);
      expect(walk.isClean).toBe(false);
      const later = task(2);
      walk.enter(later);
      expect([...path, later].map(({ lineage }) => lineage)).toEqual([1, 1, NO_LINEAGE]);
    }
  });

  test('puts what it finds into a block of its rank and lineage, in the order of finding', () => {
    const { walk } = entered([9]);
    for (const seq of [2, 1, 3]) walk.claim(task(seq));
    const { block } = walk;
    expect(block?.inOrder().map(({ seq }) => seq)).toEqual([2, 1, 3]);
    expect([block?.priority, block?.seq, block?.lineage, block?.walk === walk]).toEqual([3, 9, 1, true]);
    expect(block?.cleanBelow).toBe(EVER);
  });

  test('knows up to where what it has found is exactly what was demanded, once it has passed something over', () => {
    const { walk } = entered([9]);
    walk.claim(task(1));
    walk.claim(task(2));
    walk.passOver(EVER);
    expect([walk.wholeBelow, walk.block?.cleanBelow]).toEqual([EVER, EVER]);
    walk.passOver(5);
    walk.claim(task(3));
    walk.passOver(7);
    expect([walk.wholeBelow, walk.block?.cleanBelow]).toEqual([5, 2]);
    walk.passOver(4);
    expect([walk.wholeBelow, walk.block?.cleanBelow]).toEqual([4, 2]);
  });

  test('has found nothing that is exactly what was demanded if it passed something over before', () => {
    const { walk } = entered([9]);
    walk.passOver(5);
    walk.claim(task(1));
    expect(walk.block?.cleanBelow).toBe(Number.NEGATIVE_INFINITY);
  });

  test('joins a lineage with the part of its path that bears its own', () => {
    const { walk, path } = entered([5, 4, 3]);
    const [, second] = path;
    if (second === undefined) throw new Error('there are three');
    second.lineage = 8;
    walk.joinLineage(2);
    expect([walk.lineage, path.map(({ lineage }) => lineage)]).toEqual([2, [2, 8, 2]]);
  });
});

describe.each([
  ['the own path is longer', 6, 2, 1],
  ['the other path is longer above', 1, 6, 4],
  ['the other path is longer below', 1, 6, 1],
  ['the root of the other is taken', 2, 3, 0],
  ['all are as long', 2, 4, 2],
])('a walk that goes on from another, where %s,', (_, ownLength, otherLength, at) => {
  test('has the rest of its path behind its own, and the other stands before that', () => {
    const { walk, path } = entered(Array.from({ length: ownLength }, (__, index) => 100 - index));
    const { walk: other, path: others } = entered(Array.from({ length: otherLength }, (__, index) => 50 - index));
    for (const node of others) node.place = 2;
    const node = others[at];
    if (node === undefined) throw new Error('no such task');
    walk.takeOver(node, other);
    const [above, taken] = [others.slice(0, at), others.slice(at)];
    const now = [...path, ...taken];
    expect(pathOf(walk)).toEqual(now.map(({ seq }) => seq).toReversed());
    expect(pathOf(other)).toEqual(above.map(({ seq }) => seq).toReversed());
    for (const [index, each] of now.entries()) expect(each.behind).toBe(now[index + 1]);
    for (const [index, each] of above.entries()) expect(each.behind).toBe(above[index + 1]);
    // The other comes upon the task again.
    expect(above.map(({ place }) => place)).toEqual(above.map((__, index) => (index === at - 1 ? 1 : 2)));
    expect([walk.isUnderWay, other.isUnderWay]).toEqual([true, at > 0]);
  });

  test('changes the shorter part, each task of which leads to its walk', () => {
    const { walk, path } = entered(Array.from({ length: ownLength }, (__, index) => 100 - index));
    const { walk: other, path: others } = entered(Array.from({ length: otherLength }, (__, index) => 50 - index));
    const node = others[at];
    if (node === undefined) throw new Error('no such task');
    const before = new Map([...path, ...others].map((each) => [each, each.path]));
    walk.takeOver(node, other);
    for (const each of [...path, ...others.slice(at)]) expect(each.path?.walk).toBe(walk);
    for (const each of others.slice(0, at)) expect(each.path?.walk).toBe(other);
    const changed = [...before].filter(([each, was]) => each.path !== was).length;
    const [below, rest] = [otherLength - at, at + ownLength];
    expect(changed).toBe(Math.min(below, rest));
  });
});

function entered(seqs: readonly number[]): { readonly walk: TaskWalk; readonly path: Task[] } {
  const path = seqs.map(task);
  const [root] = path;
  if (root === undefined) throw new Error('a walk has a root');
  const walk: TaskWalk = new Walk<RankedNode>(root, 1);
  for (const node of path) walk.enter(node);
  return { walk, path };
}

/** The tasks on the path, the deepest first. */
function pathOf({ deepest }: TaskWalk): readonly number[] {
  const seqs: number[] = [];
  for (let node = deepest; node !== undefined; node = node.before) seqs.push(node.seq);
  return seqs;
}
