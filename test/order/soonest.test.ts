/** The plans of `soonest`: what they cost, and where a task stands that comes between two of them. */
import { describe, expect, test } from 'vitest';
import type { RankedNode } from '../../src/core/order/ranked-node.js';
import { plannedGraph, type WeighedTask } from '../support/planned-graph.js';

type Graph = ReturnType<typeof plannedGraph>;

function chain({ add }: Graph, length: number, weight = 1): readonly [WeighedTask, ...WeighedTask[]] {
  const nodes: [WeighedTask, ...WeighedTask[]] = [add([], { weight })];
  for (let last = nodes[0]; nodes.length < length; nodes.push(last)) last = add([last], { weight });
  return nodes;
}

describe('a plan', () => {
  test.each([1, 5])('of %i chains looks at each task three times, and at each edge five times', (count) => {
    const graph = plannedGraph('soonest');
    for (let index = 0; index < count; index += 1) chain(graph, 10);
    graph.ask();
    // To find the results, to count their work and to choose them; then for the longest ways, and for what needs a chosen task.
    expect(graph.order.counts.visits).toBe(count * (3 * 10 + 5 * 9));
  });

  test('looks at what two results share for each of them, until one has it', () => {
    const graph = plannedGraph('soonest');
    const shared = graph.add([]);
    graph.add([shared]);
    graph.add([shared], { weight: 2 });
    graph.add([], { weight: 9 });
    graph.ask();
    // Tasks and edges; each result as it is counted and as it is chosen. The second has an edge to what it does not get.
    const found = 4 + 2;
    const [first, second, third] = [3 + 3 + 1 + 2, 2 + 2 + 1, 1 + 1];
    expect(graph.order.counts.visits).toBe(found + first + second + third);
  });

  test('looks once for each way to a result that needs what was chosen', () => {
    const graph = plannedGraph('soonest');
    const shared = graph.add([]);
    const [left, right] = [graph.add([shared]), graph.add([shared])];
    graph.add([graph.add([left, right])], { weight: 9 });
    const near = graph.add([shared]);
    graph.ask();
    expect(graph.order.isBefore(near, left)).toBe(true);
    const found = 6 + 6;
    // The far result is chosen by its longest way, less what is chosen before it: no other is left to be compared with.
    const nearer = { counted: 2 + 1, chosen: 2 + 1, ways: 1, touched: 3 + 2 + 1 };
    const farther = { counted: 4 + 5, chosen: 4 + 5, ways: 5, touched: 3 };
    const sum = (costs: Readonly<Record<string, number>>): number => Object.values(costs).reduce((a, b) => a + b);
    expect(graph.order.counts.visits).toBe(found + sum(nearer) + sum(farther));
  });

  test('of many results that share much costs a bounded number of visits, and chooses all of them', () => {
    const graph = plannedGraph('soonest');
    const base = chain(graph, 100);
    const results = Array.from({ length: 400 }, (_, index) => graph.add(base.slice(-1), { weight: 400 - index }));
    expect(graph.ask()).toBe(base[0]);
    expect(graph.order.counts.visits).toBeLessThan(500 * 40);
    expect(ordered(graph, results)).toEqual(results.toReversed());
  });

  test('of a small graph is exact, however much its results share', () => {
    const graph = plannedGraph('soonest');
    const results = wide(graph, 32, 32);
    graph.ask();
    expect(ordered(graph, results)).toEqual(results);
  });

  test('of a larger one goes by the longest ways once it has counted eight tasks for each of its own', () => {
    const graph = plannedGraph('soonest');
    const results = wide(graph, 31, 37);
    graph.ask();
    // The first 17 have been counted by then, with the 31 tasks that they share and the first choice has.
    const ways = results.map((_, index) => (index < 17 ? 31 : 1) + index);
    const expected = [...ways.keys()].toSorted((one, other) => (ways[one] ?? 0) - (ways[other] ?? 0) || one - other);
    expect(ordered(graph, results).map((node) => results.indexOf(node))).toEqual(expected);
    expect(expected.slice(0, 3)).toEqual([17, 18, 19]);
    const found = 68 + 37 * 31;
    const chosen = 37 * (1 + 31 + 31) + 31;
    expect(graph.order.counts.visits).toBe(found + 17 * (32 + 31) + chosen);
  });

  test('counts what needs a chosen task, too', () => {
    const graph = plannedGraph('soonest');
    const shared = Array.from({ length: 31 }, () => graph.add([]));
    const near = graph.add(shared, { weight: 0 });
    const far = Array.from({ length: 37 }, (_, index) => graph.add(shared, { weight: 100 + index }));
    const between = graph.add([], { weight: 90 });
    const parallel = graph.add(
      Array.from({ length: 20 }, () => graph.add([])),
      { weight: 200 },
    );
    const alone = graph.add([], { weight: 210 });
    graph.ask();
    expect(ordered(graph, [alone, parallel, between, ...far, near])).toEqual([near, between, ...far, parallel, alone]);
  });
});

