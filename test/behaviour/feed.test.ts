import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FeedAsk } from '../../src/index.js';
import * as work from '../contract/fixtures/work.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Counted, double, failureOf } from './feeds.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

describe('a feed takes its items', () => {
  test.each([
    ['an array', () => [1, 2, 3]],
    ['a set', () => new Set([1, 2, 3])],
    [
      'a generator',
      function* () {
        yield* [1, 2, 3];
      },
    ],
    [
      'an async generator',
      async function* () {
        for (const n of [1, 2, 3]) {
          await turn();
          yield n;
        }
      },
    ],
    ['a function that gives all at once', () => once([1, 2, 3])],
    ['a function that gives them one by one', () => oneByOne([1, 2, 3])],
    ['a function that takes its time', () => oneByOneLater([1, 2, 3])],
  ])('from %s, and gives the results in their order', async (_, source) => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const feed = queue.from<number, number>(source(), double);
    expect(await feed.done()).toEqual({ count: 3, failed: 0, failures: [], results: [2, 4, 6] });
    await scheduler.wait();
  });

  test('from nothing at all', async () => {
    const { scheduler, queue } = oneQueue();
    const feed = queue.from([], double);
    expect(await feed.done()).toEqual({ count: 0, failed: 0, failures: [], results: [] });
    await scheduler.wait();
  });

  test('oldest first, each in its turn, however many there are', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 3 });
    scheduler.start();
    const started: number[] = [];
    const feed = queue.from(new Counted(), async (n) => {
      started.push(n);
      await turn();
    });
    await feed.done();
    expect(started).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test('only as far as slots and ahead allow, also before the start', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const source = new Counted();
    const feed = queue.from(source, double, { ahead: 3 });
    await quiet();
    expect(source.read).toBe(5);
    expect(scheduler._unsettled).toHaveLength(1);
    scheduler.start();
    await quiet();
    expect(source.read).toBe(5);
    expect(executor.started).toHaveLength(2);
    executor.started[0]?.done(0);
    await quiet();
    expect([source.read, executor.started.length]).toEqual([6, 3]);
    feed.cancel();
  });

  test('only as the bound allows', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 1, bound: 1 });
    queue.submit({ id: 'other' }, work.nothing);
    const feed = queue.from([1, 2], double, { task: (item) => ({ id: `item ${item}` }) });
    await quiet();
    expect(scheduler._unsettled).toEqual(['other']);
    scheduler.start();
    await quiet();
    expect(scheduler._unsettled).toEqual(['other', 'item 1']);
    for (const id of ['other', 'item 1', 'item 2']) {
      executor.attemptAt(id).done(id);
      await quiet();
    }
    expect(started()).toEqual(['other', 'item 1', 'item 2']);
    expect((await feed.done()).results).toEqual(['item 1', 'item 2']);
  });

  test('more of them at once when the queue gets more slots', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 1 });
    scheduler.start();
    const source = new Counted();
    const feed = queue.from(source, double, { ahead: 0 });
    await quiet();
    expect([source.read, executor.started.length]).toEqual([1, 1]);
    queue.set({ concurrency: 3 });
    await quiet();
    expect([source.read, executor.started.length]).toEqual([3, 3]);
    feed.cancel();
  });

  test('those that are added as soon as there is room, though its source has ended', async () => {
    const { scheduler, queue, started } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const feed = queue.from([1], double, { task: (item) => ({ id: `item ${item}` }) });
    await quiet();
    expect(feed.add([2])).toBe(true);
    await quiet();
    expect(started()).toEqual(['item 1', 'item 2']);
    feed.cancel();
  });

  test('also on a queue without a bound on its slots', async () => {
    const { queue } = manualQueue({ concurrency: Number.POSITIVE_INFINITY });
    const source = new Counted();
    const feed = queue.from(source, double, { ahead: 20 });
    await quiet();
    expect(source.read).toBe(20);
    feed.cancel();
  });

  test('with handles in them, whose results it waits for', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const [one, two] = [queue.submit(double, 1), queue.submit(double, 2)];
    const pairs = [
      { left: one, right: two },
      { left: two, right: two },
    ];
    const feed = queue.from(pairs, ({ left, right }) => left + right);
    expect((await feed.done()).results).toEqual([6, 8]);
  });

  test('for a generator function, whose result is the array of all', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from([1, 3], work.counting);
    expect((await feed.done()).results).toEqual([[0], [0, 1, 2]]);
  });
});

