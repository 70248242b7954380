/** What the roots remember: no more than what is unsettled, whatever was asked for. */
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/core/order/graph-node.js';
import { Lane } from '../../src/core/order/lane.js';
import { RankedNode } from '../../src/core/order/ranked-node.js';
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
