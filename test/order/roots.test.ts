/** What the roots remember: no more than what is unsettled, whatever was asked for. */
import { describe, expect, test } from 'vitest';
import { Block } from '../../src/core/order/block.js';
import { connect } from '../../src/core/order/graph-node.js';
import { Lane } from '../../src/core/order/lane.js';
import { RankedNode, type TaskWalk } from '../../src/core/order/ranked-node.js';
import { Roots } from '../../src/core/order/roots.js';

const deaf = {
  topChanged: () => undefined,
  readyChanged: () => undefined,
  rankedChanged: () => undefined,
  unused: () => undefined,
};
const lane = new Lane<RankedNode>([], deaf);

class TestNode extends RankedNode {}

/** Twice 64 is what may be there though nothing is needed. */
const FEW = 128;
const MANY = 10_000;

function node(seq: number, priority = 0): TestNode {
  return new TestNode(seq, priority, lane);
}

/** Roots at whose top stands one that is the most urgent by far and is never taken. */
function beneathOne(): Roots {
  const roots = new Roots();
  roots.keep(roots.walkFrom(node(1, 100)));
  return roots;
}

describe('roots that never come to the top', () => {
  test('are forgotten once another walk has come to them', () => {
    const roots = beneathOne();
    for (let seq = 2; seq <= MANY; seq += 1) {
      const root = node(seq, -1);
      roots.keep(roots.walkFrom(root));
      root.isRanked = true;
    }
    expect(roots.size).toBeLessThanOrEqual(FEW);
    expect(roots.next()?.seq).toBe(1);
  });

  test('are forgotten once they have settled, though no more are added', () => {
    const roots = beneathOne();
    const nodes = Array.from({ length: MANY }, (_, index) => node(index + 2, -1));
    for (const root of nodes) roots.keep(roots.walkFrom(root));
    expect(roots.size).toBe(MANY + 1);
    for (const root of nodes) {
      root.isSettled = true;
      roots.settled();
    }
    expect(roots.size).toBeLessThanOrEqual(FEW);
  });

  test('are remembered once, however often they are kept', () => {
    const roots = beneathOne();
    const root = node(2, -1);
    for (let time = 0; time < MANY; time += 1) roots.keep(roots.walkFrom(root));
    expect(roots.size).toBeLessThanOrEqual(FEW);
  });

  test('are remembered as long as they need a walk, in their order', () => {
    const roots = new Roots();
    const nodes = Array.from({ length: 1_000 }, (_, index) => node(index + 1, index % 3));
    for (const root of nodes) {
      roots.add(root);
      const ranked = node(root.seq, -1);
      roots.keep(roots.walkFrom(ranked));
      ranked.isRanked = true;
    }
    const expected = nodes.toSorted((a, b) => b.priority - a.priority || b.seq - a.seq).map(({ seq }) => seq);
    const found: number[] = [];
    for (let next = roots.next(); next !== undefined; next = roots.next()) {
      if (next.priority === -1) break;
      found.push(next.seq);
      if (next instanceof TestNode) roots.shift();
      else if ('root' in next) roots.drop(next);
    }
    expect(found).toEqual(expected);
  });

  test('are remembered when they were withdrawn, until what they demanded has settled', () => {
    const roots = beneathOne();
    const dependency = node(2);
    const withdrawn = Array.from({ length: 1_000 }, (_, index) => node(index + 3, -1));
    for (const root of withdrawn) {
      connect(root, [dependency], undefined);
      roots.keep(roots.walkFrom(root));
      root.isSettled = true;
      roots.settled();
    }
    expect(roots.size).toBe(1_001);
    dependency.isSettled = true;
    for (let time = 0; time < 1_000; time += 1) roots.settled();
    expect(roots.size).toBeLessThanOrEqual(FEW);
  });

  test('are remembered while what an earlier walk has found is left to them', () => {
    const roots = beneathOne();
    const walks = Array.from({ length: 1_000 }, (_, index) => roots.walkFrom(node(index + 2, -1)));
    for (const walk of walks) {
      walk.claim(node(10_000 + walk.seq));
      roots.keep(walk);
      walk.root.isSettled = true;
      roots.settled();
    }
    expect(roots.size).toBe(1_001);
    for (const { block } of walks) if (block?.head !== undefined) block.detach(block.head);
    for (let time = 0; time < 1_000; time += 1) roots.settled();
    expect(roots.size).toBeLessThanOrEqual(FEW);
  });
});

