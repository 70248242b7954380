import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { DemandOrder } from '../src/core/demand-order.js';
import { connect, forEachDependent, isSatisfied, WHOLE } from '../src/core/graph-node.js';
import { Lane } from '../src/core/lane.js';
import { RankedNode } from '../src/core/ranking.js';

const deaf = { topChanged: () => undefined, readyChanged: () => undefined, rankedChanged: () => undefined };

type Lanes = readonly Lane<RankedNode>[];

class TestNode extends RankedNode {
  isRunning = false;
}

interface Added {
  readonly kind: 'add';
  /** How far back each dependency lies, and the partial result of it that is needed, if any. */
  readonly deps: readonly (readonly [number, number | undefined])[];
  readonly lane: number;
  readonly priority: number;
}

/** What can happen to the order; `pick` chooses among the tasks to which it can happen. */
type Operation =
  | Added
  | { readonly kind: 'rank' | 'look' | 'start' | 'again' | 'partial' | 'done' | 'withdraw'; readonly pick: number };

const added: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('add'),
  deps: fc.array(fc.tuple(fc.oneof(fc.nat(3), fc.nat(40)), fc.option(fc.nat(2), { nil: undefined, freq: 2 })), {
    maxLength: 4,
  }),
  lane: fc.nat(1),
  priority: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -1, max: 2 }) },
  ),
});

function operations(maxLength: number, withdrawals: boolean): fc.Arbitrary<readonly Operation[]> {
  const change = fc.record({
    kind: fc.constantFrom(
      ...(['rank', 'look', 'look', 'start', 'start', 'partial', 'done', 'done'] as const),
      ...(withdrawals ? (['withdraw', 'withdraw', 'again'] as const) : []),
    ),
    pick: fc.nat(60),
  });
  return fc.array(fc.oneof(added, change), { maxLength, size: 'max' });
}

describe('for any tasks that come, start, deliver and end', () => {
  test.prop([operations(60, false)], { numRuns: 500 })('the ready tasks stand in the order of the rule', (ops) => {
    play(ops);
  });

  test.prop([operations(60, true)], { numRuns: 2000 })('a withdrawn task gives its demand back', (ops) => {
    play(ops);
  });

  // Not shrunk: that takes minutes here, and the property before finds the small ones.
  test.prop([operations(200, true)], { numRuns: 300, endOnFailure: true })(
    'the same holds for larger graphs',
    (ops) => {
      play(ops);
    },
  );
});

// Each of these once failed as a counterexample of the properties above.

test('what a withdrawn task demanded keeps a priority of its own', () => {
  play([task({ priority: 1 }), task({ needs: [0] }), task({ needs: [0], priority: 1 }), rank, withdraw(2), task()]);
});

test('what a withdrawn task demanded keeps the rank that another gives it', () => {
  play([
    task(),
    task({ needs: [0] }),
    task({ lane: 1 }),
    task(),
    task({ needs: [3] }),
    { kind: 'start', pick: 1 },
    task({ needs: [3], partials: [2] }),
    rank,
    { kind: 'done', pick: 0 },
  ]);
});

test('a new task takes over what a withdrawn task had demanded before it', () => {
  play([
    task(),
    task(),
    task(),
    task(),
    task(),
    task({ needs: [0], priority: 1 }),
    task({ needs: [1, 2] }),
    task({ needs: [2] }),
    rank,
    withdraw(5),
    task(),
    task({ needs: [2] }),
  ]);
});

test('a task that is to run again is ranked by those who still demand it', () => {
  play([
    task(),
    task(),
    task({ needs: [1] }),
    rank,
    task({ needs: [2] }),
    { kind: 'start', pick: 1 },
    { kind: 'again', pick: 0 },
    { kind: 'look', pick: 0 },
    withdraw(3),
  ]);
});

test('a walk that was left on the way to a withdrawn task leaves nothing ranked too high', () => {
  play([
    task(),
    task({ lane: 1 }),
    task({ needs: [0, 1] }),
    task(),
    task({ needs: [1] }),
    { kind: 'start', pick: 0 },
    task({ needs: [3] }),
    { kind: 'start', pick: 1 },
    task(),
    task({ needs: [2] }),
    { kind: 'again', pick: 0 },
    { kind: 'start', pick: 0 },
    { kind: 'done', pick: 0 },
    { kind: 'done', pick: 0 },
    withdraw(1),
  ]);
});

