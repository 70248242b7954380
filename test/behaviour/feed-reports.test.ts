/** Who is told that a feed has failed, and of which of its failures. */
import { describe, expect, test } from 'vitest';
import { FeedFailed, type SchedulerError } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { double, endAll, failureOf } from './feeds.js';

function broken(): never {
  throw new RangeError('no paper');
}

describe('wait() reports a feed that nobody asks for its end', () => {
  test('when one of its tasks was cancelled', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const task = { id: 'only', signal: AbortSignal.abort('no') };
    queue.from([7], double, { onError: 'continue', task });
    const error: unknown = await scheduler.wait().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'TasksFailed', count: 1, errors: [{ code: 'FeedFailed', ended: 'failed' }] });
    const [failed] = (error as { readonly errors: readonly unknown[] }).errors;
    expect(failed).toBeInstanceOf(FeedFailed);
    expect((failed as FeedFailed).end.failures).toMatchObject([
      { stage: 'task', item: 7, error: { code: 'TaskCancelled', message: 'task of item 0 was cancelled: no' } },
    ]);
  });

  test('but not when its onError function was told of each failure', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const told: unknown[] = [];
    queue.from([7, 8], broken, { onError: ({ item }) => (told.push(item) < 2 ? 'continue' : 'stop') });
    await scheduler.wait();
    expect(told).toEqual([7, 8]);
  });

  test('but not when somebody has cancelled it, whatever that has ended', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const feed = queue.from([1, 2, 3, 4], double);
    await quiet();
    expect(executor.started).toHaveLength(2);
    feed.cancel('enough');
    await endAll(executor);
    await scheduler.wait();
    expect((await failureOf(feed)).end).toMatchObject({ count: 4, failed: 4 });
  });

  test('but not when somebody has cancelled it, and a result was dropped since', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from([7], double, { onResult: () => new Promise(() => undefined) });
    await quiet();
    feed.cancel('enough');
    const idle = scheduler.wait();
    await scheduler.terminate('now');
    await idle;
    const { end, ended } = await failureOf(feed);
    expect([ended, end.failures.map(({ error }) => (error as SchedulerError).message)]).toEqual([
      'cancelled',
      ['the result of item 0 was given up: the scheduler was terminated'],
    ]);
  });
});

describe('the failure of an item names', () => {
  test('its task when that was cancelled', async () => {
    const { scheduler, queue, executor } = manualQueue();
    scheduler.start();
    const controller = new AbortController();
    const feed = queue.from([7], double, { task: { id: 'seven', signal: controller.signal } });
    await quiet();
    controller.abort('too long');
    await endAll(executor);
    expect((await failureOf(feed)).end.failures).toMatchObject([
      { stage: 'task', error: { message: 'task seven was cancelled: too long', cause: 'too long' } },
    ]);
  });

  test.each(['was cancelled', 'was closed'] as const)('the feed that %s before the item was submitted', async (how) => {
    const { scheduler, queue, executor } = manualQueue();
    scheduler.start();
    const feed = queue.from([0, 1, 2], double, { ahead: 2 });
    await quiet();
    if (how === 'was closed') void scheduler.terminate('enough');
    else feed.cancel('enough');
    const failure = failureOf(feed);
    await endAll(executor);
    const given = (await failure).end.failures.filter(({ item }) => item === 2);
    const message = `item 2 was taken and not submitted: the feed ${how}`;
    expect(given).toMatchObject([
      { stage: 'task', index: 2, error: { code: 'TaskCancelled', message, queue: 'q', cause: 'enough' } },
    ]);
  });
});