describe('entries', () => {
  test('are kept up to 64, though needless, and dropped with the next one', () => {
    const roots = new Roots();
    for (let seq = 1; seq <= 64; seq += 1) roots.keep(needless(roots, seq));
    expect(roots.size).toBe(64);
    roots.keep(needless(roots, 65));
    expect(roots.size).toBe(0);
    const news = Array.from({ length: 65 }, (_, index) => node(index + 66));
    for (const root of news) {
      root.isRanked = true;
      roots.add(root);
    }
    expect(roots.size).toBe(0);
  });

  test('are looked through again when there are twice as many as were needed the last time', () => {
    const roots = new Roots();
    for (let seq = 1; seq <= 65; seq += 1) roots.keep(roots.walkFrom(node(seq)));
    for (let seq = 66; seq <= 130; seq += 1) roots.keep(needless(roots, seq));
    expect(roots.size).toBe(130);
    roots.keep(needless(roots, 131));
    expect(roots.size).toBe(65);
  });

  test.each([
    [100, 64],
    [200, 100],
    [300, 150],
  ])('of %i tasks are looked through again when more than %i have settled', (count, most) => {
    const roots = new Roots();
    const nodes = Array.from({ length: count }, (_, index) => node(index + 1));
    for (const root of nodes) roots.keep(roots.walkFrom(root));
    for (const [index, root] of nodes.slice(0, most + 1).entries()) {
      expect([index, roots.size]).toEqual([index, count]);
      root.isSettled = true;
      roots.settled();
    }
    expect(roots.size).toBe(count - most - 1);
    // From then on, others have to settle.
    roots.keep(needless(roots, 1_000));
    roots.settled();
    expect(roots.size).toBe(count - most);
  });

  test('of which another walk has a part are kept, wherever that part is', () => {
    for (const hold of [
      (walk: TaskWalk) => walk.enter(node(500)),
      (walk: TaskWalk) => walk.claim(node(500)),
      (walk: TaskWalk) => {
        walk.remains = new Block(walk, 1);
        walk.remains.append(node(500));
      },
    ]) {
      const roots = new Roots();
      const walk = needless(roots, 1);
      hold(walk);
      roots.keep(walk);
      for (let seq = 2; seq <= 65; seq += 1) roots.keep(needless(roots, seq));
      expect([roots.size, roots.next()]).toEqual([1, walk]);
    }
  });
});

describe('the next', () => {
  test('is the most urgent, then newest, new or kept', () => {
    const roots = new Roots();
    expect(roots.next()).toBeUndefined();
    const fresh = node(5);
    roots.add(fresh);
    expect(roots.next()).toBe(fresh);
    const [older, newer] = [roots.walkFrom(node(4)), roots.walkFrom(node(6))];
    roots.keep(older);
    expect(roots.next()).toBe(fresh);
    roots.keep(newer);
    expect(roots.next()).toBe(newer);
    roots.drop(newer);
    roots.drop(newer);
    expect(roots.next()).toBe(fresh);
    roots.shift();
    expect([roots.next(), roots.size]).toEqual([older, 1]);
  });

  test('is no new task that has a rank, a path or an attempt, or has settled', () => {
    for (const take of [
      (task: TestNode) => (task.isRanked = true),
      (task: TestNode) => (task.isStarted = true),
      (task: TestNode) => (task.isSettled = true),
      (task: TestNode) => (task.isUnneeded = true),
      (task: TestNode) => new Roots().walkFrom(task).enter(task),
    ]) {
      const roots = new Roots();
      const [first, second] = [node(1), node(2)];
      roots.add(first);
      roots.add(second);
      take(second);
      expect([roots.next(), roots.size]).toEqual([first, 1]);
    }
  });

  test('is the more urgent of two new tasks, whichever came first', () => {
    for (const priorities of [
      [1, 0],
      [0, 1],
    ] as const) {
      const roots = new Roots();
      const nodes = priorities.map((priority, index) => node(index + 1, priority));
      for (const each of nodes) roots.add(each);
      expect(roots.next()?.priority).toBe(1);
      expect(roots.size).toBe(2);
    }
  });

  test('has a lineage of its own', () => {
    const roots = new Roots();
    expect([1, 2, 3].map((seq) => roots.walkFrom(node(seq)).lineage)).toEqual([1, 2, 3]);
  });
});

/** A walk whose root another has ranked. */
function needless(roots: Roots, seq: number): TaskWalk {
  const root = node(seq);
  root.isRanked = true;
  return roots.walkFrom(root);
}