describe('a source that is a function', () => {
  test('is told how much room there is, and asked again when all that it gave is taken', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const asked: FeedAsk[] = [];
    const batches = [[1], [2, 3, 4, 5, 6, 7]];
    const feed = queue.from(
      (ask) => {
        asked.push(ask);
        return batches.shift();
      },
      double,
      { ahead: 1 },
    );
    expect((await feed.done()).results).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(asked[0]).toEqual({ room: 3, underWay: 0 });
    expect(asked[1]).toEqual({ room: 2, underWay: 1 });
    expect(asked.at(-1)).toEqual({ room: 3, underWay: 0 });
  });

  test('may give nothing while tasks are under way, and is asked again after each result', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const given: (number[] | undefined)[] = [[1, 2], undefined, [], [3], undefined];
    let asked = 0;
    const feed = queue.from(() => {
      asked += 1;
      return given.shift();
    }, double);
    await quiet();
    expect([asked, executor.started.length]).toEqual([2, 2]);
    executor.started[0]?.done('first');
    await quiet();
    expect(asked).toBe(3);
    executor.started[1]?.done('second');
    await quiet();
    // It gave the third item when nothing else was under way, and nothing after it.
    expect([asked, executor.started.length]).toEqual([5, 3]);
    executor.started[2]?.done('third');
    expect((await feed.done()).results).toEqual(['first', 'second', 'third']);
    expect(asked).toBe(6);
  });

  test('is asked again where a result came while it said that it had nothing', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    scheduler.start();
    const nothing = new Gate<undefined>();
    const given: (number[] | Promise<undefined> | undefined)[] = [[1], nothing.promise, [2], undefined];
    const feed = queue.from(() => given.shift(), double);
    await quiet();
    executor.started[0]?.done('first');
    await quiet();
    nothing.open(undefined);
    await quiet();
    executor.started[1]?.done('second');
    expect((await feed.done()).results).toEqual(['first', 'second']);
  });

  test('may have nothing more while items are added, which are taken', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const nothing = new Gate<undefined>();
    const feed = queue.from<number, number>(() => nothing.promise, double);
    await quiet();
    feed.add([5, 6]);
    nothing.open(undefined);
    expect((await feed.done()).results).toEqual([10, 12]);
  });

  test('that gives a string is told to give items', async () => {
    const { queue } = oneQueue();
    const error = await failureOf(
      queue.from(
        () => 'abc',
        (item) => item,
      ),
    );
    expect(error.end.failures).toMatchObject([{ stage: 'source', index: 0, error: { code: 'InvalidArgument' } }]);
    expect(String(error.end.failures[0]?.error)).toContain(
      'a source function must return an iterable of items, got the string abc: return [item] for a single item',
    );
  });
});

describe('a feed ends', () => {
  test('only when the source is exhausted, however slowly it yields, and never by asking again', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const gates = [new Gate<number | undefined>(), new Gate<number | undefined>(), new Gate<number | undefined>()];
    let asked = 0;
    const slow: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        async next() {
          const value = await gates[asked++]?.promise;
          return value === undefined ? { done: true, value } : { done: false, value };
        },
      }),
    };
    const feed = queue.from(slow, double);
    const done = feed.done();
    const idle = scheduler.wait();
    for (const value of [7, 8]) {
      expect(await isKept(done)).toBe(false);
      expect(await isKept(idle)).toBe(false);
      expect(scheduler.state).toBe('busy');
      gates.shift()?.open(value);
      asked = 0;
    }
    expect(await isKept(done)).toBe(false);
    gates.shift()?.open(undefined);
    expect((await done).results).toEqual([14, 16]);
    await idle;
    expect(scheduler.state).toBe('idle');
  });

  test('only when its last result has been handed over', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const gate = new Gate();
    const feed = queue.from([1], double, { onResult: () => gate.promise });
    const done = feed.done();
    const idle = scheduler.wait();
    expect(await isKept(done)).toBe(false);
    expect([await isKept(idle), scheduler.state]).toEqual([false, 'busy']);
    gate.open();
    expect((await done).count).toBe(1);
    await idle;
  });

  test('only after what its results have added', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    scheduler.start();
    const visited: string[] = [];
    const feed = queue.from(['a'], (path: string) => path.length, {
      onResult(length, path, _, add) {
        visited.push(path);
        if (length < 3) expect(add([`${path}l`, `${path}r`])).toBe(true);
      },
    });
    expect(await feed.done()).toEqual({ count: 7, failed: 0, failures: [], results: [] });
    expect(visited.toSorted()).toEqual(['a', 'al', 'all', 'alr', 'ar', 'arl', 'arr']);
    expect(feed.add(['late'])).toBe(false);
  });

  test('while the scheduler is stopped only as far as what was submitted runs out', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 1 });
    scheduler.start();
    const source = new Counted();
    const feed = queue.from(source, double, { ahead: 2 });
    await quiet();
    const stopped = scheduler.stop();
    executor.started[0]?.done(1);
    await stopped;
    await quiet();
    expect([executor.started.length, source.read]).toEqual([1, 4]);
    scheduler.start();
    await quiet();
    expect(executor.started).toHaveLength(2);
    feed.cancel();
  });

  test('and is not taken for stalled while it waits for its source, but is when its tasks cannot start', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 1 });
    scheduler.start();
    const gate = new Gate();
    const source = async function* (): AsyncGenerator<number> {
      await gate.promise;
      yield 1;
    };
    const feed = queue.from(source(), double, { task: { id: 'fed' } });
    queue.submit({ id: 'holder', hold: true }, work.nothing);
    await quiet();
    expect(scheduler.state).toBe('busy');
    gate.open();
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'Stalled', tasks: ['fed'] });
    expect(scheduler.state).toBe('stalled');
    feed.cancel();
    await scheduler.wait();
    expect(scheduler.state).toBe('idle');
  });
});

function once(items: readonly number[]): () => readonly number[] | undefined {
  let left: readonly number[] | undefined = items;
  return () => {
    const given = left;
    left = undefined;
    return given;
  };
}

function oneByOne(items: readonly number[]): () => readonly number[] {
  const left = [...items];
  return () => left.splice(0, 1);
}

function oneByOneLater(items: readonly number[]): () => Promise<readonly number[]> {
  const left = [...items];
  return async () => {
    await turn();
    return left.splice(0, 1);
  };
}
