import { describe, expect, test } from 'vitest';
import type { FeedOptions } from '../../src/index.js';
import { double, failureOf } from '../support/feeds.js';
import { oneQueue } from '../support/one-queue.js';

describe.each([
  ['at once', <T>(result: T): T => result],
  ['later', <T>(result: T): Promise<T> => Promise.resolve(result)],
])('a source that answers %s', (_, given) => {
  test.each([
    ['with nothing', () => undefined, 'next of an iterator gives an object, got undefined'],
    ['with what is no object', () => 7, 'got 7'],
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
