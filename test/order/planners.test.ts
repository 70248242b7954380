/** What the planners do with few tasks: which places they give, when they plan anew, and what that costs. */
import { describe, expect, test } from 'vitest';
import { FifoOrder } from '../../src/core/order/fifo-order.js';
import { LaneIndex } from '../../src/core/order/lane-index.js';
import type { RankedNode } from '../../src/core/order/ranked-node.js';
import { SCHEDULER_ORDERS } from '../../src/core/order/task-order.js';
import { Urgencies } from '../../src/core/order/urgencies.js';
import { plannedGraph, WeighedTask } from '../support/planned-graph.js';

type Graph = ReturnType<typeof plannedGraph>;

describe('the critical path', () => {
  test('is found by one look at each task and each edge', () => {
    const { add, ask, order } = plannedGraph('critical-path');
    const [a, b] = [add([]), add([], { weight: 3 })];
    add([a, b]);
    add([a]);
    order.learned();
    expect([ask(), order.counts]).toEqual([b, { visits: 4 + 3, relabels: 0, reranks: 4 }]);
    ask();
    expect(order.counts.visits).toBe(7);
  });

  test('takes a new task into account without a plan, also behind others', () => {
    const { add, ask, order } = plannedGraph('critical-path');
    const [a, b] = [add([], { weight: 2 }), add([])];
    const behind = add([b]);
    expect(ask()).toBe(a);
    add([behind]);
    expect(ask()).toBe(b);
    expect(order.counts).toEqual({ visits: 0, relabels: 0, reranks: 0 });
  });

  test('leaves a longer way as it is when a shorter one is added', () => {
    const { add, ask, order } = plannedGraph('critical-path');
    const [a, b] = [add([]), add([])];
    add([a], { weight: 5 });
    add([b], { weight: 4 });
    add([a]);
    expect(ask()).toBe(a);
    add([b], { weight: 6 });
    expect(ask()).toBe(b);
    expect(order.counts.visits).toBe(0);
  });

  test('is planned anew when a new task raises more than 64', () => {
    for (const [length, plans] of [
      [63, 0],
      [64, 1],
    ] as const) {
      const { add, ask, order } = plannedGraph('critical-path');
      let last = add([], { weight: 0 });
      for (let count = 1; count < length; count += 1) last = add([last], { weight: 0 });
      ask();
      expect(order.counts.visits).toBe(0);
      add([last]);
      // So many are no small graph, so that a plan has to be earned, which the additions have done.
      ask();
      expect(order.counts.reranks).toBe(plans * (length + 1));
    }
  });

  test('stays as it is when tasks start and are done', () => {
    const graph = plannedGraph('critical-path');
    const first = graph.add([]);
    graph.add([first]);
    graph.add([]);
    expect(graph.ask()).toBe(first);
    run(graph, first);
    graph.ask();
    expect(graph.order.counts.visits).toBe(0);
  });

  test('is planned anew once tasks take another time, are withdrawn or are to run again', () => {
    const graph = plannedGraph('critical-path');
    const { add, ask, order } = graph;
    const [a, b, c] = [add([]), add([]), add([], { weight: 2 })];
    const behind = add([b], { weight: 4 });
    expect(ask()).toBe(b);
    a.weight = 9;
    expect(ask()).toBe(b);
    order.learned();
    expect(ask()).toBe(a);
    expect(order.counts.reranks).toBe(4);
    order.started(a);
    expect(ask()).toBe(b);
    behind.isSettled = true;
    order.withdraw(behind);
    expect([ask(), order.counts.reranks]).toEqual([c, 7]);
    order.ready(a);
    expect([ask(), order.counts.reranks]).toEqual([a, 10]);
  });

  test('does not go through what has started', () => {
    const { add, ask, order } = plannedGraph('critical-path');
    const source = add([]);
    const running = add([]);
    order.started(running);
    const other = add([], { weight: 2 });
    add([source, running], { weight: 5 });
    order.learned();
    expect([ask(), order.counts.visits]).toEqual([source, 5]);
    expect(order.isBefore(other, source)).toBe(false);
  });
});

