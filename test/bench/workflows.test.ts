/** What the orders are worth on workflows of well-known shapes, in simulated time. */
import { expect, test } from 'vitest';
import { geometricMean, timesOf } from '../../bench/rows/workflow-row.js';
import { lowerBound, workflows } from '../../bench/workflows.js';

const SLOTS = 4;
const ALL = workflows([6]).map((workflow) => {
  const of = (order: 'fifo' | 'newest' | 'critical-path' | 'soonest') => timesOf(workflow, SLOTS, order);
  const times = { fifo: of('fifo'), newest: of('newest'), critical: of('critical-path'), soonest: of('soonest') };
  return { ...times, bound: lowerBound(workflow, SLOTS) };
});

function mean(ratio: (times: (typeof ALL)[number]) => number): number {
  return geometricMean(ALL.map(ratio));
}

test('the critical path takes less time in total than either other order, and nearly no more than it must', () => {
  const total = mean(({ critical, bound }) => critical.total / bound);
  expect(total).toBeLessThan(mean(({ newest, bound }) => newest.total / bound) - 0.02);
  expect(total).toBeLessThan(mean(({ fifo, bound }) => fifo.total / bound) - 0.02);
  expect(total).toBeLessThan(1.05);
});

test('the soonest final result comes much sooner than in submission order, at no cost in total time', () => {
  expect(mean(({ soonest, fifo }) => soonest.first / fifo.first)).toBeLessThan(0.75);
  expect(mean(({ soonest, fifo }) => soonest.mean / fifo.mean)).toBeLessThan(0.95);
  expect(mean(({ soonest, fifo }) => soonest.total / fifo.total)).toBeLessThan(1.01);
});
