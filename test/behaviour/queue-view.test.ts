/** What a queue says of itself and of its place among others: its bound, what monitors see, what costs nothing, which task comes first. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { inline } from '../../src/executors/inline.js';
import { memoryStore } from '../../src/store/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;

describe('a monitor of a queue sees', () => {
  test('its slots and resources, and how much of them is taken', async () => {
    const { scheduler, queue } = manualQueue({ concurrency: 3, resources: { ram: 4, disk: 2 } });
    queue.submit({ resources: { ram: 3 } }, nothing);
    scheduler.start();
    await quiet();
    expect(queue._view).toEqual({
      name: 'q',
      concurrency: 3,
      order: 'newest',
      resources: { ram: 4, disk: 2 },
      isOpaque: false,
      taken: 1,
      amounts: { ram: 3, disk: 0 },
    });
    expect(queue._counts).toEqual({ lanes: expect.any(Number) as number, rateKeys: 0 });
  });

  test('the order of submission', () => {
    expect(new Scheduler().queue('q', { order: 'fifo' })._view.order).toBe('fifo');
  });

  const rate = { limit: 1, intervalMs: 1 };
  test.each([
    [{}, false],
    [{ rate }, true],
    [{ rateByKey: rate }, true],
    [{ preempt: true }, true],
    [{ preempt: false }, false],
  ])('whether more than its room decides what starts: %j', (options, isOpaque) => {
    expect(new Scheduler().queue('q', options)._view.isOpaque).toBe(isOpaque);
  });

  test('whether it is paused', async () => {
    const { queue } = oneQueue();
    queue.pause();
    await quiet();
    expect(queue._view.isOpaque).toBe(true);
  });
});

test('a monitor of a scheduler sees the tasks that have not settled, in the order of their submission', () => {
  const { scheduler, queue } = oneQueue();
  const [, second] = ['first', 'second', 'third'].map((id) => queue.submit({ id }, nothing));
  second?.cancel();
  expect(scheduler._unsettled).toEqual(['first', 'third']);
});

test.each([
  [{}, Number.POSITIVE_INFINITY],
  [{ bound: 7 }, 7],
])('the bound of a queue with %j is %d', (options, bound) => {
  expect(new Scheduler().queue('q', options).bound).toBe(bound);
});

test('terminating a queue says so, and leaves attempts of other queues the time that they were given', async () => {
  const { scheduler, queue, executor } = manualQueue({ graceMs: 500 });
  const other = scheduler.queue('other', { executor, graceMs: 500, concurrency: 1 });
  const own = queue.submit({ id: 'own' }, nothing);
  const cancelled = other.submit({ id: 'cancelled' }, nothing);
  scheduler.start();
  await quiet();
  cancelled.cancel();
  void queue.terminate();
  expect(await own.settled()).toEqual({ status: 'cancelled', reason: 'queue q was terminated' });
  expect(Object.fromEntries(executor.graces)).toEqual({ own: 0, cancelled: 500 });
});

describe('limits that are refused', () => {
  test.each([{ concurrency: 0 }, { resources: 4 as never }])('%j name the queue', (limits) => {
    const { queue } = manualQueue();
    expect(refusalOf(() => queue.set(limits)).queue).toBe('q');
  });
});

describe('of two queues of different orders', () => {
  test('the one in order of submission starts first, whichever task is older', async () => {
    const { scheduler, queue, executor, started } = manualQueue();
    const fifo = scheduler.queue('fifo', { order: 'fifo', concurrency: 1, executor });
    queue.submit({ id: 'by demand' }, nothing);
    fifo.submit({ id: 'in order' }, nothing);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['in order', 'by demand']);
    expect(scheduler._counts['queueLooks']).toBeGreaterThan(0);
  });

  test('the one in order of submission starts first, also where a task of the other was looked at before', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 2, resources: { ram: 1 } });
    const fifo = scheduler.queue('fifo', { order: 'fifo', concurrency: 1, executor });
    for (const id of ['waits', 'by demand']) queue.submit({ id, resources: { ram: 1 } }, nothing);
    for (const id of ['in order', 'next']) fifo.submit({ id }, nothing);
    scheduler.start();
    await quiet();
    void scheduler.stop();
    for (const attempt of executor.started) attempt.done(1);
    await quiet();
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['in order', 'by demand', 'next', 'waits']);
  });

  test('the more urgent task starts first', async () => {
    const { scheduler, queue, executor, started } = manualQueue();
    const fifo = scheduler.queue('fifo', { order: 'fifo', concurrency: 1, executor });
    fifo.submit({ id: 'in order' }, nothing);
    queue.submit({ id: 'by demand', priority: 1 }, nothing);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['by demand', 'in order']);
  });
});

describe('a queue that is closed', () => {
  test('refuses tasks by its name', async () => {
    const { queue } = oneQueue();
    await queue.close();
    const error = refusalOf(() => queue.submit(nothing));
    expect([error.code, error.message]).toEqual(['QueueClosed', 'queue q takes no tasks: it was closed']);
  });

  test('ends its feeds with that as the reason', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from([1, 2, 3], nothing, { ahead: 0 });
    const end = feed.done().catch((error: unknown) => error);
    await queue.close();
    expect(await end).toMatchObject({ code: 'FeedFailed', ended: 'closed', cause: 'queue q was closed' });
  });

  test('closes an executor that only it uses, though other queues go on with theirs', async () => {
    const { scheduler, executor, queue } = manualQueue();
    scheduler.queue('other', { executor: inline() });
    scheduler.start();
    await queue.close();
    expect(executor.closings).toBe(1);
    const error = refusalOf(() => scheduler.queue('again', { executor }));
    expect(error.message).toBe(
      'the executor of queue again was closed with the last queue that used it: ' +
        'keep one of its queues open, or make a new executor',
    );
  });

  test('gets back what its tasks held as if nothing were amiss', async () => {
    const { scheduler, queue } = oneQueue();
    const other = scheduler.queue('other');
    const holder = queue.submit({ hold: true }, nothing);
    scheduler.start();
    await holder.result();
    await queue.close();
    await other.submit({ release: [holder] }, nothing).result();
    await quiet();
    expect(scheduler._counts).toMatchObject({ unexpectedEvents: 0, refusedEvents: 0 });
  });
});

test('a scheduler that is closed waits for an executor that a queue is closing', async () => {
  const gate = new Gate();
  const executor = new ManualExecutor();
  executor.close = () => gate.promise;
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { executor });
  const ends: string[] = [];
  const closed = queue.close().then(() => ends.push('queue'));
  await quiet();
  const all = scheduler.close().then(() => ends.push('scheduler'));
  await quiet();
  expect(ends).toEqual([]);
  gate.open();
  await Promise.all([closed, all]);
  expect(ends).toContain('scheduler');
});

test('an executor that resumes earlier work is told of the store, if there is one', () => {
  const resumed: string[] = [];
  class Resuming extends ManualExecutor {
    resumes(storeId: string): void {
      resumed.push(storeId);
    }
  }
  new Scheduler().queue('q', { executor: new Resuming() });
  expect(resumed).toEqual([]);
  new Scheduler({ store: memoryStore() }).queue('q', { executor: new Resuming() });
  expect(resumed).toEqual([expect.stringMatching(/./)]);
});