describe('the soonest', () => {
  test('is the final result that takes the least work, with all that it needs', () => {
    const { add, ask, order } = plannedGraph('soonest');
    const [a, b, c] = [add([]), add([], { weight: 2 }), add([], { weight: 2 })];
    add([a, b]);
    const last = add([c]);
    expect(ask()).toBe(c);
    expect(ordered(order, [a, b, c])).toEqual([c, b, a]);
    expect(order.isBefore(last, a)).toBe(true);
  });

  test('has in one group the task with the longest way first', () => {
    const { add, ask, order } = plannedGraph('soonest');
    const [a, b, c] = [add([]), add([]), add([], { weight: 3 })];
    const behind = add([b], { weight: 4 });
    add([a, behind, c]);
    expect(ask()).toBe(b);
    expect(ordered(order, [a, b, c])).toEqual([b, c, a]);
  });

  test('counts what two results share once, for the one that is chosen first', () => {
    const { add, ask, order } = plannedGraph('soonest');
    const shared = add([], { weight: 5 });
    const [a, b, c] = [add([]), add([], { weight: 2 }), add([], { weight: 4 })];
    add([shared, a]);
    add([shared, b]);
    add([c], { weight: 4 });
    expect(ask()).toBe(shared);
    // Without what they share, the second result takes less than the third.
    expect(ordered(order, [a, b, c, shared])).toEqual([shared, a, b, c]);
  });

  test('has the more urgent result first, whatever that takes', () => {
    const { add, ask, order } = plannedGraph('soonest');
    const [a, b, c] = [add([]), add([], { weight: 9 }), add([])];
    add([a]);
    add([b], { priority: 1 });
    add([c], { priority: -1 });
    expect(ask()).toBe(b);
    expect(ordered(order, [a, b, c])).toEqual([b, a, c]);
  });

  test('has what a more urgent result needs first, also before a task that is as urgent by itself', () => {
    const { add, ask, order } = plannedGraph('soonest');
    const [a, b] = [add([], { weight: 5 }), add([], { priority: 1 })];
    add([a], { priority: 1 });
    add([b]);
    expect([ask(), order.priorityOf(a), order.priorityOf(b)]).toEqual([a, 1, 1]);
  });

  test('has the older one of two that take the same', () => {
    const { add, ask, order } = plannedGraph('soonest');
    const tasks = [add([]), add([]), add([])];
    expect(ask()).toBe(tasks[0]);
    expect(ordered(order, tasks)).toEqual(tasks);
  });

  test('stays the first choice when its tasks start, and is planned anew when others do', () => {
    const graph = plannedGraph('soonest');
    const { add, ask, order } = graph;
    const [a, b, c, d] = [add([]), add([]), add([], { weight: 5 }), add([], { weight: 5 })];
    add([a, b]);
    add([c, d]);
    ask();
    const plans = order.counts.reranks;
    run(graph, a);
    expect([ask(), order.counts.reranks]).toEqual([b, plans]);
    order.started(d);
    expect([ask(), order.counts.reranks]).toEqual([b, plans + 5]);
  });

  test('goes to the next choice without a plan once all tasks of the first have started', () => {
    const graph = plannedGraph('soonest');
    const { add, ask, order } = graph;
    const [a, b, c] = [add([]), add([], { weight: 2 }), add([], { weight: 3 })];
    ask();
    const plans = order.counts.reranks;
    for (const node of [a, b, c]) {
      expect(ask()).toBe(node);
      run(graph, node);
    }
    expect([ask(), order.counts.reranks]).toEqual([undefined, plans]);
  });

  test('goes by what is done without a start as by what starts', () => {
    const graph = plannedGraph('soonest');
    const { add, ask, order } = graph;
    const running = add([]);
    order.started(running);
    const [a, b, c] = [add([running]), add([], { weight: 2 }), add([running], { weight: 3 })];
    const last = add([], { weight: 4 });
    ask();
    const before = order.counts.reranks;
    end(graph, c);
    expect([ask(), order.counts.reranks]).toEqual([b, before + 4]);
    end(graph, a);
    expect([ask(), order.counts.reranks]).toEqual([b, before + 4]);
    order.started(b);
    expect([ask(), order.counts.reranks]).toEqual([last, before + 4]);
  });
});