test('a block that took tasks of another priority from behind takes them back in their places', () => {
  play([
    task(),
    task(),
    task(),
    task(),
    task(),
    task(),
    task({ needs: [0, 1] }),
    task({ needs: [6, 1] }),
    rank,
    task({ needs: [1] }),
    rank,
    task({ needs: [1, 2] }),
    task(),
    task({ needs: [10], priority: 1 }),
  ]);
});

test('a part of a block is no longer whole once something in it was left to another priority', () => {
  play([
    task(),
    task({ needs: [0] }),
    rank,
    task(),
    task({ needs: [2], priority: 1 }),
    task({ needs: [1, 2] }),
    task(),
    task(),
    task({ needs: [2, 0] }),
    rank,
    task({ needs: [0], priority: 1 }),
  ]);
});

/** Plays the operations and compares the order with a walk over all tasks after each. */
function play(ops: readonly Operation[]): void {
  const order = new DemandOrder();
  const lanes = [new Lane<RankedNode>([], deaf), new Lane<RankedNode>([1], deaf)];
  const nodes: TestNode[] = [];
  for (const op of ops) apply(op, order, lanes, nodes);
  compare(order, lanes, nodes);
}

/** Ranks all tasks and compares their order with that of the rule. */
function compare(order: DemandOrder, lanes: Lanes, nodes: readonly TestNode[]): void {
  order.first(
    () => undefined,
    () => true,
  );
  const expected = walk(nodes);
  const ready = nodes.filter((node) => node.isReady).sort((a, b) => (order.isBefore(a, b) ? -1 : 1));
  expect(ready.map((node) => node.seq)).toEqual(expected.map((node) => node.seq));
  for (const lane of lanes) expect(lane.best()?.seq).toBe(expected.find((node) => node.lane === lane)?.seq);
}

/** Ranks no more tasks than needed to say which is the first of some lanes; that must be the first by the rule. */
function look(order: DemandOrder, lanes: Lanes, nodes: readonly TestNode[], pick: number): TestNode | undefined {
  const asked = lanes.filter((_, index) => pick % 3 !== index);
  const isAsked = (node: RankedNode): boolean => asked.includes(node.lane);
  const ready = nodes.filter((node) => node.isReady && isAsked(node));
  const first = order.first(
    () =>
      asked
        .flatMap((lane) => lane.best() ?? [])
        .toSorted((a, b) => (order.isBefore(a, b) ? -1 : 1))
        .at(0),
    () => ready.length > 0,
  );
  expect(first?.seq).toBe(walk(nodes).find(isAsked)?.seq);
  return nodes.find((node) => node === first);
}

const rank: Operation = { kind: 'rank', pick: 0 };

function withdraw(pick: number): Operation {
  return { kind: 'withdraw', pick };
}

/** A task that needs the whole, or the first partial result, of those that lie so far back. */
function task(given: { needs?: number[]; partials?: number[]; lane?: number; priority?: number } = {}): Operation {
  const { needs = [], partials = [], lane = 0, priority = 0 } = given;
  const whole = needs.map((back) => [back, undefined] as const);
  return { kind: 'add', deps: [...whole, ...partials.map((back) => [back, 0] as const)], lane, priority };
}

function apply(op: Operation, order: DemandOrder, lanes: Lanes, nodes: TestNode[]): void {
  switch (op.kind) {
    case 'add':
      add(op, order, lanes, nodes);
      return;
    case 'rank':
      compare(order, lanes, nodes);
      return;
    case 'look':
      look(order, lanes, nodes, op.pick);
      return;
    case 'again': {
      const running = choose(
        nodes.filter((node) => node.isRunning),
        op.pick,
      );
      if (running === undefined) return;
      running.isRunning = false;
      order.ready(running);
      return;
    }
    case 'start': {
      const best = look(order, lanes, nodes, op.pick);
      if (best === undefined) return;
      order.started(best);
      best.isRunning = true;
      return;
    }
    case 'partial': {
      const running = choose(
        nodes.filter((node) => node.isRunning),
        op.pick,
      );
      if (running !== undefined) deliver(running, order);
      return;
    }
    case 'done': {
      const running = choose(
        nodes.filter((node) => node.isRunning),
        op.pick,
      );
      if (running !== undefined) end(running, order);
      return;
    }
    case 'withdraw': {
      const unsettled = choose(
        nodes.filter((node) => !node.isSettled),
        op.pick,
      );
      if (unsettled !== undefined) fail(unsettled, order);
      return;
    }
    default:
      op satisfies never;
  }
}

