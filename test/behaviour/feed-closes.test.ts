/** Feeds whose scheduler is closed, terminated or gone, at moments when they are in the middle of something. */
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { type Feed, type FeedFailed, type Queue, type SchedulerError, schedulerLogic } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { double, endAll, failureOf } from './feeds.js';

/** The messages of a feed's failures, by the positions of their items. */
function messages({ end }: FeedFailed): (readonly [index: number, message: string])[] {
  return end.failures.map(({ index, error }) => [index, (error as SchedulerError).message] as const);
}

describe('a feed whose scheduler is closed', () => {
  test('gives its reader the next result when its task is done, though the reader holds one', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const reader = queue.from([1, 2], double)[Symbol.asyncIterator]();
    await quiet();
    executor.started[0]?.done('first');
    expect((await reader.next()).value?.value).toBe('first');
    void scheduler.close();
    const second = reader.next();
    await quiet();
    executor.started[1]?.done('second');
    expect((await second).value?.value).toBe('second');
    await expect(reader.next()).rejects.toMatchObject({ code: 'FeedFailed', ended: 'closed', end: { failed: 0 } });
  });

  test('hears no more of its source, which was asked for an item and fails', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const gate = new Gate<IteratorResult<number>>();
    const answers = [Promise.resolve({ done: false, value: 1 }), gate.promise];
    const source = { next: () => answers.shift() ?? gate.promise };
    const feed = queue.from({ [Symbol.asyncIterator]: () => source }, double);
    await quiet();
    const failure = failureOf(feed);
    void scheduler.close();
    gate.fail(new Error('too late'));
    await quiet();
    await endAll(executor);
    expect(await failure).toMatchObject({ ended: 'closed', end: { count: 1, failed: 0 } });
  });

  test('gives up what it has not submitted when nothing can move, and lets its running task end', async () => {
    const { scheduler, queue } = oneQueue();
    const paused = scheduler.queue('paused');
    paused.pause();
    const never = paused.submit(double, 1);
    scheduler.start();
    const waiting = async (): Promise<string> => {
      try {
        return String(await never.result());
      } catch (error) {
        return (error as SchedulerError).code;
      }
    };
    const feed = queue.from([0, 1, 2], waiting, { ahead: 2, task: (item) => ({ id: `item ${item}` }) });
    await quiet();
    const failure = failureOf(feed);
    await scheduler.close();
    const error = await failure;
    expect([error.ended, error.end.count, error.end.results]).toEqual(['closed', 3, ['TaskCancelled']]);
    expect(messages(error)).toEqual([
      [2, 'item 2 was taken and not submitted: the feed was closed'],
      [1, 'task item 1 was cancelled: the scheduler was closed'],
    ]);
  });

  test('gives up what it has not submitted when the actor of the scheduler is stopped', async () => {
    const executor = new ManualExecutor();
    const queues: Queue[] = [];
    const actor = createActor(schedulerLogic, {
      input: { setup: (scheduler) => void queues.push(scheduler.queue('q', { concurrency: 1, executor })) },
    }).start();
    actor.send({ type: 'start.requested' });
    const feed = (queues[0] as Queue).from([0, 1, 2], double, { ahead: 2 });
    await quiet();
    const failure = failureOf(feed);
    actor.stop();
    await endAll(executor);
    const error = await failure;
    expect([error.ended, error.end.failed]).toEqual(['closed', 3]);
    expect(messages(error)).toContainEqual([2, 'item 2 was taken and not submitted: the feed was closed']);
  });
});

describe('a feed whose queue is closed', () => {
  test.each([
    ['without a bound', undefined],
    ['with a bound', 1],
  ])('submits the items that it has taken, %s', async (_, bound) => {
    const { scheduler, queue, executor, started } = manualQueue(bound === undefined ? {} : { bound });
    scheduler.start();
    const feed = queue.from([1, 2, 3, 4], double, { ahead: 3, task: (item) => ({ id: `item ${item}` }) });
    await quiet();
    const failure = failureOf(feed);
    const closed = queue.close();
    await endAll(executor);
    expect(await failure).toMatchObject({ ended: 'closed', end: { count: 4, failed: 0 } });
    expect(started()).toEqual(['item 1', 'item 2', 'item 3', 'item 4']);
    await closed;
  });
});

describe('a feed whose scheduler is terminated', () => {
  test('from within its own onResult, which is not waited for, fails with what it gives up', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from([0, 1], double, { onResult: () => scheduler.terminate('enough') });
    const error = await failureOf(feed);
    expect([error.ended, error.cause]).toEqual(['closed', 'enough']);
    expect(messages(error)).toContainEqual([0, 'the result of item 0 was given up: the scheduler was terminated']);
  });

  test('from within its own onResult that returns at once has handed that result over', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from([0, 1], double, { onResult: () => void scheduler.terminate('enough') });
    const error = await failureOf(feed);
    expect([error.ended, error.end.failures.map(({ index }) => index)]).toEqual(['closed', [1]]);
  });

  test('reports a result once that its onResult fails with at the same moment', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const gate = new Gate();
    const feed = queue.from([0], double, { onResult: () => gate.promise });
    await quiet();
    gate.fail(new Error('too late'));
    await scheduler.terminate('enough');
    expect(messages(await failureOf(feed))).toEqual([
      [0, 'the result of item 0 was given up: the scheduler was terminated'],
    ]);
  });

  test('by a listener gives up what it has not submitted', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    scheduler.on('settled', () => void scheduler.terminate('enough'));
    const error = await failureOf(queue.from([0, 1, 2, 3], double, { ahead: 3 }));
    expect([error.ended, error.cause]).toEqual(['closed', 'enough']);
    expect(messages(error)).toContainEqual([3, 'item 3 was taken and not submitted: the feed was closed']);
  });

  test('by the source of another one, which is being closed, is closed as well', async () => {
    const { scheduler, queue } = oneQueue();
    const source = {
      next: () => ({ done: false, value: 1 }),
      return() {
        void scheduler.terminate('enough');
        return { done: true, value: undefined };
      },
    };
    const feeds: Feed<number, number>[] = [
      queue.from({ [Symbol.iterator]: () => source as never }, double),
      queue.from([1, 2, 3], double),
    ];
    await quiet();
    const failures = Promise.all(feeds.map((feed) => failureOf(feed)));
    await scheduler.close().catch(() => undefined);
    expect((await failures).map(({ ended }) => ended)).toEqual(['closed', 'closed']);
  });
});