describe.each(['critical-path', 'soonest'] as const)('in the order %s', (name) => {
  test('a graph of at most 64 tasks is planned whenever it has changed, a larger one when that is earned', () => {
    for (const [count, isSmall] of [
      [64, true],
      [65, false],
    ] as const) {
      const { add, ask, order } = plannedGraph(name);
      for (let seq = 1; seq <= count; seq += 1) add([]);
      order.learned();
      ask();
      const planned = order.counts.reranks;
      expect(planned).toBe(count);
      order.learned();
      ask();
      expect(order.counts.reranks).toBe(isSmall ? 2 * count : count);
    }
  });

  test('an exact order plans a graph of any size whenever it has changed', () => {
    const { add, ask, order } = plannedGraph(name, true);
    for (let seq = 1; seq <= 300; seq += 1) add([]);
    for (let time = 0; time < 3; time += 1) {
      order.learned();
      ask();
    }
    expect(order.counts.reranks).toBe(3 * 300);
  });

  test('each task that comes or starts earns 32 visits towards the next plan of a large graph', () => {
    for (const by of ['coming', 'starting'] as const) {
      const { add, ask, order } = plannedGraph(name);
      for (let seq = 1; seq <= 192; seq += 1) add([]);
      order.learned();
      ask();
      const cost = order.counts.visits;
      let changes = 0;
      while (order.counts.visits === cost && changes < 1_000) {
        const first = ask();
        order.learned();
        if (by === 'coming') add([]);
        else if (first !== undefined) order.started(first);
        changes += 1;
        ask();
      }
      expect([cost % 32, changes]).toEqual([0, cost / 32]);
    }
  });

  test('a task that was withdrawn for the time being comes back to its place', () => {
    const { add, ask, order } = plannedGraph(name);
    const [a, b] = [add([]), add([])];
    const behind = add([b]);
    ask();
    const before = ordered(order, [a, b]);
    for (const node of [behind, b]) {
      node.isUnneeded = true;
      order.withdraw(node);
    }
    expect(ask()).toBe(a);
    for (const node of [b, behind]) {
      node.isUnneeded = false;
      order.comesBack(node);
    }
    expect([ask(), ordered(order, [a, b])]).toEqual([before[0], before]);
    expect([b.isReady, behind.isReady]).toEqual([true, false]);
  });

  test('tasks come back to their places also when what they need comes after them', () => {
    const { add, ask, order } = plannedGraph(name);
    const [a, b] = [add([], { weight: 3 }), add([])];
    const behind = add([b], { weight: 4 });
    const last = add([behind], { weight: 4 });
    const unneeded = [last, behind, b];
    ask();
    const before = ordered(order, [a, b, behind, last]);
    for (const node of unneeded) {
      node.isUnneeded = true;
      order.withdraw(node);
    }
    expect(ask()).toBe(a);
    for (const node of unneeded) {
      node.isUnneeded = false;
      order.comesBack(node);
    }
    expect([ask(), ordered(order, [a, b, behind, last])]).toEqual([before[0], before]);
  });

  test('of two tasks that one needs and that take the same the older comes first', () => {
    const { add, ask, order } = plannedGraph(name);
    const [a, b] = [add([]), add([])];
    add([a, b]);
    expect([ask(), order.isBefore(a, b), order.isBefore(b, a)]).toEqual([a, true, false]);
  });

  test('a task may be done while nothing needs it', () => {
    const graph = plannedGraph(name);
    const [a, b] = [graph.add([]), graph.add([])];
    b.isUnneeded = true;
    graph.order.withdraw(b);
    end(graph, b);
    expect(graph.ask()).toBe(a);
  });

  test('a queue of many lanes finds the first task by the last plan', () => {
    const { order } = plannedGraph(name);
    const lanes = new LaneIndex(order);
    const nodes = Array.from({ length: 40 }, (_, index) => {
      const node = new WeighedTask(index + 1, 0, lanes.laneOf([index]));
      node.weight = name === 'soonest' ? index + 1 : 40 - index;
      order.add(node);
      order.ready(node);
      return node;
    });
    const best = (): RankedNode | undefined =>
      order.first({
        best: () => lanes.best({ slots: 1, slotsTaken: 0, capacity: [40], taken: [] }),
        isAnyUnranked: () => false,
      });
    expect(best()).toBe(nodes[0]);
    for (const place of [30, 20, 7]) {
      for (const node of nodes) node.weight = name === 'soonest' ? 9 : 1;
      const [node] = nodes.slice(place);
      if (node === undefined) throw new Error('there are forty');
      node.weight = 5;
      order.learned();
      expect(best()).toBe(node);
    }
  });

  test('a task is as urgent as the most urgent that waits for it, and comes before others by that', () => {
    const { add, ask, order } = plannedGraph(name);
    const [a, b] = [add([], { weight: 5 }), add([])];
    add([b], { priority: 2 });
    expect(ask()).toBe(b);
    expect([order.priorityOf(a), order.priorityOf(b), order.isBefore(a, b)]).toEqual([0, 2, false]);
  });
});

test('each order bears the name by which it is asked for', () => {
  const planned = SCHEDULER_ORDERS.map((name) => plannedGraph(name).order);
  const orders = [...planned, new FifoOrder(new Urgencies())];
  expect(orders.map(({ name }) => name)).toEqual(['newest', 'critical-path', 'soonest', 'fifo']);
});

test.each(SCHEDULER_ORDERS)('in the order %s nothing is remembered of how urgent a task was that is done', (name) => {
  const graph = plannedGraph(name);
  const urgencies = (graph.order.urgencies ??= new Urgencies());
  const source = graph.add([]);
  graph.add([source], { priority: 2 });
  expect(urgencies.of(source)).toBe(2);
  run(graph, source);
  expect(urgencies.of(source)).toBe(0);
});

/** The task starts and is done. */
function run(graph: Graph, node: WeighedTask): void {
  graph.order.started(node);
  end(graph, node);
}

/** The task is done, also one whose result was known before its start. */
function end({ order }: Graph, node: WeighedTask): void {
  node.isSettled = true;
  order.done(node);
}

function ordered(order: Graph['order'], nodes: readonly RankedNode[]): readonly RankedNode[] {
  return nodes.toSorted((a, b) => (order.isBefore(a, b) ? -1 : 1));
}
