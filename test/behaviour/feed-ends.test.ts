import { describe, expect, test } from 'vitest';
import { type Feed, type Scheduler, SchedulerError } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Counted, double, endAll, failureOf, picky } from './feeds.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

describe('a feed is ended', () => {
  test('by cancel: what runs is cancelled, and every item that was taken is accounted for', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const source = new Counted();
    const feed = queue.from(source, double, { ahead: 2 });
    await quiet();
    executor.started[0]?.done('first');
    expect([feed.cancel('enough'), feed.cancel('again')]).toEqual([true, false]);
    const error = await failureOf(feed);
    expect([error.ended, error.cause]).toEqual(['cancelled', 'enough']);
    expect(error.message).toContain('a feed of queue q was cancelled: enough');
    expect(error.end).toMatchObject({ count: 4, failed: 3, results: ['first'] });
    expect(error.end.failures.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    for (const failure of error.end.failures)
      expect(failure.error).toMatchObject({ code: 'TaskCancelled', cause: 'enough' });
    expect([source.closed, executor.aborted.size]).toEqual([1, 2]);
    expect(feed.add([1])).toBe(false);
    for (const attempt of executor.started) attempt.done(undefined);
    await scheduler.wait();
  });

  test('by its signal, also if that has aborted before', async () => {
    const { scheduler, queue } = oneQueue();
    const controller = new AbortController();
    const feed = queue.from(new Counted(), double, { signal: controller.signal });
    await quiet();
    controller.abort('enough');
    expect(await failureOf(feed)).toMatchObject({ ended: 'cancelled', cause: 'enough', end: { count: 2 } });
    const late = queue.from(new Counted(), double, { signal: controller.signal });
    expect(await failureOf(late)).toMatchObject({ ended: 'cancelled', end: { count: 0 } });
    scheduler.start();
    await scheduler.wait();
  });

  test('from within its own source, which is closed all the same', async () => {
    const { queue } = oneQueue();
    let isClosed = false;
    const source = function* (): Generator<number> {
      try {
        yield 1;
        feed.cancel('enough');
        yield 2;
      } finally {
        isClosed = true;
      }
    };
    const feed = queue.from(source(), double);
    const { end } = await failureOf(feed);
    expect([isClosed, end.count]).toEqual([true, 1]);
    expect(end.failures.map(({ stage }) => stage)).toEqual(['task']);
  });

  test('at once, though its source never answers, and is told of what closing it throws', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    let closed = 0;
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return() {
          closed += 1;
          throw new Error('stuck');
        },
      }),
    };
    const feed = queue.from(silent, double);
    await quiet();
    feed.cancel();
    expect((await failureOf(feed)).end.failures).toMatchObject([{ stage: 'source', error: { message: 'stuck' } }]);
    expect(closed).toBe(1);
    await scheduler.wait();
  });

  test('by close, which waits for what was taken to be handed over', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const source = new Counted();
    const gate = new Gate();
    const seen: unknown[] = [];
    const feed = queue.from(source, double, {
      async onResult(value) {
        await gate.promise;
        seen.push(value);
      },
    });
    await quiet();
    const closed = scheduler.close();
    await endAll(executor);
    expect(await isKept(closed)).toBe(false);
    gate.open();
    const error = await failureOf(feed);
    await closed;
    expect(seen).toHaveLength(4);
    expect([error.ended, error.end.count, error.end.failed, source.closed]).toEqual(['closed', 4, 0, 1]);
    expect(error.message).toBe('a feed of queue q was closed: the scheduler was closed');
  });

  test('by close, which does not wait for its reader, who still gets what was done', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const reader = queue.from(new Counted(), double)[Symbol.asyncIterator]();
    await quiet();
    const closed = scheduler.close();
    await endAll(executor);
    await closed;
    const values = [await reader.next(), await reader.next(), await reader.next(), await reader.next()];
    expect(values.map(({ value }) => value?.index)).toEqual([0, 1, 2, 3]);
    await expect(reader.next()).rejects.toMatchObject({ code: 'FeedFailed', ended: 'closed' });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('by terminate, which gives up what onResult is not through with, and what waits for it', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const gate = new Gate();
    const seen: unknown[] = [];
    const feed = queue.from([1, 2, 3], double, {
      async onResult(value) {
        seen.push(value);
        await gate.promise;
        throw new Error('too late');
      },
    });
    await quiet();
    executor.started[0]?.done('first');
    executor.started[1]?.done('second');
    await quiet();
    // Also those that a close waits for.
    const closed = scheduler.close();
    expect(await isKept(closed)).toBe(false);
    const ended = scheduler.terminate('the machine goes down');
    for (const attempt of executor.started) attempt.done(undefined);
    await Promise.all([ended, closed]);
    const error = await failureOf(feed);
    gate.open();
    await quiet();
    expect([seen, error.ended, error.end.count]).toEqual([['first'], 'closed', 3]);
    expect(error.end.failures).toMatchObject([
      { stage: 'result', item: 1, index: 0, error: { code: 'SchedulerClosed', cause: 'the machine goes down' } },
      { stage: 'result', item: 2, index: 1, error: { code: 'SchedulerClosed', cause: 'the machine goes down' } },
      { stage: 'task', index: 2, error: { code: 'TaskCancelled' } },
    ]);
    expect((await failureOf(feed)).end.failures).toHaveLength(3);
  });

  test.each([
    ['waits for the end of its feed', (feed: () => Feed<number, number>) => feed().done()],
    ['terminates the scheduler itself', (_: unknown, scheduler: Scheduler) => scheduler.terminate('enough')],
  ])('by terminate, with its reason, though onResult %s', async (_, wait) => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed: Feed<number, number> = queue.from([1, 2], double, { onResult: () => wait(() => feed, scheduler) });
    await quiet();
    await scheduler.terminate('enough');
    const error = await failureOf(feed);
    expect([error.ended, error.cause]).toEqual(['closed', 'enough']);
    expect(error.end.failures).toMatchObject([{ stage: 'result', item: 1 }, { item: 2 }]);
  });

  test('by close while it waits for room after a failure', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 1, bound: 1 });
    scheduler.start();
    const feed = queue.from([1, 2, 3], double, { ahead: 2 });
    await quiet();
    executor.started[0]?.failed(new Error('no paper'));
    // The second has started by now, and the third comes too late for the only place there is.
    const blocker = queue.submit(double, 1);
    await quiet();
    const failure = failureOf(feed);
    const closed = scheduler.close();
    await endAll(executor);
    const error = await failure;
    await closed;
    expect(error.end).toMatchObject({ count: 3, failed: 1, failures: [{ index: 0 }] });
    expect(blocker.state).toBe('done');
  });

  test('by a failure when the scheduler stops at the first one', async () => {
    const { scheduler, queue } = oneQueue({ onFailure: 'stop' });
    scheduler.start();
    const feed = queue.from([3, 4], picky, { onError: 'continue' });
    await expect(scheduler.wait()).rejects.toBeInstanceOf(SchedulerError);
    expect(scheduler.state).toBe('stopped');
    scheduler.start();
    expect((await feed.done()).results).toEqual([4]);
  });
});
