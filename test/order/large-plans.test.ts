/** What a change costs in the orders that go by durations, however large the graph. */
import { describe, expect, test } from 'vitest';
import { plannedGraph } from '../support/planned-graph.js';

describe.each(['critical-path', 'soonest'] as const)('in a large graph, %s', (name) => {
  test('costs a bounded number of visits per task that is appended to a chain, however long that is', () => {
    const { add, ask, order } = plannedGraph(name);
    let last = add([]);
    for (let count = 0; count < 5_000; count += 1) {
      last = add([last]);
      ask();
    }
    expect(order.counts.visits).toBeLessThan(5_000 * 150);
    expect(order.counts.visits).toBeGreaterThan(0);
  });

  test('costs a bounded number of visits per task, however many need the same', () => {
    const { add, ask, order } = plannedGraph(name);
    const shared = add([add([]), add([])]);
    for (let count = 0; count < 5_000; count += 1) {
      add([shared]);
      ask();
    }
    expect(order.counts.visits).toBeLessThan(5_000 * 150);
  });

  test('plans a graph that is there as a whole in linear time, without recursion', () => {
    const { add, ask, order } = plannedGraph(name);
    let last = add([]);
    for (let count = 0; count < 20_000; count += 1) last = add(count % 2 === 0 ? [last] : [last, add([])]);
    for (let count = 0; count < 20_000; count += 1) add([last]);
    expect(ask()).toBeDefined();
    expect(order.counts.visits).toBeLessThan(50_000 * 30);
  });

  test('takes what has come into account soon, though not at once', () => {
    const { add, ask } = plannedGraph(name);
    const first = add([]);
    const second = add([]);
    let ofFirst = first;
    let ofSecond = second;
    for (let count = 0; count < 400; count += 1) ofFirst = add([ofFirst]);
    for (let count = 0; count < 200; count += 1) ofSecond = add([ofSecond]);
    const isLongest = name === 'critical-path';
    expect(ask()).toBe(isLongest ? first : second);
    for (let count = 0; count < 400; count += 1) {
      ofSecond = add([ofSecond]);
      ask();
    }
    expect(ask()).toBe(isLongest ? second : first);
  });
});
