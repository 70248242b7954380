/** What a scheduler learns of durations, in one run and from one to the next. */
import { expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';

function slow(): void {}
function quick(): void {}

/** A scheduler of one slot whose tasks end when they are told to, after a time of the clock. */
function timed(options: ConstructorParameters<typeof Scheduler>[0] = {}) {
  const clock = new SimulatedClock();
  const executor = new ManualExecutor();
  const scheduler = new Scheduler({ ...options, _environment: { clock, random: () => 0 } });
  const queue = scheduler.queue('q', { concurrency: 1, executor });
  scheduler.start();
  const take = async (id: string, ms: number, end: 'done' | 'failed' = 'done'): Promise<void> => {
    await quiet();
    clock.advanceTo(clock.now() + ms);
    executor.attemptAt(id)[end](undefined);
    await quiet();
  };
  const started = (): string[] => executor.started.map(({ id }) => id);
  return { scheduler, queue, take, started };
}

test('the critical path goes by what the run has learned', async () => {
  const { scheduler, queue, take, started } = timed({ order: 'critical-path' });
  queue.submit({ id: 'a' }, quick);
  queue.submit({ id: 'b' }, slow);
  await take('a', 1);
  await take('b', 100);
  queue.submit({ id: 'gate' }, quick);
  await quiet();
  queue.submit({ id: 'quick' }, quick);
  queue.submit({ id: 'slow' }, slow);
  queue.submit({ id: 'named slow', kind: 'slow' }, quick);
  await take('gate', 1);
  for (const id of ['slow', 'named slow', 'quick']) await take(id, 1);
  expect(started()).toEqual(['a', 'b', 'gate', 'slow', 'named slow', 'quick']);
  await scheduler.close();
});

test('tasks that were submitted before anything was known change places once it is', async () => {
  const { scheduler, queue, take, started } = timed({ order: 'critical-path' });
  queue.submit({ id: 'slow' }, slow);
  const quick1 = queue.submit({ id: 'quick 1' }, quick);
  queue.submit({ id: 'quick 2', after: [quick1] }, quick);
  queue.submit({ id: 'a', priority: 2 }, quick);
  queue.submit({ id: 'b', priority: 1 }, slow);
  await take('a', 1);
  await take('b', 100);
  for (const id of ['slow', 'quick 1', 'quick 2']) await take(id, 1);
  expect(started()).toEqual(['a', 'b', 'slow', 'quick 1', 'quick 2']);
  await scheduler.close();
});

test('the next run knows what this one has learned of durations, failures and waits', async () => {
  const store = memoryStore();
  const first = timed({ store });
  const version = 1;
  first.queue.submit({ id: 'a', key: 'a', version }, slow);
  first.queue.submit({ id: 'b', key: 'b', version }, slow);
  void first.queue.submit({ id: 'c', retry: { attempts: 1 } }, quick).settled();
  await first.take('c', 2, 'failed');
  await first.take('b', 100);
  await first.take('a', 200);
  await first.scheduler.close();
  const second = timed({ store });
  const known = Object.fromEntries(
    [...second.scheduler._engine.durations.kinds].map(({ name, stats }) => [name, stats]),
  );
  expect(known['slow']).toMatchObject({
    count: 2,
    meanMs: 150,
    lastMs: [100, 200],
    failures: 0,
    waits: 2,
    meanWaitMs: 52,
  });
  expect(known['quick']).toMatchObject({ count: 0, failures: 1 });
  await second.scheduler.terminate();
});

test('a task waits from the time on when it could start', async () => {
  const { scheduler, queue, take } = timed({ store: memoryStore() });
  const source = queue.submit({ id: 'source' }, quick);
  queue.submit({ id: 'kept', key: 'kept', version: 1, after: [source] }, slow);
  await take('source', 100);
  await take('kept', 1);
  const { kinds } = scheduler._engine.durations;
  expect([...kinds].find(({ name }) => name === 'slow')?.stats).toMatchObject({ waits: 1, meanWaitMs: 0 });
  await scheduler.close();
});

test('of many short tasks only some are measured, and all again after a long one', async () => {
  const clock = new SimulatedClock();
  const scheduler = new Scheduler({ _environment: { clock, random: () => 0 } });
  const queue = scheduler.queue('q', { concurrency: 1 });
  for (let count = 0; count < 2_600; count += 1) queue.submit(quick);
  scheduler.start();
  await scheduler.wait();
  const [kind] = scheduler._engine.durations.kinds;
  expect(kind?.stats.count).toBe(1_000 + 1_600 / 16);
  const measured = (): number => kind?.stats.count ?? 0;
  const before = measured();
  for (let count = 0; count < 32; count += 1) queue.submit(() => clock.advanceTo(clock.now() + 5));
  await scheduler.wait();
  for (let count = 0; count < 2; count += 1) queue.submit(quick);
  await scheduler.wait();
  expect(measured() - before).toBe(1);
  await scheduler.close();
});
