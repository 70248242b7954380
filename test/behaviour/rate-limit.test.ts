/** Rate limits of queues and of keys, in time that the tests let pass. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type QueueOptions, Scheduler } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';
import { timedQueue } from './timed-queue.js';

const work = (..._needed: readonly unknown[]): number => 1;
const many = { order: 'fifo', concurrency: 100 } as const;

describe('the rate of a queue', () => {
  test('spaces the starts evenly, and does not delay ends', async () => {
    const { scheduler, queue, started, executor, pass } = timedQueue({
      ...many,
      rate: { limit: 4, intervalMs: 1_000 },
    });
    const handles = ['a', 'b', 'c', 'd'].map((id) => queue.submit({ id }, work));
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['a']);
    executor.attemptAt('a').done('early');
    expect(await handles[0]?.result()).toBe('early');
    await pass(249);
    expect(started()).toEqual(['a']);
    await pass(1);
    expect(started()).toEqual(['a', 'b']);
    await pass(500);
    expect(started()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('lets a burst start after a time without starts', async () => {
    const rate = { limit: 10, intervalMs: 1_000, burst: 3 };
    const { scheduler, queue, started, pass } = timedQueue({ ...many, rate });
    for (const id of 'abcdefgh') queue.submit({ id }, work);
    scheduler.start();
    await quiet();
    expect(started().join('')).toBe('abc');
    await pass(200);
    expect(started().join('')).toBe('abcde');
    await pass(10_000);
    expect(started().join('')).toBe('abcdefgh');
    for (const id of 'ijklm') queue.submit({ id }, work);
    await quiet();
    expect(started().join('')).toBe('abcdefghijk');
  });

  test('is no stall while it delays, and keeps no timer when nothing waits', async () => {
    const { scheduler, queue, started, executor, clock, pass } = timedQueue({ rate: { limit: 1, intervalMs: 50 } });
    queue.submit({ id: 'b' }, work);
    queue.submit({ id: 'a' }, work);
    scheduler.start();
    const waiting = scheduler.wait();
    await quiet();
    executor.attemptAt('a').done(1);
    expect(await isKept(waiting)).toBe(false);
    expect([scheduler.state, clock.nextAt()]).toEqual(['busy', 50]);
    await pass(50);
    expect(started()).toEqual(['a', 'b']);
    expect(clock.nextAt()).toBeUndefined();
    executor.attemptAt('b').done(1);
    await waiting;
    queue.submit({ id: 'c' }, work).cancel();
    const late = queue.submit({ id: 'd' }, work);
    await quiet();
    expect(clock.nextAt()).toBe(100);
    late.cancel();
    expect(clock.nextAt()).toBeUndefined();
  });

  test('is told by why(), with the time until the next start', async () => {
    const { scheduler, queue, pass } = timedQueue({ ...many, rate: { limit: 1, intervalMs: 80 } });
    queue.submit({ id: 'a' }, work);
    const b = queue.submit({ id: 'b' }, work);
    scheduler.start();
    await quiet();
    await pass(30);
    expect(b.why()).toEqual({
      reason: 'rate',
      queue: 'q',
      key: undefined,
      inMs: 50,
      message: 'task b is ready; by the rate of queue q the next start is in 50 ms',
    });
  });

  test('counts every attempt', async () => {
    const options = { rate: { limit: 1, intervalMs: 50 }, retry: { attempts: 3 } };
    const { scheduler, queue, started, executor, pass } = timedQueue(options);
    queue.submit({ id: 'a' }, work);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(new Error('once'));
    await quiet();
    expect(started()).toEqual(['a']);
    await pass(50);
    expect(started()).toEqual(['a', 'a']);
  });

  test('starts nothing while the scheduler is stopped or the queue is paused, and nothing twice', async () => {
    const { scheduler, queue, started, pass } = timedQueue({ ...many, rate: { limit: 1, intervalMs: 50 } });
    for (const id of 'abc') queue.submit({ id }, work);
    scheduler.start();
    await quiet();
    queue.pause();
    await pass(200);
    expect(started().join('')).toBe('a');
    void scheduler.stop();
    queue.resume();
    await pass(200);
    expect(started().join('')).toBe('a');
    scheduler.start();
    await quiet();
    expect(started().join('')).toBe('ab');
    await pass(50);
    expect(started().join('')).toBe('abc');
  });
});

describe('the rate of a key', () => {
  const rateByKey = { limit: 1, intervalMs: 100 };

  test('delays no task of another key, and none without one', async () => {
    const { scheduler, queue, started, pass } = timedQueue({ ...many, rateByKey });
    for (const id of ['a1', 'a2', 'a3', 'b1', 'b2']) queue.submit({ id, rateKey: id.slice(0, 1) }, work);
    for (const id of ['x', 'y']) queue.submit({ id }, work);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['a1', 'b1', 'x', 'y']);
    await pass(100);
    expect(started().slice(4)).toEqual(['a2', 'b2']);
    await pass(100);
    expect(started().slice(6)).toEqual(['a3']);
  });

  test('does not keep a slot from others', async () => {
    const { scheduler, queue, started, executor } = timedQueue({ order: 'fifo', concurrency: 1, rateByKey });
    for (const id of ['a1', 'a2', 'b1']) queue.submit({ id, rateKey: id.slice(0, 1) }, work);
    scheduler.start();
    await quiet();
    executor.attemptAt('a1').done(1);
    await quiet();
    expect(started()).toEqual(['a1', 'b1']);
  });

  test('applies together with the rate of the queue', async () => {
    const rate = { limit: 1, intervalMs: 10 };
    const { scheduler, queue, started, pass } = timedQueue({ ...many, rate, rateByKey });
    const handles = ['a1', 'a2', 'b1', 'b2'].map((id) => queue.submit({ id, rateKey: id.slice(0, 1) }, work));
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['a1']);
    await pass(10);
    expect(started()).toEqual(['a1', 'b1']);
    expect(handles[1]?.why()).toMatchObject({
      reason: 'rate',
      key: 'a',
      inMs: 90,
      message: 'task a2 is ready; by the rate of key a of queue q the next start is in 90 ms',
    });
    await pass(100);
    expect(started()).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  test('keeps to demand order among the tasks of a key', async () => {
    const { scheduler, queue, started, pass } = timedQueue({ concurrency: 9, rateByKey });
    const source = queue.submit({ id: 'source', rateKey: 'a' }, work);
    queue.submit({ id: 'old', rateKey: 'a' }, work);
    queue.submit({ id: 'new', rateKey: 'a' }, work, source);
    scheduler.start();
    await quiet();
    await pass(100);
    expect(started()).toEqual(['source', 'old']);
  });

  test('lets urgent tasks of other keys evict, and no task that it delays', async () => {
    const options = { ...many, concurrency: 1, preempt: true, rateByKey } as const;
    const { scheduler, queue, started, executor, pass } = timedQueue(options);
    queue.submit({ id: 'a1', rateKey: 'a' }, work);
    scheduler.start();
    await quiet();
    queue.submit({ id: 'a2', rateKey: 'a', priority: 1 }, work);
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    queue.submit({ id: 'b1', rateKey: 'b', priority: 1 }, work);
    await quiet();
    expect([...executor.aborted]).toEqual(['a1']);
    executor.attemptAt('a1').failed(new Error('evicted'));
    await quiet();
    expect(started()).toEqual(['a1', 'b1']);
    executor.attemptAt('b1').done(1);
    await pass(100);
    expect(started()).toEqual(['a1', 'b1', 'a2']);
  });

  test('is the same as before when a task comes with it soon after the last has left', async () => {
    const { scheduler, queue, started, executor, pass } = timedQueue({ ...many, rateByKey });
    queue.submit({ id: 'a1', rateKey: 'a' }, work);
    scheduler.start();
    await quiet();
    executor.attemptAt('a1').done(1);
    await quiet();
    queue.submit({ id: 'a2', rateKey: 'a' }, work);
    await quiet();
    expect(queue._counts.rateKeys).toBe(1);
    expect(started()).toEqual(['a1']);
    await pass(100);
    expect(started()).toEqual(['a1', 'a2']);
  });

  test('is forgotten once it is idle', async () => {
    const { scheduler, queue, executor, pass } = timedQueue({ ...many, concurrency: 1_000, rateByKey });
    scheduler.start();
    for (let round = 0; round < 3; round += 1) {
      for (let host = 0; host < 200; host += 1) queue.submit({ rateKey: `host ${round}.${host}` }, work);
      await quiet();
      for (const attempt of executor.started.splice(0)) attempt.done(1);
      await pass(100);
    }
    expect(queue._counts.rateKeys).toBe(200);
    queue.submit({ rateKey: 'one more' }, work);
    expect(queue._counts.rateKeys).toBe(1);
    // Lanes are searched one by one up to 16, and those without tasks are dropped when most are.
    expect(queue._counts.lanes).toBeLessThan(2 * 16 + 1);
  });
});

const arrivals = fc.array(
  fc.record({ afterMs: fc.nat(60), key: fc.constantFrom('a', 'b', undefined), large: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);
const rates = fc.record({
  limit: fc.integer({ min: 1, max: 7 }),
  intervalMs: fc.integer({ min: 1, max: 100 }),
  burst: fc.integer({ min: 1, max: 4 }),
});

property(
  [
    arrivals,
    fc.option(rates, { nil: undefined }),
    fc.option(rates, { nil: undefined }),
    fc.constantFrom('newest', 'fifo'),
  ],
  { numRuns: scaledRuns(100) },
)('for any arrivals, every task starts, and none before the rates allow it', async (given, rate, byKey, order) => {
  const options: Omit<QueueOptions, 'store'> = {
    concurrency: 100,
    resources: { mem: 1_000 },
    order,
    ...(rate === undefined ? {} : { rate }),
    ...(byKey === undefined ? {} : { rateByKey: byKey }),
  };
  const { scheduler, queue, executor, clock, pass } = timedQueue(options);
  scheduler.start();
  const startsMs: { readonly at: number; readonly key: string | undefined }[] = [];
  scheduler.on('task', ({ id, state }) => {
    if (state === 'running') startsMs.push({ at: clock.now(), key: id.startsWith('-') ? undefined : id.slice(0, 1) });
  });
  for (const [index, { afterMs, key, large }] of given.entries()) {
    await pass(afterMs);
    const rateKey = key === undefined || byKey === undefined ? {} : { rateKey: key };
    queue.submit({ id: `${key ?? '-'}${index}`, resources: { mem: large ? 2 : 1 }, ...rateKey }, work);
    await quiet();
  }
  for (let next = clock.nextAt(); next !== undefined; next = clock.nextAt()) await pass(next - clock.now());
  expect(executor.started).toHaveLength(given.length);
  expectBounded(startsMs, rate);
  for (const key of ['a', 'b'])
    expectBounded(
      startsMs.filter((start) => start.key === key),
      byKey,
    );
});

/** No `count` starts in a row come closer together than the rate says. */
function expectBounded(starts: readonly { readonly at: number }[], rate: QueueOptions['rate']): void {
  if (rate === undefined) return;
  const { limit, intervalMs, burst = 1 } = rate;
  for (const [first, { at }] of starts.entries()) {
    for (const [more, later] of starts.slice(first + burst).entries()) {
      expect(later.at - at).toBeGreaterThanOrEqual(((more + 1) * intervalMs) / limit - 1e-3);
    }
  }
}

test('rates that are none are refused', () => {
  const { queue } = timedQueue();
  const refused = (options: object): string => refusalOf(() => new Scheduler().queue('r', options)).message;
  expect(refused({ rate: { limit: 0, intervalMs: 1 } })).toBe('rate.limit must be an integer of at least 1, got 0');
  expect(refused({ rate: { limit: 1 } })).toBe('rate.intervalMs must be a finite number greater than 0, got undefined');
  expect(refused({ rateByKey: { limit: 1, intervalMs: 1, burst: 1.5 } })).toBe(
    'rateByKey.burst must be an integer of at least 1, got 1.5',
  );
  expect(refused({ rate: { limit: 1, interval: 1 } })).toContain(
    'rate has no option interval; did you mean intervalMs?',
  );
  expect(refused({ rate: 5 })).toBe('the options of rate must be an object, got 5');
  expect(refusalOf(() => queue.submit({ rateKey: 'a' }, work)).message).toBe(
    'rateKey is for queues with rateByKey, which queue q has not',
  );
  expect(refusalOf(() => queue.submit({ rateKey: 5 as unknown as string }, work)).message).toBe(
    'rateKey must be a string, got 5',
  );
});
