/** The simulated fleet keeps to arithmetic where there is arithmetic to keep to. */
import { describe, expect, test } from 'vitest';
import { type FleetCosts, simulateFleet } from '../../bench/distributed/fleet.js';

const costs: FleetCosts = { schedulerUs: 100, redisUs: 50, workerUs: 200, schedulerBeatUs: 0, redisBeatUs: 0 };

describe('a simulated fleet', () => {
  test('of one slot does one task after the other', () => {
    const { tasksPerSecond } = simulateFleet({ workers: 1, slots: 1, taskMs: 0 }, costs);
    expect(tasksPerSecond).toBeCloseTo(1e6 / 350, 0);
  });

  test('is as fast as its slots as long as they are the limit', () => {
    const load = simulateFleet({ workers: 10, slots: 8, taskMs: 1_000 }, costs);
    expect(load.bottleneck).toBe('slots');
    expect(load.tasksPerSecond).toBeGreaterThan(70);
    expect(load.tasksPerSecond).toBeLessThan(82);
  });

  test.each([
    ['scheduler', costs],
    ['redis', { ...costs, redisUs: 150 }],
  ] as const)('is never faster than the %s', (name, given) => {
    const load = simulateFleet({ workers: 100, slots: 8, taskMs: 10 }, given);
    const limit = 1e6 / Math.max(given.schedulerUs, given.redisUs);
    expect(load.bottleneck).toBe(name);
    expect(load.tasksPerSecond).toBeGreaterThan(0.9 * limit);
    expect(load.tasksPerSecond).toBeLessThan(1.1 * limit);
  });

  test('is slowed down by the heartbeats of its workers', () => {
    const busy = { ...costs, schedulerBeatUs: 5_000 };
    const load = simulateFleet({ workers: 100, slots: 8, taskMs: 10 }, busy);
    expect(load.tasksPerSecond).toBeLessThan(0.6 * (1e6 / costs.schedulerUs));
  });
});
