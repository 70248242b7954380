/** Plays what can happen to a demand order, and compares what it says with a naive walk over all tasks. */
import { expect } from 'vitest';
import { FifoOrder } from '../../src/core/order/fifo-order.js';
import { connect, forEachDependent, isSatisfied, WHOLE } from '../../src/core/order/graph-node.js';
import type { Lane } from '../../src/core/order/lane.js';
import { RankedNode } from '../../src/core/order/ranked-node.js';
import type { StartOrder } from '../../src/core/order/start-order.js';
import { makeOrder } from '../../src/core/order/make-order.js';
import type { SchedulerOrder, TaskOrder } from '../../src/core/order/task-order.js';
import { Urgencies } from '../../src/core/order/urgencies.js';
import type { OrderView } from '../../src/testing/order-view.js';
import { startOrder } from '../../src/testing/start-order.js';

const deaf = {
  topChanged: () => undefined,
  readyChanged: () => undefined,
  rankedChanged: () => undefined,
  unused: () => undefined,
};

type Lanes = readonly Lane<RankedNode>[];

class TestNode extends RankedNode {
  isRunning = false;
  hasRun = false;
  isFound = false;
}

interface Added {
  readonly kind: 'add';
  /** How far back each dependency lies, and the partial result of it that is needed, if any. */
  readonly deps: readonly (readonly [number, number | undefined])[];
  readonly lane: number;
  readonly priority: number;
  /** Its result is known once it waits for nothing: it is done without a start. */
  readonly isFound?: boolean | undefined;
}

/** `pick` chooses among the tasks to which it can happen; for a look and a start it chooses the lanes that are asked. */
interface Change {
  readonly kind: 'rank' | 'look' | 'start' | 'again' | 'partial' | 'done' | 'withdraw' | 'spare' | 'need';
  readonly pick: number;
}

/** What can happen to the order. */
export type Operation = Added | Change;

/** What is played with: the order that is told of everything, the one that is asked, and the rule that its answers follow. */
interface Table {
  readonly order: TaskOrder;
  readonly asked: StartOrder;
  readonly lanes: Lanes;
  readonly rule: (nodes: readonly TestNode[]) => readonly RankedNode[];
}

/** Plays the operations; what they look at, and the whole order at the end, must be as the rule says. */
export function play(ops: readonly Operation[], by: SchedulerOrder | 'fifo' = 'newest'): void {
  const urgencies = new Urgencies();
  const order = makeOrder(by === 'fifo' ? 'newest' : by, { weigh, urgencies, isExact: true });
  let asked: StartOrder = order;
  if (by === 'fifo') {
    order.urgencies = urgencies;
    asked = new FifoOrder(urgencies);
  }
  const lanes = [asked.laneFor([], deaf), asked.laneFor([1], deaf)];
  const nodes: TestNode[] = [];
  const table: Table = { order, asked, lanes, rule: by === 'fifo' ? oldestFirst : ruleOf(by) };
  for (const op of ops) apply(op, table, nodes);
  compare(table, nodes);
}

/** Ranks all tasks and compares their order with that of the rule. */
function compare({ asked: order, lanes, rule }: Table, nodes: readonly TestNode[]): void {
  order.first({ best: () => undefined, isAnyUnranked: () => true });
  const expected = rule(nodes);
  const ready = nodes.filter((node) => node.isReady).sort((a, b) => (order.isBefore(a, b) ? -1 : 1));
  expect(ready.map((node) => node.seq)).toEqual(expected.map((node) => node.seq));
  for (const { isOut, isFound, isStarted, isRunning, block, path, heapIndex } of nodes) {
    expect(isStarted && !isOut).toBe(isRunning);
    // One that was found may be on the path of a walk that has yet to go on.
    if (isOut && !isFound) expect(block ?? path ?? heapIndex).toBe(-1);
  }
  for (const lane of lanes) expect(lane.best()?.seq).toBe(expected.find((node) => node.lane === lane)?.seq);
}

/** Ranks no more tasks than needed to say which is the first of some lanes; that must be the first by the rule. */
function look({ asked: order, lanes, rule }: Table, nodes: readonly TestNode[], pick: number): TestNode | undefined {
  const asked = lanes.filter((_, index) => pick % 3 !== index);
  const isAsked = (node: RankedNode): boolean => asked.includes(node.lane);
  const ready = nodes.filter((node) => node.isReady && isAsked(node));
  const first = order.first({
    best: () =>
      asked
        .flatMap((lane) => lane.best() ?? [])
        .toSorted((a, b) => (order.isBefore(a, b) ? -1 : 1))
        .at(0),
    isAnyUnranked: () => ready.length > 0,
  });
  expect(first?.seq).toBe(rule(nodes).find(isAsked)?.seq);
  return nodes.find((node) => node === first);
}

export const rank: Operation = { kind: 'rank', pick: 0 };

/** One of the tasks to which it can happen, in the order of their age, counted from 0 and over again. */
export function change(kind: Change['kind'], pick: number): Operation {
  return { kind, pick };
}

export function withdraw(pick: number): Operation {
  return change('withdraw', pick);
}

