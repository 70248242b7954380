/** The edges of the graph: who waits for whom, for the whole or for one partial result. */
import { describe, expect, test } from 'vitest';
import { connect, forEachDependent, GraphNode, indexAt, isSatisfied, WHOLE } from '../../src/core/order/graph-node.js';

class Task extends GraphNode {}

const task = (seq = 1): Task => new Task(seq, 0);

describe('a task that is connected', () => {
  test('waits for those of its dependencies that have not settled, and is a dependent of those', () => {
    const [settled, open, other] = [task(1), task(2), task(3)];
    settled.isSettled = true;
    const node = task(4);
    connect(node, [settled, open, other], undefined);
    expect([node.waiting, node.dependencyIndices]).toEqual([2, undefined]);
    expect([settled, open, other].map(dependentsOf)).toEqual([[], [[4, WHOLE]], [[4, WHOLE]]]);
    expect([0, 1, 2].map((position) => isSatisfied(node, position))).toEqual([true, false, false]);
    expect(indexAt(node, 1)).toBe(WHOLE);
  });

  test('waits for a partial result until it is delivered, or the task that makes it has settled', () => {
    const source = task(1);
    source.delivered = 1;
    const node = task(2);
    connect(node, [source, source, source, source], [0, 1, 2, WHOLE]);
    const satisfied = (): readonly boolean[] => [0, 1, 2, 3].map((position) => isSatisfied(node, position));
    expect([node.waiting, satisfied()]).toEqual([3, [true, false, false, false]]);
    expect([0, 3].map((position) => indexAt(node, position))).toEqual([0, WHOLE]);
    source.delivered = 2;
    expect(satisfied()).toEqual([true, true, false, false]);
    source.isSettled = true;
    expect(satisfied()).toEqual([true, true, true, true]);
    expect(dependentsOf(source)).toEqual([
      [2, WHOLE],
      [2, 1],
      [2, 2],
    ]);
  });

  test('is one of the dependents in the order of their coming, however many there are', () => {
    for (const count of [1, 2, 8, 9, 10, 40]) {
      const [whole, partial] = [task(1), task(2)];
      for (let seq = 3; seq < count + 3; seq += 1) connect(task(seq), [whole, partial], [WHOLE, 5]);
      const seqs = Array.from({ length: count }, (_, index) => index + 3);
      expect(dependentsOf(whole)).toEqual(seqs.map((seq) => [seq, WHOLE]));
      expect(dependentsOf(partial)).toEqual(seqs.map((seq) => [seq, 5]));
    }
  });

  test('is kept as itself where it is the only dependent', () => {
    const source = task(1);
    const node = task(2);
    connect(node, [source], undefined);
    expect(source.dependents).toBe(node);
    expect(source.partialDependents).toBeUndefined();
  });
});

test('a task without edges has none, has delivered nothing and counts', () => {
  const node = task();
  expect([node.dependencies, node.waiting, node.delivered, node.dependencyIndices]).toEqual([[], 0, 0, undefined]);
  expect([node.isSettled, node.isUnneeded, node.isOut]).toEqual([false, false, false]);
  expect(dependentsOf(node)).toEqual([]);
});

test('edges can be taken away again', () => {
  const [source, node] = [task(1), task(2)];
  connect(node, [source], [0]);
  node.dependencyIndices = undefined;
  source.partialDependents = undefined;
  expect([node.dependencyIndices, source.partialDependents, dependentsOf(source)]).toEqual([undefined, undefined, []]);
});

test('a task is out while it is unneeded, and for good once it has settled', () => {
  const node = task();
  node.isUnneeded = true;
  expect([node.isUnneeded, node.isSettled, node.isOut]).toEqual([true, false, true]);
  node.isSettled = true;
  node.isUnneeded = false;
  expect([node.isUnneeded, node.isSettled, node.isOut]).toEqual([false, true, true]);
});

function dependentsOf(node: Task): readonly (readonly [seq: number, index: number])[] {
  const found: (readonly [number, number])[] = [];
  forEachDependent(node, ({ seq }, index) => found.push([seq, index]));
  return found;
}
