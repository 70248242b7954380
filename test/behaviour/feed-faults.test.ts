import { describe, expect, test } from 'vitest';
import type { Feed, FeedOptions, SchedulerError } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { double, failureOf } from './feeds.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

test('a feed comes to its end through a long row of items that cannot be submitted', async () => {
  const { scheduler, queue } = oneQueue();
  scheduler.start();
  const items = Array.from({ length: 250 }, (_, index) => index);
  const task = { resources: { paper: 1 } };
  const end = await queue.from(items, double, { onError: 'continue', task }).done();
  expect([end.count, end.failed]).toEqual([250, 250]);
});

describe.each([
  ['at once', <T>(result: T): T => result],
  ['later', <T>(result: T): Promise<T> => Promise.resolve(result)],
])('a source that answers %s', (_, given) => {
  test.each([
    ['with nothing', () => undefined, 'next of an iterator must return an object, got undefined'],
    ['with what is no object', () => 7, 'got 7'],
    ['with null', () => null, 'next of an iterator must return an object, got null'],
    ['with a done that throws', () => throwing('done'), 'no done'],
    ['with a value that throws', () => throwing('value'), 'no value'],
  ])('%s is not read again', async (__, answer, message) => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    let told = 0;
    const source = { next: () => given(answer()), [Symbol.iterator]: () => source };
    const feed = queue.from(source as never, double, {
      onError: () => {
        told += 1;
        return told < 10 ? 'continue' : 'stop';
      },
    });
    const end = await feed.done();
    expect(end).toMatchObject({ count: 0, failed: 1, failures: [{ stage: 'source', index: 0 }] });
    expect(String(end.failures[0]?.error)).toContain(message);
  });
});

/** What an iterator answers that throws when it is looked at. */
function throwing(name: string): object {
  return Object.defineProperty({}, name, {
    get() {
      throw new Error(`no ${name}`);
    },
  });
}

describe('a feed without end leaves others their turn', () => {
  const aborted = AbortSignal.abort('no');
  test.each<[string, Pick<FeedOptions<unknown, number>, 'task'>]>([
    ['whose items cannot be submitted', { task: () => ({ resources: { paper: 1 } }) }],
    ['whose tasks are cancelled from the beginning', { task: { signal: aborted } }],
    ['whose items depend on what has failed', {}],
  ])('%s', async (_, options) => {
    const { scheduler, queue } = oneQueue({ concurrency: 1 });
    scheduler.start();
    const broken = queue.submit(() => {
      throw new Error('no paper');
    });
    await broken.settled();
    let read = 0;
    function* source(): Generator<typeof broken> {
      for (; read < 100_000; read += 1) yield broken;
    }
    const feed = queue.from(source(), double, { onError: 'continue', ...options });
    feed.done().catch(() => undefined);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    feed.cancel('seen');
    expect(read).toBeLessThan(10_000);
    const { end, ended } = await failureOf(feed);
    expect([ended, end.failed]).toEqual(['cancelled', end.count]);
  });
});

describe('a source that is left', () => {
  /** Cleans up as long as the gate is closed. */
  async function* tidied(gate: Gate, tidy: () => void): AsyncGenerator<number> {
    try {
      for (let n = 0; ; n += 1) yield n;
    } finally {
      await gate.promise;
      tidy();
    }
  }

  test('is waited for until it has cleaned up', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const gate = new Gate();
    let isTidy = false;
    const source = tidied(gate, () => {
      isTidy = true;
    });
    const feed = queue.from(source, double);
    await quiet();
    feed.cancel('enough');
    const closed = scheduler.close();
    expect([await isKept(feed.done()), await isKept(closed), isTidy]).toEqual([false, false, false]);
    gate.open();
    await closed;
    expect([(await failureOf(feed)).ended, isTidy]).toEqual(['cancelled', true]);
  });

  test('is not waited for where it has been asked and may never answer', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const gate = new Gate();
    const feed = queue.from(
      (async function* () {
        yield 1;
        await gate.promise;
        yield 2;
      })(),
      double,
    );
    await quiet();
    feed.cancel('enough');
    expect(await failureOf(feed)).toMatchObject({ ended: 'cancelled', end: { count: 1, failed: 0 } });
    await scheduler.close();
    gate.open();
  });

  test('and fails in that is reported once', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const gate = new Gate();
    const source = tidied(gate, () => {
      throw new Error('the folder is in use');
    });
    const told: string[] = [];
    const feed = queue.from(source, double, {
      onError: ({ stage, error }) => {
        if (stage === 'source') told.push(String(error));
        return 'continue';
      },
    });
    await quiet();
    feed.cancel('enough');
    await quiet();
    gate.open();
    const { end } = await failureOf(feed);
    await quiet();
    expect(end.failures.filter(({ stage }) => stage === 'source')).toMatchObject([
      { error: { message: 'the folder is in use' } },
    ]);
    expect(told).toEqual(['Error: the folder is in use']);
  });

  test('is not waited for by terminate', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const feed = queue.from(
      tidied(new Gate(), () => undefined),
      double,
    );
    await quiet();
    feed.cancel('enough');
    expect(await isKept(feed.done())).toBe(false);
    await scheduler.terminate();
    expect((await failureOf(feed)).ended).toBe('cancelled');
  });
});

test('an item is not submitted any more when the feed is cancelled from within the option task', async () => {
  const { scheduler, queue } = oneQueue({ concurrency: 2 });
  scheduler.start();
  const ran: number[] = [];
  const feed: Feed<number, undefined> = queue.from([1, 2, 3], (n: number): undefined => void ran.push(n), {
    task: () => {
      feed.cancel('enough');
      return {};
    },
  });
  const { end } = await failureOf(feed);
  await scheduler.wait();
  expect([ran, end.count]).toEqual([[], 3]);
  expect(end.failures.map(({ index, error }) => [index, (error as SchedulerError).code])).toEqual([
    [1, 'TaskCancelled'],
    [2, 'TaskCancelled'],
    [0, 'TaskCancelled'],
  ]);
  expect(end.failures[2]?.error).toMatchObject({
    message: 'item 0 was taken and not submitted: the feed was cancelled',
    queue: 'q',
    cause: 'enough',
  });
});

test.each(['next', 'return'] as const)(
  'a %s of a source that fails after its feed has ended is not heard of',
  async (failing) => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const fails = new Map<string, (error: unknown) => void>();
    const late = (method: string) => (): Promise<IteratorResult<number>> =>
      new Promise((_, reject) => void fails.set(method, reject));
    const iterator = failing === 'next' ? { next: late('next') } : { next: late('next'), return: late('return') };
    const told: unknown[] = [];
    const onError = (failure: unknown): 'continue' => {
      told.push(failure);
      return 'continue';
    };
    const feed = queue.from({ [Symbol.asyncIterator]: () => iterator }, double, { onError });
    await quiet();
    feed.cancel('enough');
    const error = await failureOf(feed);
    fails.get(failing)?.(new Error('too late'));
    await quiet();
    expect([error.ended, error.end.failed, fails.has(failing), told]).toEqual(['cancelled', 0, true, []]);
  },
);
