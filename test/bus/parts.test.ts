import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { FeedbackLog } from '../../src/bus/server/feedback-log.js';
import { decodeFrame, encodeFrame } from '../../src/bus/protocol/frames.js';
import { pauseMs } from '../../src/bus/client/reconnection.js';
import { TokenBucket } from '../../src/bus/server/token-bucket.js';
import { property } from '../support/property.js';

describe('a token bucket', () => {
  property([
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
  property([fc.jsonValue({ depthSize: 'medium' })])('is read as what was written', (value) => {
    const encoded = encodeFrame({ value }, 1e9);
    const text = encoded.ok ? encoded.text : '';
    const expected = JSON.parse(JSON.stringify({ value })) as unknown;
    if (encoded.ok) expect(decodeFrame(text)).toEqual({ ok: true, value: expected });
    else expect(encoded.message).toContain('nested');
  });

  property([fc.integer({ min: 1, max: 200 }), fc.string()])('of brackets within strings is not deep', (depth, text) => {
    const nested = `${'['.repeat(depth)}${JSON.stringify(text + '['.repeat(500))}${']'.repeat(depth)}`;
    expect(decodeFrame(nested).ok).toBe(depth <= 64);
  });

  property([fc.string()])('of any text is a value or refused, and never throws', (text) => {
    expect(() => decodeFrame(text)).not.toThrow();
  });
});

describe('a feedback log', () => {
  property([fc.array(fc.nat(30), { maxLength: 100 }), fc.nat(120)])(
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
  property([fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })])(
    'doubles up to its bound, and at least half of it is kept',
    (attempt, random) => {
      const longest = Math.min(1000, 10 * 2 ** Math.min(attempt - 1, 100));
      const pause = pauseMs(attempt, { baseMs: 10, maxMs: 1000 }, random);
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest);
    },
  );
});
