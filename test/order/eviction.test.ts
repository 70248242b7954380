/** Which running tasks are evicted, compared with all choices of them; and the urgency that a task inherits. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { urgencyOf, victimsAmong } from '../../src/core/order/eviction.js';
import { connect } from '../../src/core/order/graph-node.js';
import { Lane } from '../../src/core/order/lane.js';
import { RankedNode } from '../../src/core/order/ranked-node.js';
import { emptyLedger, fits, giveBack, take } from '../../src/core/order/resource-ledger.js';
import { property } from '../support/property.js';

class TestNode extends RankedNode {}

const amounts = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }));
const running = fc.array(fc.record({ demand: amounts, urgency: fc.nat({ max: 3 }) }), { maxLength: 5 });

property([running, amounts, fc.nat({ max: 1 })])(
  'victims make room, none of them without need',
  (tasks, demand, spare) => {
    const capacity = [0, 1].map((i) => tasks.reduce((sum, task) => sum + (task.demand[i] ?? 0), 0));
    const ledger = tasks.reduce((sum, task) => take(sum, task.demand), emptyLedger(tasks.length + spare, capacity));
    const victims = victimsAmong(ledger, demand, tasks);
    const without = (gone: readonly (typeof tasks)[number][]) =>
      gone.reduce((sum, task) => giveBack(sum, task.demand), ledger);
    if (victims === undefined) {
      expect(fits(without(tasks), demand)).toBe(false);
      return;
    }
    expect(fits(without(victims), demand)).toBe(true);
    for (const victim of victims)
      expect(fits(without(victims.filter((other) => other !== victim)), demand)).toBe(false);
  },
);

test('the least urgent goes first, of equals the one that started last, and the most urgent is spared first', () => {
  const task = (name: string, urgency: number, ...demand: number[]) => ({ name, urgency, demand });
  const names = (tasks: readonly { name: string }[], demand: number[], slots = tasks.length) => {
    const all = tasks as readonly ReturnType<typeof task>[];
    const ledger = all.reduce((sum, each) => take(sum, each.demand), emptyLedger(slots, [4, 4]));
    return victimsAmong(ledger, demand, all)?.map(({ name }) => name);
  };
  const [a, b, c] = [task('a', 1, 1, 0), task('b', 0, 1, 0), task('c', 0, 1, 0)];
  expect(names([a, b, c], [0, 0])).toEqual(['c']);
  expect(names([a, b, c], [3, 0])).toEqual(['c', 'b']);
  expect(names([b, a], [0, 0])).toEqual(['b']);
  expect(names([a, b, c], [0, 0], 4)).toEqual([]);
  expect(names([task('disk', 0, 0, 4), task('cpu', 1, 4, 0)], [1, 0])).toEqual(['cpu']);
  expect(names([a], [9, 0])).toBeUndefined();
});

test('a task is as urgent as the most urgent task that waits for it, and says which', () => {
  const deaf = {
    topChanged: () => undefined,
    readyChanged: () => undefined,
    rankedChanged: () => undefined,
    unused: () => undefined,
  };
  const lane = new Lane<RankedNode>([], deaf);
  const nodeWith = (priority: number, ...dependencies: RankedNode[]): RankedNode => {
    const node = new TestNode(priority, priority, lane);
    connect(node, dependencies, undefined);
    return node;
  };
  const source = nodeWith(0);
  const middle = nodeWith(1, source);
  const urgent = nodeWith(5, middle, nodeWith(2, source));
  const most = nodeWith(7, source);
  const urgency = (node: RankedNode, enough: number) => {
    const { priority, witness } = urgencyOf(node, enough);
    return [priority, witness.seq];
  };
  expect(urgency(source, 9)).toEqual([7, most.seq]);
  expect(urgency(source, 0)).toEqual([0, source.seq]);
  most.isSettled = true;
  expect(urgency(source, 9)).toEqual([5, urgent.seq]);
  expect(urgency(middle, 5)).toEqual([5, urgent.seq]);
  expect(urgency(urgent, 9)).toEqual([5, urgent.seq]);
});