function add(op: Added, order: DemandOrder, lanes: Lanes, nodes: TestNode[]): void {
  const node = new TestNode(nodes.length + 1, op.priority, lanes[op.lane] ?? new Lane<RankedNode>([], deaf));
  const pairs = new Map<string, readonly [TestNode, number]>();
  for (const [back, index = WHOLE] of op.deps) {
    const dependency = nodes[nodes.length - 1 - back];
    // What has already failed, or ended without that result, would fail the new task at once.
    if (dependency !== undefined && !dependency.isSettled) pairs.set(`${dependency.seq}#${index}`, [dependency, index]);
  }
  const edges = [...pairs.values()];
  connect(
    node,
    edges.map(([dependency]) => dependency),
    edges.every(([, index]) => index === WHOLE) ? undefined : edges.map(([, index]) => index),
  );
  nodes.push(node);
  order.add(node);
  if (node.waiting === 0) order.ready(node);
}

function deliver(node: TestNode, order: DemandOrder): void {
  const waiting = [node.partialDependents?.get(node.delivered) ?? []].flat();
  node.partialDependents?.delete(node.delivered);
  node.delivered += 1;
  for (const dependent of waiting) satisfy(dependent, order);
}

function end(node: TestNode, order: DemandOrder): void {
  node.isRunning = false;
  node.isSettled = true;
  order.done(node);
  const whole = wholeDependents(node);
  const short = [...(node.partialDependents?.values() ?? [])].flat();
  node.dependents = undefined;
  node.partialDependents = undefined;
  for (const dependent of whole) satisfy(dependent, order);
  for (const dependent of short) fail(dependent, order);
}

/** The task settles otherwise, and everything that depends on it with it. */
function fail(node: RankedNode, order: DemandOrder): void {
  if (node.isSettled) return;
  node.isSettled = true;
  if (node instanceof TestNode) node.isRunning = false;
  order.withdraw(node);
  const dependents: RankedNode[] = [];
  forEachDependent(node, (dependent) => dependents.push(dependent));
  node.dependents = undefined;
  node.partialDependents = undefined;
  for (const dependent of dependents) fail(dependent, order);
}

function satisfy(dependent: RankedNode, order: DemandOrder): void {
  dependent.waiting -= 1;
  if (dependent.waiting === 0 && !dependent.isSettled) order.ready(dependent);
}

function wholeDependents({ dependents }: RankedNode): readonly RankedNode[] {
  if (dependents === undefined) return [];
  return Array.isArray(dependents) ? dependents : [dependents];
}

/** The ready tasks in the order of the rule: the most urgent, then newest root first, depth first. */
function walk(nodes: readonly TestNode[]): readonly RankedNode[] {
  const pending = nodes.filter((node) => !node.isSettled && !node.isRunning).toReversed();
  const urgency = new Map<RankedNode, number>(pending.map((node) => [node, node.priority]));
  for (const node of pending) {
    for (const dependency of unsatisfied(node)) {
      urgency.set(dependency, Math.max(urgency.get(dependency) ?? dependency.priority, urgency.get(node) ?? 0));
    }
  }
  const seen = new Set<RankedNode>();
  const found: RankedNode[] = [];
  const demand = (node: RankedNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    const missing = unsatisfied(node);
    if (missing.length === 0 && pending.some((other) => other === node)) found.push(node);
    for (const dependency of missing) demand(dependency);
  };
  for (const root of pending.toSorted((a, b) => (urgency.get(b) ?? 0) - (urgency.get(a) ?? 0))) demand(root);
  return found;
}

function unsatisfied(node: RankedNode): readonly RankedNode[] {
  return (node.dependencies ?? []).filter((_, position) => !isSatisfied(node, position));
}

function choose<T>(from: readonly T[], pick: number): T | undefined {
  return from[pick % from.length];
}
