/** What a result is made from: which change of a task makes it run again, and what the reason is called. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, type Queue, type QueueOptions, Scheduler } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import type { Store } from '../../src/core/store-port.js';

type Program = (queue: Queue) => Handle<unknown>;

/** Runs the program to its end. Returns why its task was not restored; undefined if it was. */
async function reasonOf(
  store: Store,
  program: Program,
  { durability, ...options }: QueueOptions & { readonly durability?: 'each' } = {},
): Promise<string | undefined> {
  const scheduler = new Scheduler({ store, ...(durability === undefined ? {} : { durability }) });
  onTestFinished(() => scheduler.terminate());
  const queue = scheduler.queue('q', { concurrency: 2, ...options });
  const handle = program(queue);
  const reason = handle.why().notRestored;
  scheduler.start();
  await handle.settled();
  await scheduler.close().catch(() => undefined);
  return reason;
}

const sum = (...values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const text = (value: unknown): string => JSON.stringify(value);
function* countTo(n: number): Generator<number> {
  for (let k = 0; k < n; k += 1) yield k;
}

const kept = { id: 't', key: 't' };
const producer = (queue: Queue) => queue.submit({ id: 's' }, countTo, 20);

describe('a second run', () => {
  test.each<[string, Program, Program, string | undefined]>([
    [
      'other arguments, as many',
      (queue) => queue.submit(kept, text, 'short'),
      (queue) => queue.submit(kept, text, 'other'),
      'argument 1 changed',
    ],
    [
      'a long text that differs at its end',
      (queue) => queue.submit(kept, text, `${'x'.repeat(50)}a`),
      (queue) => queue.submit(kept, text, `${'x'.repeat(50)}b`),
      'argument 1 changed',
    ],
    [
      'a number in place of its text',
      (queue) => queue.submit(kept, text, 5),
      (queue) => queue.submit(kept, text, '5'),
      'argument 1 changed',
    ],
    [
      'fewer arguments',
      (queue) => queue.submit(kept, sum, 1, 2),
      (queue) => queue.submit(kept, sum, 3),
      'number of arguments changed from 2 to 1',
    ],
    [
      'one dependency more',
      (queue) => queue.submit(kept, sum, 1),
      (queue) => queue.submit({ ...kept, after: [producer(queue)] }, sum, 1),
      'number of dependencies changed from 0 to 1',
    ],
    [
      'another result of the same task',
      (queue) => queue.submit(kept, sum, producer(queue).at(1)),
      (queue) => queue.submit(kept, sum, producer(queue).at(2)),
      'dependency q/countTo',
    ],
    [
      'the same result',
      (queue) => queue.submit(kept, sum, producer(queue).at(1)),
      (queue) => queue.submit(kept, sum, producer(queue).at(1)),
      undefined,
    ],
  ])('with %s', async (_, first, second, reason) => {
    const store = memoryStore();
    expect(await reasonOf(store, first)).toBe('no record');
    const told = await reasonOf(store, second);
    if (reason === undefined) expect(told).toBeUndefined();
    else expect(told).toContain(reason);
  });

  test('tells many results of one task from each other, and from values that are none', async () => {
    const store = memoryStore();
    const all = (order: (at: number) => number) => (queue: Queue) => {
      const stream = producer(queue);
      const results = Array.from({ length: 20 }, (_, at) => stream.at(order(at)));
      return queue.submit(kept, (...given: unknown[]) => given.length, ...results, { not: ['a', 'handle'] });
    };
    await reasonOf(
      store,
      all((at) => at),
    );
    expect(
      await reasonOf(
        store,
        all((at) => at),
      ),
    ).toBeUndefined();
    expect(
      await reasonOf(
        store,
        all((at) => 19 - at),
      ),
    ).toBeDefined();
  });

  test('runs a task again that failed before, unless failures are kept', async () => {
    const store = memoryStore();
    const fails: Program = (queue) =>
      queue.submit(kept, () => {
        throw new RangeError('no');
      });
    await reasonOf(store, fails, { keepFailures: true });
    expect(await reasonOf(store, fails, { keepFailures: true })).toBeUndefined();
    expect(await reasonOf(store, fails)).toBe('failed before');
  });

  test('looks again at a task after one whose recipe cannot be known', async () => {
    const store = memoryStore();
    const program: Program = (queue) => queue.submit(kept, sum, queue.submit({ id: 'native' }, Math.abs, -3));
    await reasonOf(store, program);
    expect(await reasonOf(store, program)).toBe('dependency q/abs(?) changed');
    const withResult: Program = (queue) => {
      const native = queue.submit({ id: 'native' }, Math.abs, -3);
      return queue.submit(kept, sum, queue.submit({ id: 'plain' }, sum, native));
    };
    await reasonOf(store, withResult);
    expect(await reasonOf(store, withResult)).toContain('changed');
  });

  test('finds partial results that were committed one by one, after those that it has', async () => {
    const store = memoryStore();
    const stopsAt =
      (last: number): Program =>
      (queue) => {
        const options = { id: 's', key: 's', version: 1 };
        return queue.submit(options, function* produce(): Generator<number> {
          for (let k = 0; k < 4; k += 1) {
            if (k === last) throw new RangeError('stopped');
            yield k;
          }
        });
      };
    await reasonOf(store, stopsAt(2), { durability: 'each' });
    const scheduler = new Scheduler({ store });
    onTestFinished(() => scheduler.terminate());
    const stream = stopsAt(4)(scheduler.queue('q'));
    expect([stream.state, stream.why().notRestored]).toEqual(['ready', 'interrupted']);
    scheduler.start();
    expect(await stream.result()).toEqual([0, 1, 2, 3]);
  });
});
