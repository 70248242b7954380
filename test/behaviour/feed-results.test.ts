import { describe, expect, test } from 'vitest';
import { inline } from '../../src/executors/index.js';
import { quiet } from '../support/event-loop.js';
import { Counted, double, failureOf } from './feeds.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

describe('results are handed over', () => {
  test('to onResult one at a time, in the order in which the tasks are done, and hold up what is taken', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const source = new Counted();
    const gates = [new Gate(), new Gate(), new Gate()];
    const seen: unknown[] = [];
    const feed = queue.from(source, double, {
      ahead: 1,
      async onResult(value, item, index) {
        seen.push([value, item, index]);
        await gates[seen.length - 1]?.promise;
      },
    });
    await quiet();
    executor.started[1]?.done('b');
    executor.started[0]?.done('a');
    await quiet();
    // Two wait to be handed over and one runs: three is all that may be under way.
    expect([seen, source.read, executor.started.length]).toEqual([[['b', 1, 1]], 3, 3]);
    gates[0]?.open();
    await quiet();
    expect([seen.length, source.read]).toEqual([2, 4]);
    gates[1]?.open();
    gates[2]?.open();
    feed.cancel();
  });

  test('to a reader, once each, who holds up what is taken', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const source = new Counted();
    const feed = queue.from(source, double, { ahead: 1 });
    const reader = feed[Symbol.asyncIterator]();
    await quiet();
    expect(source.read).toBe(3);
    const first = await reader.next();
    expect(first).toEqual({ done: false, value: { value: 0, item: 0, index: 0 } });
    await quiet();
    // The reader may still be busy with it.
    expect(source.read).toBe(3);
    expect((await reader.next()).value?.item).toBe(1);
    await quiet();
    expect(source.read).toBe(4);
    let count = 2;
    for await (const { value, item } of reader) {
      expect(value).toBe(2 * item);
      count += 1;
    }
    expect(count).toBe(1_000);
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(await feed.done()).toEqual({ count: 1_000, failed: 0, failures: [], results: [] });
  });

  test('to a reader whose early leave cancels the feed', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const source = new Counted();
    const feed = queue.from(source, double);
    for await (const { index } of feed) if (index === 3) break;
    const error = await failureOf(feed);
    expect([error.ended, error.cause, source.closed]).toEqual(['cancelled', 'its reader has left', 1]);
    await scheduler.wait();
  });

  test('to a reader that asks for several at once', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const reader = queue.from([1, 2, 3], double)[Symbol.asyncIterator]();
    const answers = await Promise.all(Array.from({ length: 5 }, () => reader.next()));
    expect(answers.map(({ done, value }) => (done === true ? 'end' : value.value))).toEqual([2, 4, 6, 'end', 'end']);
    await scheduler.wait();
  });

  test('to one reader only, from the beginning, and not to onResult as well', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const told = queue.from([1], double, { onResult: () => undefined });
    expect(refusalOf(() => told[Symbol.asyncIterator]()).code).toBe('InvalidOption');
    const read = queue.from([1], double);
    read[Symbol.asyncIterator]();
    expect(refusalOf(() => read[Symbol.asyncIterator]())).toMatchObject({
      code: 'InvalidOption',
      message: 'the results of this feed go elsewhere: read it from the beginning, once',
      queue: 'q',
    });
    const collected = queue.from([1], double);
    await collected.done();
    expect(refusalOf(() => collected[Symbol.asyncIterator]()).code).toBe('InvalidOption');
    read.cancel();
  });

  test.each([
    ['nobody takes them', {}, [2, 4]],
    ['told not to', { collect: false }, []],
    ['onResult takes them', { onResult: (): undefined => undefined }, []],
    ['told to, though onResult takes them', { collect: true, onResult: (): undefined => undefined }, [2, 4]],
  ])('and collected or not where %s', async (_, options, expected) => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    expect((await queue.from([1, 2], double, options).done()).results).toEqual(expected);
  });
});

describe('from refuses', () => {
  test.each([
    ['a negative ahead', { ahead: -1 }],
    ['an ahead that is no integer', { ahead: 0.5 }],
    ['an option that does not exist', { onresult: double }],
    ['an onResult that is no function', { onResult: 7 }],
    ['an onError of another kind', { onError: 'ignore' }],
    ['a collect of another kind', { collect: 1 }],
    ['a signal that is none', { signal: {} }],
    ['options of tasks that do not exist', { task: { identity: 'a' } }],
    ['options of tasks that are none', { task: 'a' }],
    ['null for the options of tasks', { task: null }],
    ['null for its options', null],
    ['a function for its options', double],
  ])('%s', (_, options) => {
    const { scheduler, queue } = oneQueue();
    expect(refusalOf(() => queue.from([1], double, options as never)).code).toBe('InvalidOption');
    expect(scheduler._unsettled).toEqual([]);
  });

  test('what cannot be read, and everything once the scheduler is closed', async () => {
    const { scheduler, queue } = oneQueue({ executor: inline() });
    expect(refusalOf(() => queue.from(7 as never, double)).code).toBe('InvalidArgument');
    const { queue: other } = oneQueue();
    const feed = other.from([1], double);
    expect(refusalOf(() => feed.add(7 as never)).code).toBe('InvalidArgument');
    feed.cancel();
    await scheduler.close();
    expect(refusalOf(() => queue.from([1], double)).code).toBe('SchedulerClosed');
  });
});
