/** Urgency: the highest priority among a task and what waits for it, and which lanes hear that it has changed. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect, forEachDependent, isSatisfied, WHOLE } from '../../src/core/order/graph-node.js';
import { Lane } from '../../src/core/order/lane.js';
import { RankedNode } from '../../src/core/order/ranked-node.js';
import { Urgencies } from '../../src/core/order/urgencies.js';
import { property } from '../support/property.js';

/** Counts how often it is looked at as one that may make what it waits for urgent. */
class Task extends RankedNode {
  looks = 0;

  override get isOut(): boolean {
    this.looks += 1;
    return super.isOut;
  }
}

/** Takes down which ready tasks have another urgency. */
class Listed extends Lane<RankedNode> {
  readonly reordered: number[] = [];

  override reranked({ seq }: RankedNode): void {
    this.reordered.push(seq);
  }
}

const added = fc.record({
  priority: fc.integer({ min: -1, max: 3 }),
  needs: fc.uniqueArray(fc.nat(8), { maxLength: 3 }),
});
const ended = fc.record({ isDone: fc.boolean(), pick: fc.nat(40) });

property([fc.array(fc.oneof(added, ended), { maxLength: 60 })], { numRuns: 300 })(
  'for any tasks that come, are done and are withdrawn, urgency is the highest priority of all that wait',
  (steps) => {
    const graph = new Graph();
    for (const step of steps) {
      const before = new Map(graph.open().map((node) => [node, graph.urgencies.of(node)]));
      graph.lane.reordered.length = 0;
      if ('priority' in step) {
        const open = graph.open().toReversed();
        graph.add(
          step.priority,
          step.needs.flatMap((back) => open[back] ?? []),
        );
      } else {
        const open = graph.open().filter((node) => !step.isDone || node.waiting === 0);
        const node = open[step.pick % Math.max(open.length, 1)];
        if (node !== undefined && step.isDone) graph.done(node);
        else if (node !== undefined) graph.withdraw(node);
      }
      graph.urgencies.settle();
      const changed = graph.open().filter((node) => {
        const was = before.get(node);
        return was !== undefined && was !== graph.urgencies.of(node) && node.isReady;
      });
      expect(graph.lane.reordered.toSorted((a, b) => a - b)).toEqual(changed.map(({ seq }) => seq));
      for (const node of graph.open()) expect(graph.urgencies.of(node)).toBe(naive(node));
    }
  },
);

test('what falls is known once it is settled, and not before', () => {
  const graph = new Graph();
  const source = graph.add(0);
  const urgent = graph.add(2, [source]);
  expect(graph.urgencies.of(source)).toBe(2);
  graph.withdraw(urgent);
  expect(graph.urgencies.of(source)).toBe(2);
  graph.urgencies.settle();
  expect([graph.urgencies.of(source), graph.lane.reordered]).toEqual([0, [1, 1]]);
});

test.each(['first', 'last'])('what two withdrawn tasks made urgent falls once, the more urgent of them %s', (place) => {
  const graph = new Graph();
  const source = graph.add(0);
  const between = graph.add(0, [source]);
  const urgent = graph.add(3, [between]);
  const less = graph.add(2, [graph.add(0, [between])]);
  for (const node of place === 'first' ? [urgent, less] : [less, urgent]) graph.withdraw(node);
  graph.lane.reordered.length = 0;
  graph.urgencies.settle();
  expect([graph.urgencies.of(source), graph.lane.reordered]).toEqual([0, [1]]);
});

test('what another task makes as urgent stays so, and its lane hears nothing', () => {
  const graph = new Graph();
  const source = graph.add(0);
  const [urgent] = [graph.add(2, [source]), graph.add(2, [source])];
  graph.withdraw(urgent);
  graph.lane.reordered.length = 0;
  graph.urgencies.settle();
  expect([graph.urgencies.of(source), graph.lane.reordered]).toEqual([2, []]);
});

test('a task that needs a partial result which was delivered does not make its source urgent', () => {
  const graph = new Graph();
  const [source, other] = [graph.add(0), graph.add(0)];
  source.delivered = 1;
  graph.add(2, [source, other], [0, WHOLE]);
  expect([source, other].map((node) => graph.urgencies.of(node))).toEqual([0, 2]);
});