/** A task that needs those that lie so far back, or, of a pair, a partial result of one. */
export function task(
  given: {
    readonly needs?: readonly (number | readonly [back: number, index: number])[];
    readonly lane?: number;
    readonly priority?: number;
    readonly isFound?: boolean;
  } = {},
): Operation {
  const { needs = [], lane = 0, priority = 0, isFound } = given;
  const deps = needs.map((need) => (typeof need === 'number' ? ([need, undefined] as const) : need));
  return { kind: 'add', deps, lane, priority, isFound };
}

/** Tasks that need nothing. */
export function tasks(count: number): readonly Operation[] {
  return Array.from({ length: count }, () => task());
}

function apply(op: Operation, table: Table, nodes: TestNode[]): void {
  const { order } = table;
  switch (op.kind) {
    case 'add':
      add(op, table, nodes);
      return;
    case 'rank':
      compare(table, nodes);
      return;
    case 'look':
      look(table, nodes, op.pick);
      return;
    case 'again': {
      const chosen = choose(running(nodes), op.pick);
      if (chosen === undefined) return;
      chosen.isRunning = false;
      order.ready(chosen);
      return;
    }
    case 'start': {
      const best = look(table, nodes, op.pick);
      if (best === undefined) return;
      order.started(best);
      best.isRunning = true;
      best.hasRun = true;
      return;
    }
    case 'partial': {
      const chosen = choose(running(nodes), op.pick);
      if (chosen !== undefined) deliver(chosen, order);
      return;
    }
    case 'done': {
      const chosen = choose(running(nodes), op.pick);
      if (chosen !== undefined) end(chosen, order);
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
    case 'spare': {
      const chosen = choose(nodes.filter(isIdle), op.pick);
      if (chosen === undefined) return;
      chosen.isUnneeded = true;
      order.withdraw(chosen);
      return;
    }
    case 'need': {
      const chosen = choose(
        nodes.filter((node) => node.isUnneeded && !node.isSettled),
        op.pick,
      );
      if (chosen !== undefined) wake(chosen, order);
      return;
    }
    default:
      op satisfies never;
  }
}

function add(op: Added, { order, asked, lanes }: Table, nodes: TestNode[]): void {
  const node = new TestNode(nodes.length + 1, op.priority, lanes[op.lane] ?? asked.laneFor([], deaf));
  node.isFound = op.isFound === true;
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
  for (const dependency of node.dependencies) wake(dependency, order);
  if (node.waiting === 0) becomeReady(node, order);
}

function becomeReady(node: RankedNode, order: TaskOrder): void {
  if (node instanceof TestNode && node.isFound) end(node, order);
  else order.ready(node);
}

/** Whether nothing has begun for the task, and nothing needs it. */
function isIdle(node: TestNode): boolean {
  let isNeeded = node.isOut || node.hasRun || node.isFound;
  forEachDependent<RankedNode>(node, (dependent) => {
    isNeeded ||= !dependent.isOut;
  });
  return !isNeeded;
}

/** What was not needed is needed again, and what it needs after that. */
function wake(node: RankedNode, order: TaskOrder): void {
  if (!node.isUnneeded || node.isSettled) return;
  node.isUnneeded = false;
  order.comesBack(node);
  for (const dependency of node.dependencies) wake(dependency, order);
}

function deliver(node: TestNode, order: TaskOrder): void {
  const waiting = [node.partialDependents?.get(node.delivered) ?? []].flat();
  node.partialDependents?.delete(node.delivered);
  node.delivered += 1;
  for (const dependent of waiting) satisfy(dependent, order);
}

function end(node: TestNode, order: TaskOrder): void {
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
function fail(node: RankedNode, order: TaskOrder): void {
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

function satisfy(dependent: RankedNode, order: TaskOrder): void {
  dependent.waiting -= 1;
  if (dependent.waiting === 0 && !dependent.isOut) becomeReady(dependent, order);
}

function wholeDependents({ dependents }: RankedNode): readonly RankedNode[] {
  if (dependents === undefined) return [];
  return Array.isArray(dependents) ? dependents : [dependents];
}

/** The ready tasks in the order of the rule. */
function ruleOf(order: SchedulerOrder): Table['rule'] {
  return (nodes) => [...startOrder(nodes.toReversed(), VIEW, order)];
}

/** Whole numbers, so that sums do not depend on the order in which they are made; some are equal. */
function weigh({ seq }: RankedNode): number {
  return (seq * 7) % 11;
}

/** The same for tasks that are all of queues in order of submission. */
function oldestFirst(nodes: readonly TestNode[]): readonly RankedNode[] {
  return [...startOrder(nodes.toReversed(), { ...VIEW, isFifo: () => true })];
}

const VIEW: OrderView<RankedNode> = {
  missing: (node) => (node.isOut || (node instanceof TestNode && node.isRunning) ? undefined : unsatisfied(node)),
  priority: ({ priority }) => priority,
  weight: weigh,
};

function unsatisfied(node: RankedNode): readonly RankedNode[] {
  return (node.dependencies ?? []).filter((_, position) => !isSatisfied(node, position));
}

function choose<T>(from: readonly T[], pick: number): T | undefined {
  return from[pick % from.length];
}

function running(nodes: readonly TestNode[]): readonly TestNode[] {
  return nodes.filter((node) => node.isRunning);
}
