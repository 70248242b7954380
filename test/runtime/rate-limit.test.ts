/** The gates of a rate limit by themselves, on a clock that the test sets: what they keep, and which deadlines they set. */
import { expect, test } from 'vitest';
import type { RateOptions } from '../../src/runtime/policies/rate.js';
import { type RateGate, RateLimit, rateLimitOf } from '../../src/runtime/queues/rate-limit.js';

interface Due {
  readonly delayMs: number;
  readonly passed: () => void;
}

function limited(rate: RateOptions | undefined, byKey?: RateOptions) {
  const time = { now: 0 };
  const deadlines = new Set<Due>();
  let opened = 0;
  const limit = new RateLimit('q', rate, byKey, {
    now: () => time.now,
    set(delayMs, passed) {
      const due = { delayMs, passed };
      deadlines.add(due);
      return due as never;
    },
    callOff: (due) => void deadlines.delete(due as never),
    opened: () => void (opened += 1),
  });
  const delays = (): number[] => [...deadlines].map(({ delayMs }) => delayMs);
  /** The deadlines are due, early or not. */
  const fire = (): void => {
    const due = [...deadlines];
    deadlines.clear();
    for (const { passed } of due) passed();
  };
  const opens = (): number => opened;
  return { limit, time, delays, fire, opens };
}

/** The gate of the key, with one more task behind it. */
function entered(limit: RateLimit, key: string): RateGate {
  const gate = limit.gateOf(key);
  if (gate === undefined) throw new Error(`expected a gate for ${key}`);
  gate.enter();
  return gate;
}

test('a deadline stands exactly while something that is ready waits for a shut gate', () => {
  const { limit, time, delays, fire, opens } = limited({ limit: 1, intervalMs: 100 });
  const { whole: gate } = limit;
  if (gate === undefined) throw new Error('expected a gate');
  expect([gate.isOpen, gate.opensInMs, limit.isWaiting]).toEqual([true, 0, false]);
  gate.started();
  expect([gate.isOpen, gate.opensInMs, limit.isWaiting, delays()]).toEqual([false, 100, false, []]);
  time.now = 40;
  gate.readyChanged(1);
  expect([gate.opensInMs, limit.isWaiting, delays()]).toEqual([60, true, [60]]);
  gate.readyChanged(-1);
  expect([limit.isWaiting, delays()]).toEqual([false, []]);
  gate.readyChanged(1);
  time.now = 99;
  fire();
  expect([gate.isOpen, opens(), limit.isWaiting, delays()]).toEqual([false, 0, true, [1]]);
  time.now = 100;
  fire();
  expect([gate.isOpen, opens(), limit.isWaiting, delays()]).toEqual([true, 1, false, []]);
});

test('keys that nothing uses are forgotten when their buckets are full, each in its turn', () => {
  const { limit, time } = limited(undefined, { limit: 1, intervalMs: 100 });
  for (const [key, at] of [
    ['late', 80],
    ['early', 0],
    ['middle', 40],
  ] as const) {
    const gate = entered(limit, key);
    time.now = at;
    gate.started();
    time.now = 0;
    gate.leave();
  }
  const counts = [100, 140, 180].map((now) => {
    time.now = now;
    entered(limit, `at ${now}`);
    return limit.keyCount - 1;
  });
  // Of the three, and the new ones, which stay.
  expect(counts).toEqual([2, 2, 2]);
  expect(limit.keyCount).toBe(3);
});

test('a key that comes back is the same one, and stays while it is used', () => {
  const { limit, time } = limited(undefined, { limit: 1, intervalMs: 100 });
  const first = entered(limit, 'a');
  expect(entered(limit, 'a')).toBe(first);
  first.started();
  first.leave();
  time.now = 1_000;
  expect([limit.gateOf('a'), limit.keyCount]).toEqual([first, 1]);
  first.leave();
  expect(limit.keyCount).toBe(0);
  const again = entered(limit, 'a');
  again.started();
  again.leave();
  expect(entered(limit, 'a')).toBe(again);
  time.now = 5_000;
  entered(limit, 'b');
  expect([limit.gateOf('a'), limit.keyCount]).toEqual([again, 2]);
});

test('where keys have no limit there is no gate for them, and where nothing has, no limit', () => {
  const { limit } = limited({ limit: 1, intervalMs: 100 });
  expect([limit.hasKeys, limit.gateOf('a'), limit.keyCount]).toEqual([false, undefined, 0]);
  expect(limited(undefined, { limit: 1, intervalMs: 1 }).limit.gateOf(undefined)).toBeUndefined();
  expect(rateLimitOf({ name: 'q', rate: undefined, rateByKey: undefined }, {} as never)).toBeUndefined();
});