/** Results that need all of so many tasks that need nothing: the longest way of each says little of its work. */
function wide(graph: Graph, sources: number, results: number): readonly WeighedTask[] {
  const needs = Array.from({ length: sources }, () => graph.add([]));
  return Array.from({ length: results }, (_, index) => graph.add(needs, { weight: index + 1 }));
}

describe('a task that comes after the plan of a large graph', () => {
  function planned(): Graph & { readonly nodes: readonly WeighedTask[] } {
    const graph = plannedGraph('soonest');
    const nodes = Array.from({ length: 80 }, (_, index) => graph.add([], { weight: index + 1 }));
    graph.ask();
    expect(graph.order.counts.reranks).toBe(80);
    return { ...graph, nodes };
  }

  test('stands by its own work if it needs nothing', () => {
    const graph = planned();
    const node = graph.add([], { weight: 10 });
    graph.ask();
    expect(graph.order.counts.reranks).toBe(80);
    expect(ordered(graph, [...graph.nodes.slice(8, 12), node]).map(({ seq }) => seq)).toEqual([
      9,
      10,
      node.seq,
      11,
      12,
    ]);
    const later = graph.add([], { weight: 10 });
    expect(ordered(graph, [later, node])).toEqual([node, later]);
  });

  test.each([
    [2, 19],
    [19, 2],
  ])('stands with the last of what it needs', (one, other) => {
    const graph = planned();
    const needs = [one, other].flatMap((index) => graph.nodes[index] ?? []);
    const node = graph.add(needs);
    graph.ask();
    expect(graph.order.counts.reranks).toBe(80);
    expect(ordered(graph, [...graph.nodes.slice(18, 21), node]).map(({ seq }) => seq)).toEqual([19, 20, node.seq, 21]);
  });

  test('stands by its own work among those of its priority', () => {
    const graph = plannedGraph('soonest');
    for (let count = 0; count < 80; count += 1) graph.add([], { weight: 100, priority: 1 });
    const [light, heavy] = [graph.add([]), graph.add([], { weight: 9 })];
    graph.ask();
    const node = graph.add([], { weight: 5 });
    graph.ask();
    expect(graph.order.counts.reranks).toBe(82);
    expect(ordered(graph, [heavy, node, light])).toEqual([light, node, heavy]);
  });

  test('stands with what waits for its start, not with what is to run again', () => {
    const graph = plannedGraph('soonest');
    const again = graph.add([]);
    graph.order.started(again);
    const nodes = Array.from({ length: 80 }, (_, index) => graph.add([], { weight: index + 1 }));
    graph.ask();
    graph.order.ready(again);
    for (const needs of [
      [...nodes.slice(40, 41), again],
      [again, ...nodes.slice(40, 41)],
    ]) {
      const node = graph.add(needs);
      graph.ask();
      expect(graph.order.counts.reranks).toBe(81);
      expect(ordered(graph, [...nodes.slice(39, 42), node]).indexOf(node)).toBe(2);
    }
  });

  test('stands with the only one that it needs', () => {
    const graph = planned();
    const [first, second] = graph.nodes;
    if (first === undefined || second === undefined) throw new Error('there are eighty');
    const node = graph.add([first]);
    expect(graph.ask()).toBe(first);
    expect(ordered(graph, [second, node])).toEqual([node, second]);
  });
});

test('a task that is to run again is behind nothing until the next plan', () => {
  const graph = plannedGraph('soonest');
  const nodes = Array.from({ length: 80 }, (_, index) => graph.add([], { weight: index + 1 }));
  const last = nodes[79];
  if (last === undefined) throw new Error('there are eighty');
  graph.order.started(last);
  graph.ask();
  graph.order.ready(last);
  expect([graph.ask(), graph.order.counts.reranks]).toEqual([last, 80]);
  expect(nodes.slice(0, 79).some((node) => graph.order.isBefore(node, last))).toBe(false);
});

function ordered<N extends RankedNode>({ order }: Graph, nodes: readonly N[]): readonly N[] {
  return nodes.toSorted((a, b) => (order.isBefore(a, b) ? -1 : 1));
}
