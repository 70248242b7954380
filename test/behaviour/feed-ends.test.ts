import { describe, expect, test } from 'vitest';
import { type Feed, type FeedFailure, type Scheduler, SchedulerError, TasksFailed } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Counted, double, endAll, failureOf } from './feeds.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

/** Fails for multiples of three. */
function picky(n: number): number {
  if (n % 3 === 0) throw new RangeError(`not ${n}`);
  return n;
}

function* failing(): Generator<number> {
  yield 1;
  yield 2;
  throw new Error('the list is gone');
}

describe('a failure in a feed is reported once, with its item', () => {
  test('where the function throws: nothing more is taken, and what was taken is done', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const source = new Counted();
    const seen: number[] = [];
    const feed = queue.from(source, (n) => picky(n + 1), { ahead: 3, onResult: (value) => void seen.push(value) });
    const error = await failureOf(feed);
    expect(error.ended).toBe('failed');
    expect(error.message).toContain('a feed of queue q failed: the task of item 2 ended with RangeError: not 3');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.end.failures[0]).toMatchObject({ stage: 'task', item: 2, index: 2, error: { message: 'not 3' } });
    // Whatever was taken either gave a result or is among the failures.
    const failed = error.end.failures.map(({ item }) => item as number);
    expect([...seen.map((value) => value - 1), ...failed].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: source.read }, (_, index) => index),
    );
    expect([error.end.count, error.end.failed, source.closed]).toEqual([source.read, failed.length, 1]);
    await scheduler.wait();
  });

  test('where the function throws and the feed goes on', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const end = await queue.from([1, 2, 3, 4, 5, 6], picky, { onError: 'continue' }).done();
    expect(end).toMatchObject({ count: 6, failed: 2, results: [1, 2, 4, 5] });
    expect(end.failures.map(({ item, index, stage }) => [item, index, stage])).toEqual([
      [3, 2, 'task'],
      [6, 5, 'task'],
    ]);
    await scheduler.wait();
  });

  test('to a function that says what follows', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const told: FeedFailure<number>[] = [];
    const feed = queue.from(new Counted(), picky, {
      onError(failure) {
        told.push(failure);
        return told.length === 3 ? 'stop' : 'continue';
      },
    });
    const error = await failureOf(feed);
    expect(told.slice(0, 3).map(({ item }) => item)).toEqual([0, 3, 6]);
    expect(error.end.failures).toEqual(told);
    await scheduler.wait();
  });

  test('to a function that throws itself', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 1 });
    scheduler.start();
    const feed = queue.from([3], picky, {
      onError() {
        throw new Error('no paper');
      },
    });
    expect((await failureOf(feed)).end.failures).toMatchObject([
      { stage: 'task', item: 3 },
      { stage: 'report', item: 3, error: { message: 'no paper' } },
    ]);
  });

  test.each([
    ['in time', () => Promise.resolve('continue')],
    ['never', () => Promise.reject(new Error('no paper'))],
  ])('to a function that would say later, %s, what follows', async (_, onError) => {
    const { scheduler, queue } = oneQueue({ concurrency: 1 });
    scheduler.start();
    const feed = queue.from([3, 4, 5], picky, { ahead: 0, onError: onError as never });
    const { end } = await failureOf(feed);
    // A rejection that nobody has handled would be noticed by now.
    await quiet();
    expect(end.count).toBe(1);
    expect(end.failures).toMatchObject([
      { stage: 'task', item: 3 },
      { stage: 'report', item: 3, error: { code: 'InvalidOption' } },
    ]);
  });

  test.each([
    ['throws', () => failing()],
    [
      'rejects',
      async function* () {
        yield* failing();
      },
    ],
  ])('where the source %s, after what it gave before is done', async (_, source) => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const error = await failureOf(queue.from<number, number>(source(), double));
    expect(error.end).toMatchObject({ count: 2, failed: 1, results: [2, 4] });
    expect(error.end.failures).toMatchObject([
      { stage: 'source', item: undefined, index: 2, error: { message: 'the list is gone' } },
    ]);
    expect(error.message).toContain('the source of item 2 ended with Error: the list is gone');
  });

  test('where a function throws that is asked for more; it is asked again as if it had given nothing', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const answers = [() => [1], () => failing(), () => Promise.reject(new Error('no disk'))];
    const feed = queue.from<number, number>(() => answers.shift()?.(), double, { ahead: 1, onError: 'continue' });
    const end = await feed.done();
    expect(end.results).toEqual([2, 2, 4]);
    expect(end.failures.map(({ stage, index, error }) => [stage, index, String(error)])).toEqual([
      ['source', 3, 'Error: the list is gone'],
      ['source', 3, 'Error: no disk'],
    ]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('where onResult %s', async (_, onResult) => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const end = await queue.from([7, 8], double, { onResult, onError: 'continue', collect: true }).done();
    expect(end).toMatchObject({ count: 2, failed: 2, results: [14, 16] });
    expect(end.failures).toMatchObject([
      { stage: 'result', item: 7, index: 0, error: { message: 'disk full' } },
      { stage: 'result', item: 8, index: 1, error: { message: 'disk full' } },
    ]);
    await scheduler.wait();
  });

  test('where an item cannot be submitted', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from([1, 2], double, {
      onError: 'continue',
      task: (item) => ({ resources: item === 1 ? { paper: 1 } : {} }),
    });
    const end = await feed.done();
    expect(end.results).toEqual([4]);
    expect(end.failures).toMatchObject([{ stage: 'task', item: 1, error: { code: 'UnknownResource' } }]);
  });

  test('where what an item depends on fails', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const broken = queue.submit({ id: 'broken' }, picky, 3);
    await broken.settled();
    const end = await queue.from([broken, queue.submit(picky, 4)], double, { onError: 'continue' }).done();
    expect(end.results).toEqual([8]);
    expect(end.failures).toMatchObject([
      { stage: 'task', index: 0, error: { code: 'DependencyFailed', origin: 'broken' } },
    ]);
  });

  test('at the end of iteration too', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const values: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { value } of queue.from([1, 2, 3, 4], picky)) values.push(value);
    };
    await expect(read()).rejects.toMatchObject({ code: 'FeedFailed', end: { failures: [{ item: 3 }] } });
    expect(values).toEqual([1, 2, 4]);
    await scheduler.wait();
  });

  test('by wait() if nobody else was told, and then not again', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from([1, 2, 3], picky, { onError: 'continue' });
    const error: unknown = await scheduler.wait().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TasksFailed);
    expect(error).toMatchObject({ count: 1, errors: [{ code: 'FeedFailed', end: { failed: 1 } }] });
    await scheduler.wait();
    expect((await feed.done()).failed).toBe(1);
    const later = queue.from([3], picky);
    await quiet();
    // Asked before `wait()`: that is being told.
    expect((await failureOf(later)).end.failed).toBe(1);
    await scheduler.wait();
  });

  test('of which the first 1,000 are listed and all are counted', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const zeros = Array.from({ length: 1_200 }, () => 0);
    const end = await queue.from(zeros, picky, { onError: 'continue' }).done();
    expect([end.count, end.failed, end.failures.length]).toEqual([1_200, 1_200, 1_000]);
  });
});

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
