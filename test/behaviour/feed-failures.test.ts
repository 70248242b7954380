import { describe, expect, test } from 'vitest';
import { type FeedFailure, TasksFailed } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { Counted, double, failureOf, picky } from './feeds.js';
import { oneQueue } from '../support/one-queue.js';

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