test('a task that runs again is as urgent as what still waits for it', () => {
  const graph = new Graph();
  const source = graph.add(0);
  const other = graph.add(1, [source]);
  graph.add(2, [source], [0]);
  expect(graph.urgencies.of(source)).toBe(2);
  source.delivered = 1;
  source.partialDependents = undefined;
  graph.urgencies.settle();
  expect(graph.urgencies.of(source)).toBe(2);
  graph.urgencies.returned(source);
  graph.urgencies.settle();
  expect(graph.urgencies.of(source)).toBe(1);
  graph.withdraw(other);
  graph.urgencies.settle();
  expect(graph.urgencies.of(source)).toBe(0);
});

test('a task that has been withdrawn for the time being makes nothing urgent', () => {
  const graph = new Graph();
  const source = graph.add(0);
  const first = graph.add(3, [source]);
  graph.add(1, [source]);
  first.isUnneeded = true;
  graph.urgencies.withdrawn(first);
  graph.urgencies.settle();
  expect(graph.urgencies.of(source)).toBe(1);
});

test('any number of withdrawals cost one look at what else waits', () => {
  const graph = new Graph();
  const source = graph.add(0);
  const withdrawn = Array.from({ length: 50 }, () => graph.add(2, [source]));
  const other = graph.add(1, [source]);
  for (const node of withdrawn) graph.withdraw(node);
  graph.urgencies.settle();
  expect([graph.urgencies.of(source), other.looks]).toEqual([1, 1]);
});

test('where urgency cannot have fallen nothing is looked at', () => {
  const graph = new Graph();
  const [source, again] = [graph.add(0), graph.add(0)];
  const urgent = graph.add(2, [source]);
  const waiting = graph.add(0, [again]);
  graph.withdraw(graph.add(1, [source]));
  graph.urgencies.returned(again);
  graph.urgencies.settle();
  expect([graph.urgencies.of(source), urgent.looks, waiting.looks]).toEqual([2, 0, 0]);
});

test('of a task that has settled nothing is remembered', () => {
  const graph = new Graph();
  const [source, failed] = [graph.add(0), graph.add(0)];
  graph.add(2, [source, failed]);
  graph.done(source);
  expect(graph.urgencies.of(source)).toBe(0);
  graph.withdraw(failed);
  expect(graph.urgencies.of(failed)).toBe(0);
});

/** The tasks of one scheduler, as far as urgencies are concerned. */
class Graph {
  readonly urgencies = new Urgencies();
  readonly #nothing = (): void => undefined;
  readonly lane = new Listed([], {
    topChanged: this.#nothing,
    readyChanged: this.#nothing,
    rankedChanged: this.#nothing,
    unused: this.#nothing,
  });
  readonly #tasks: Task[] = [];

  open(): Task[] {
    return this.#tasks.filter((node) => !node.isSettled);
  }

  add(priority: number, needs: readonly Task[] = [], indices?: readonly number[]): Task {
    const node = new Task(this.#tasks.length + 1, priority, this.lane);
    connect<RankedNode>(node, needs, indices);
    node.isReady = node.waiting === 0;
    this.#tasks.push(node);
    this.urgencies.added(node);
    return node;
  }

  done(node: Task): void {
    node.isSettled = true;
    this.urgencies.settled(node);
    forEachDependent<RankedNode>(node, (dependent) => {
      dependent.waiting -= 1;
      dependent.isReady = dependent.waiting === 0;
    });
    node.dependents = undefined;
  }

  withdraw(node: RankedNode): void {
    if (node.isSettled) return;
    node.isSettled = true;
    this.urgencies.withdrawn(node);
    forEachDependent(node, (dependent) => this.withdraw(dependent));
  }
}

function naive(node: RankedNode): number {
  let most = node.priority;
  forEachDependent(node, (dependent) => {
    const position = dependent.dependencies.indexOf(node);
    if (!dependent.isSettled && !isSatisfied(dependent, position)) most = Math.max(most, naive(dependent));
  });
  return most;
}
