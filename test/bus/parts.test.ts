import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { anyTimedJob, atIntervals } from '../../src/bus/client/arrivals.js';
import { FeedbackLog } from '../../src/bus/server/feedback-log.js';
import { decodeFrame, encodeFrame } from '../../src/bus/protocol/frames.js';
import { pauseMs } from '../../src/bus/client/reconnection.js';
import { TokenBucket } from '../../src/bus/server/token-bucket.js';
import { ManualEnvironment } from '../support/manual-environment.js';

/** Chance that is drawn beforehand. */
function drawn(values: readonly number[]): ManualEnvironment {
  const environment = new ManualEnvironment();
  let n = 0;
  environment.random = () => values[n++ % values.length] ?? 0;
  return environment;
}

const chance = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 2, maxLength: 20 });

describe('a token bucket', () => {
  test.prop([
    fc.array(fc.nat(200), { maxLength: 200 }),
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 1, max: 20 }),
  ])('never lets more happen than the burst and the rate allow, when its pauses are kept', (gaps, perSecond, burst) => {
    const bucket = new TokenBucket(perSecond, burst, 0);
    let now = 0;
    let taken = 0;
    for (const gap of gaps) {
      now += gap;
      const waitMs = bucket.take(now);
      taken += 1;
      expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1);
      now += waitMs;
    }
  });
});

describe('a frame', () => {
  test.prop([fc.jsonValue({ depthSize: 'medium' })])('is read as what was written', (value) => {
    const encoded = encodeFrame({ value }, 1e9);
    const text = encoded.ok ? encoded.text : '';
    const expected = JSON.parse(JSON.stringify({ value })) as unknown;
    if (encoded.ok) expect(decodeFrame(text)).toEqual({ ok: true, value: expected });
    else expect(encoded.message).toContain('nested');
  });

  test.prop([fc.integer({ min: 1, max: 200 }), fc.string()])(
    'of brackets within strings is not deep',
    (depth, text) => {
      const nested = `${'['.repeat(depth)}${JSON.stringify(text + '['.repeat(500))}${']'.repeat(depth)}`;
      expect(decodeFrame(nested).ok).toBe(depth <= 64);
    },
  );

  test.prop([fc.string()])('of any text is a value or refused, and never throws', (text) => {
    expect(() => decodeFrame(text)).not.toThrow();
  });
});

describe('a feedback log', () => {
  test.prop([fc.array(fc.nat(30), { maxLength: 100 }), fc.nat(120)])(
    'keeps the latest within its bounds, and knows how many it does not',
    (sizes, seen) => {
      const log = new FeedbackLog(10, 100);
      const texts = sizes.map((size) => log.add((seq) => `${seq}:${'é'.repeat(size)}`));
      const { texts: kept, lost } = log.after(seen);
      const missed = texts.slice(seen);
      expect(kept.length + lost).toBe(missed.length);
      expect(kept).toEqual(missed.slice(lost));
      expect(kept.length).toBeLessThanOrEqual(10);
      expect(Buffer.byteLength(kept.join(''))).toBeLessThanOrEqual(100);
    },
  );
});

describe('the pause before another try', () => {
  test.prop([fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })])(
    'doubles up to its bound, and at least half of it is kept',
    (attempt, random) => {
      const longest = Math.min(1000, 10 * 2 ** Math.min(attempt - 1, 100));
      const pause = pauseMs(attempt, { baseMs: 10, maxMs: 1000 }, random);
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest);
    },
  );
});

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

  test.prop([chance, fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 2000 })])(
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

  test.prop([chance])('bring jobs that a bus takes', (values) => {
    const job = anyTimedJob(5, drawn(values));
    expect(job).toMatchObject({
      priority: expect.toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 10) as unknown,
    });
    expect('runtime' in job && job.runtime >= 0 && job.runtime <= 5).toBe(true);
  });
});
