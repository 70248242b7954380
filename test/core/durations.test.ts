/** What is known of the durations of one kind of task. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDuration, addWait, runningStats, type RunningStats, spreadMs } from '../../src/core/durations.js';
import { property } from '../support/property.js';

function statsOf(durations: readonly number[]): RunningStats {
  const stats = runningStats();
  for (const ms of durations) addDuration(stats, ms);
  return stats;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('durations have a mean and a standard deviation, as in a textbook', () => {
  const stats = statsOf([2, 4, 4, 4, 5, 5, 7, 9]);
  expect([stats.count, stats.meanMs, stats.squares]).toEqual([8, 5, 32]);
  expect(spreadMs(stats)).toBeCloseTo(Math.sqrt(32 / 7));
});

test('there is no spread as long as there are not two durations', () => {
  expect([[], [7], [7, 9]].map((durations) => spreadMs(statsOf(durations)))).toEqual([0, 0, Math.SQRT2]);
});

test('the last eight durations are kept, the newest last', () => {
  expect(statsOf([1, 2, 3, 4, 5, 6, 7, 8]).lastMs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(statsOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).lastMs).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
});

test('what was kept goes on being counted, and itself stays as it was', () => {
  const kept = statsOf([10, 20]);
  const stats = runningStats(kept);
  addDuration(stats, 30);
  addWait(stats, 8);
  addWait(stats, 4);
  expect(stats).toEqual({ ...statsOf([10, 20, 30]), waits: 2, meanWaitMs: 6 });
  expect(kept).toEqual(statsOf([10, 20]));
});

property([fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 2 })])(
  'for any durations, mean and spread are those that a second pass over them gives',
  (durations) => {
    const mean = meanOf(durations);
    const squares = durations.map((ms) => (ms - mean) ** 2).reduce((sum, square) => sum + square, 0);
    const stats = statsOf(durations);
    expect(stats.meanMs).toBeCloseTo(mean, 4);
    expect(spreadMs(stats)).toBeCloseTo(Math.sqrt(squares / (durations.length - 1)), 2);
  },
);
