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

/** The task starts and is done, and the other one is ready by that. */
function end({ order }: Graph, node: RankedNode, dependent: RankedNode): void {
  order.started(node);
  node.isSettled = true;
  order.done(node);
  dependent.waiting -= 1;
  order.ready(dependent);
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

  test('is taken so, too, after a walk was taken over as a whole, and ready tasks were withdrawn', () => {
    const graph = ranked();
    const first = graph.add([]);
    const second = graph.add([first]);
    const again = graph.add([]);
    rankAll(graph.order);
    end(graph, first, second);
    graph.order.started(again);
    graph.add(graph.nodes.slice(9, 10));
    rankAll(graph.order);
    const wide = graph.add([graph.add([]), graph.add([])]);
    graph.ask();
    graph.add([wide]);
    rankAll(graph.order);
    graph.order.ready(again);
    for (const node of [second, again]) {
      node.isSettled = true;
      graph.order.withdraw(node);
    }
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
  expect(graph.order.counts).toMatchObject({ visits: 51, reranks: 0 });
});

test('it goes on there for a task that has found something else before, too', () => {
  const graph = plannedGraph('newest');
  const other = graph.add([]);
  const sources = Array.from({ length: 50 }, () => graph.add([]));
  const wide = graph.add(sources);
  expect(graph.ask()).toBe(sources[0]);
  const cost = costOf(graph, () => graph.add([other, wide]));
  expect(cost).toEqual({ visits: 2 + 49, relabels: 1, reranks: 0 });
});

test('what a walk has taken over stays together when the task for which it did is withdrawn', () => {
  const graph = plannedGraph('newest');
  const sources = Array.from({ length: 50 }, () => graph.add([]));
  const wide = graph.add(sources);
  graph.ask();
  const last = graph.add([wide]);
  rankAll(graph.order);
  const cost = costOf(graph, () => {
    last.isSettled = true;
    graph.order.withdraw(last);
  });
  expect(cost).toEqual({ visits: 0, relabels: 0, reranks: 0 });
  expect(graph.ask()).toBe(sources[0]);
});

test('what several tasks needed is ranked anew when the one that did is withdrawn, one by one', () => {
  const graph = plannedGraph('newest');
  const [a, b] = [chain(graph, 10), chain(graph, 5)];
  const both = graph.add([a.at(-1) ?? a[0], b.at(-1) ?? b[0]]);
  rankAll(graph.order);
  const cost = costOf(graph, () => {
    both.isSettled = true;
    graph.order.withdraw(both);
  });
  expect(cost.reranks).toBe(15);
});

test('what is needed besides a task that has started stays together when the one that needs both is withdrawn', () => {
  const graph = plannedGraph('newest');
  const running = graph.add([]);
  graph.ask();
  graph.order.started(running);
  const nodes = chain(graph, 10);
  for (const needs of [
    [running, ...nodes.slice(9)],
    [...nodes.slice(9), running],
  ]) {
    const both = graph.add(needs);
    rankAll(graph.order);
    const cost = costOf(graph, () => {
      both.isSettled = true;
      graph.order.withdraw(both);
    });
    expect(cost.reranks).toBe(0);
  }
});

test('a task that was ranked with what another walk has left can be taken with its own needs', () => {
  const graph = plannedGraph('newest');
  const source = graph.add([]);
  const left = graph.add([source]);
  const right = chain(graph, 20);
  const both = graph.add([left, ...right.slice(-1)]);
  const root = graph.add([both]);
  graph.ask();
  // The walk from the root has found nothing of its own then.
  graph.add([left]);
  graph.ask();
  end(graph, source, left);
  graph.order.started(left);
  left.isSettled = true;
  graph.order.done(left);
  both.waiting -= 1;
  graph.add([root]);
  rankAll(graph.order);
  expect(costOf(graph, () => graph.add([both]))).toMatchObject({ visits: 1, reranks: 0 });
});

test('a chain can be taken in part also where several walks have gone on from one another', () => {
  const graph = plannedGraph('newest');
  const nodes = chain(graph, 100);
  graph.ask();
  graph.add(nodes.slice(49, 50));
  graph.ask();
  graph.add(nodes.slice(99));
  rankAll(graph.order);
  expect(costOf(graph, () => graph.add(nodes.slice(79, 80))).visits).toBe(1);
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

test.each([
  [40, 10],
  [10, 40],
])('blocks of %i and %i that were joined can be taken as one, or the first in part', (first, second) => {
  const graph = plannedGraph('newest');
  const [a, b] = [chain(graph, first), chain(graph, second)];
  rankAll(graph.order);
  const both = graph.add([a.at(-1) ?? a[0], b.at(-1) ?? b[0]]);
  rankAll(graph.order);
  expect(costOf(graph, () => graph.add([both]))).toEqual({ visits: 1, relabels: 0, reranks: 0 });
  expect(costOf(graph, () => graph.add(a.slice(5, 6)))).toEqual({ visits: 1, relabels: 6, reranks: 0 });
});

describe('a search', () => {
  test('ranks no more than it takes to know the first', () => {
    const graph = plannedGraph('newest');
    chain(graph, 100);
    const newest = graph.add([]);
    expect([graph.ask(), graph.order.counts.visits]).toEqual([newest, 0]);
  });

  test('asks for the best again only when another ready task has been found', () => {
    const graph = plannedGraph('newest');
    chain(graph, 100);
    let asked = 0;
    const best = (): undefined => void (asked += 1);
    graph.order.first({ best, isAnyUnranked: () => true });
    expect(asked).toBe(3);
  });

  test('does not look at the needs of a task that has all of them', () => {
    const graph = plannedGraph('newest');
    const sources = Array.from({ length: 50 }, () => graph.add([]));
    const wide = graph.add(sources);
    graph.ask();
    for (const source of sources) {
      graph.order.started(source);
      source.isSettled = true;
      graph.order.done(source);
      wide.waiting -= 1;
    }
    graph.order.ready(wide);
    expect(costOf(graph, () => graph.add([wide])).visits).toBe(1);
  });

  test('is done with a task that waits for nothing but what has started', () => {
    const graph = plannedGraph('newest');
    const running = graph.add([]);
    graph.ask();
    graph.order.started(running);
    const cost = costOf(graph, () => [graph.add([running]), graph.add([running])]);
    expect(cost).toEqual({ visits: 2, relabels: 0, reranks: 0 });
  });
});
