/** What it costs to rank a task whose needs a less urgent walk has found already: it takes them over and does not search again. */
import { describe, expect, test } from 'vitest';
import type { RankedNode } from '../../src/core/order/ranked-node.js';
import { plannedGraph } from '../support/planned-graph.js';

type Graph = ReturnType<typeof plannedGraph>;

/** A task that needs the task before it, and so on. */
function chain({ add }: Graph, length: number): readonly [RankedNode, ...RankedNode[]] {
  const first = add([]);
  const nodes: [RankedNode, ...RankedNode[]] = [first];
  for (let last: RankedNode = first; nodes.length < length; nodes.push(last)) last = add([last]);
  return nodes;
}

/** What `change` costs with the question after it. */
function costOf({ order, ask }: Graph, change: () => unknown): { visits: number; relabels: number; reranks: number } {
  const before = { ...order.counts };
  change();
  ask();
  rankAll(order);
  const { visits, relabels, reranks } = order.counts;
  return {
    visits: visits - before.visits,
    relabels: relabels - before.relabels,
    reranks: reranks - before.reranks,
  };
}

function rankAll(order: Graph['order']): void {
  order.first({ best: () => undefined, isAnyUnranked: () => true });
}

describe('a chain that has been ranked', () => {
  function ranked(): Graph & { readonly nodes: readonly RankedNode[] } {
    const graph = plannedGraph('newest');
    const nodes = chain(graph, 100);
    expect(costOf(graph, () => undefined)).toEqual({ visits: 99, relabels: 0, reranks: 0 });
    return { ...graph, nodes };
  }

  test('is taken as a whole by a task that needs its end', () => {
    const graph = ranked();
    expect(costOf(graph, () => graph.add(graph.nodes.slice(99)))).toEqual({ visits: 1, relabels: 0, reranks: 0 });
  });

  test.each([
    [0, 1],
    [29, 30],
    [49, 50],
    [69, 30],
    [98, 1],
  ])('is taken up to the task at %i, and %i tasks change places', (position, relabels) => {
    const graph = ranked();
    const needs = graph.nodes.slice(position, position + 1);
    expect(costOf(graph, () => graph.add(needs))).toEqual({ visits: 1, relabels, reranks: 0 });
    expect(graph.ask()).toBe(graph.nodes[0]);
  });

  test('is taken as a whole, with what it has lost, by a task that needs its end', () => {
    const graph = ranked();
    graph.add(graph.nodes.slice(9, 10));
    rankAll(graph.order);
    const { visits } = costOf(graph, () => graph.add(graph.nodes.slice(99)));
    expect(visits).toBe(1 + 10);
  });

  test('is searched again in part when it has lost more than 64', () => {
    const graph = ranked();
    graph.add(graph.nodes.slice(79, 80));
    rankAll(graph.order);
    const { visits } = costOf(graph, () => graph.add(graph.nodes.slice(99)));
    // Task by task to the one that was taken, and that as a whole.
    expect(visits).toBe(1 + 20);
  });

  test('stays with a more urgent task when a less urgent one needs it', () => {
    const graph = ranked();
    graph.add(graph.nodes.slice(99), { priority: 1 });
    rankAll(graph.order);
    const cost = costOf(graph, () => graph.add(graph.nodes.slice(49, 50)));
    expect(cost).toEqual({ visits: 1, relabels: 0, reranks: 0 });
    expect([graph.nodes[0], graph.nodes[99]].map((node) => node && graph.order.priorityOf(node))).toEqual([1, 1]);
  });

  test('stays together when the task that needs its end is withdrawn', () => {
    const graph = ranked();
    const last = graph.add(graph.nodes.slice(99));
    rankAll(graph.order);
    const cost = costOf(graph, () => {
      last.isSettled = true;
      graph.order.withdraw(last);
    });
    expect(cost).toEqual({ visits: 0, relabels: 0, reranks: 0 });
    expect(graph.ask()).toBe(graph.nodes[0]);
  });
});

test('a chain that grows by one at a time is never searched again', () => {
  const graph = plannedGraph('newest');
  let last: RankedNode = graph.add([]);
  const cost = costOf(graph, () => {
    for (let count = 1; count <= 500; count += 1) {
      last = graph.add([last]);
      graph.ask();
    }
  });
  expect(cost.visits).toBe(500);
  expect(cost.reranks).toBe(0);
});

test('a walk that was left goes on where it stood, for a newer task too', () => {
  const graph = plannedGraph('newest');
  const sources = Array.from({ length: 50 }, () => graph.add([]));
  const wide = graph.add(sources);
  expect(graph.ask()).toBe(sources[0]);
  expect(graph.order.counts.visits).toBe(1);
  graph.add([wide]);
  expect(graph.ask()).toBe(sources[0]);
  // It comes to the task that it needs, and on from there to the second of the sources.
  expect(graph.order.counts.visits).toBe(3);
  rankAll(graph.order);
  expect(graph.order.counts.visits).toBe(51);
});

test('two blocks are joined by moving the smaller, in the order of the needs', () => {
  for (const [first, second] of [
    [40, 10],
    [10, 40],
  ] as const) {
    const graph = plannedGraph('newest');
    const [a, b] = [chain(graph, first), chain(graph, second)];
    rankAll(graph.order);
    const cost = costOf(graph, () => graph.add([a.at(-1) ?? a[0], b.at(-1) ?? b[0]]));
    expect(cost).toEqual({ visits: 2, relabels: 10, reranks: 0 });
    expect(graph.ask()).toBe(a[0]);
    expect(graph.order.isBefore(a[0], b[0])).toBe(true);
  }
});
