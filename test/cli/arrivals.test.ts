import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atIntervals, randomTimedJob } from '../../src/cli/arrivals.js';
import { ManualEnvironment } from '../bus/manual-environment.js';
import { property } from '../support/property.js';

/** Chance that is drawn beforehand. */
function drawn(values: readonly number[]): ManualEnvironment {
  const environment = new ManualEnvironment();
  let n = 0;
  environment.random = () => values[n++ % values.length] ?? 0;
  return environment;
}

const chance = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 2, maxLength: 20 });

describe('arrivals', () => {
  test('come at once and then at every period', () => {
    const environment = new ManualEnvironment();
    const times: number[] = [];
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    atIntervals({ periodMs: 100, count: 4, environment }, () => times.push(environment.clock.now()), end);
    environment.advance(1000);
    expect(times).toEqual([0, 100, 200, 300]);
    expect([isOver, environment.timers]).toEqual([true, 0]);
  });

  property([chance, fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 2000 })])(
    'never go back in time, however they scatter, and end when told to',
    (values, periodMs, sigmaMs) => {
      const environment = drawn(values);
      const times: number[] = [];
      const stop = atIntervals({ periodMs, sigmaMs, environment }, () => times.push(environment.clock.now()));
      for (let n = 0; n < 100 && times.length < 50; n += 1) environment.advance(periodMs);
      stop();
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(environment.timers).toBe(0);
    },
  );

  test('are never further apart than a timer can wait', () => {
    const delays: number[] = [];
    const environment = new ManualEnvironment();
    const { after } = environment.clock;
    environment.clock.after = (delayMs, callback) => {
      delays.push(delayMs);
      return after(delayMs, callback);
    };
    environment.random = () => 0.999;
    atIntervals({ periodMs: 2e9, sigmaMs: 1e9, environment }, () => undefined);
    expect(delays).toEqual([2 ** 31 - 1]);
  });

  test('that scatter do so around their period', () => {
    const values = Array.from({ length: 2000 }, (_, n) => (n * 0.618_033_988_75) % 1);
    const environment = drawn(values);
    const times: number[] = [];
    atIntervals({ periodMs: 100, sigmaMs: 20, count: 1000, environment }, () => times.push(environment.clock.now()));
    environment.advance(1e6);
    const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const sigma = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(100, -1);
    expect(sigma).toBeGreaterThan(15);
    expect(sigma).toBeLessThan(25);
  });

  property([chance])('bring jobs that a bus takes', (values) => {
    const job = randomTimedJob(5, drawn(values));
    expect(job).toMatchObject({
      priority: expect.toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 10) as unknown,
    });
    expect('runtime' in job && job.runtime >= 0 && job.runtime <= 5).toBe(true);
  });
});
