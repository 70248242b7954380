/** Tasks of many results: when each is there, who gets it, and how the whole ends. */
import { describe, expect, test } from 'vitest';
import type { Queue } from '../../src/index.js';
import { counting, countingLater } from './counting.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

describe('a handle of one result', () => {
  test('is valid before the producer has started', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit({ id: 's' }, counting, 3);
    const second = stream.at(1);
    expect([second.id, second.state, stream.state]).toEqual(['s#1', 'pending', 'ready']);
    const doubled = queue.submit((value: number) => value * 2, second);
    scheduler.start();
    expect(await second.result()).toBe(1);
    expect(await doubled.result()).toBe(2);
    expect(second.state).toBe('done');
  });

  test('settles while the producer goes on, and so do its dependents', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const goOn = new Gate();
    const stream = queue.submit(async function* () {
      yield 'first';
      await goOn.promise;
      yield 'second';
    });
    const shout = (text: string): string => text.toUpperCase();
    const [loudFirst, loudSecond] = [queue.submit(shout, stream.at(0)), queue.submit(shout, stream.at(1))];
    scheduler.start();
    expect(await loudFirst.result()).toBe('FIRST');
    expect([stream.state, stream.at(0).state, stream.at(1).state, loudSecond.state]).toEqual([
      'partial',
      'done',
      'pending',
      'pending',
    ]);
    goOn.open();
    expect(await loudSecond.result()).toBe('SECOND');
    expect(await stream.result()).toEqual(['first', 'second']);
  });

  test('is the same result however often it is asked for', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(function* () {
      yield { an: 'object' };
    });
    const [early, again] = [stream.at(0).result(), stream.at(0).result()];
    scheduler.start();
    const value = await early;
    expect(await again).toBe(value);
    expect(await stream.at(0).result()).toBe(value);
    expect((await stream.result())[0]).toBe(value);
  });

  test('keeps its value when somebody sorts the array of all', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.stream(() => [3, 1, 2]);
    const sorted = queue.submit((all: number[]) => all.sort((a, b) => a - b), stream);
    scheduler.start();
    expect(await sorted.result()).toEqual([1, 2, 3]);
    expect(await stream.at(0).result()).toBe(3);
    expect(await queue.submit((first: number) => first, stream.at(0)).result()).toBe(3);
    expect(await collect(stream)).toEqual([3, 1, 2]);
  });
});

describe('reading a stream', () => {
  test('gives the values as they come', async () => {
    const { scheduler, queue } = oneQueue();
    const goOn = new Gate();
    const stream = queue.submit(async function* () {
      yield 1;
      await goOn.promise;
      yield 2;
    });
    scheduler.start();
    const reader = stream[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    const next = reader.next();
    goOn.open();
    expect(await next).toEqual({ done: false, value: 2 });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('gives every reader all values, from the first, whenever it begins', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(countingLater, 50);
    const early = [collect(stream), collect(stream)];
    scheduler.start();
    await stream.at(20).result();
    const midway = collect(stream);
    await stream.settled();
    const all = Array.from({ length: 50 }, (_, index) => index);
    expect(await Promise.all([...early, midway, collect(stream)])).toEqual([all, all, all, all]);
  });

  test('and leaving off lets the task go on', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(countingLater, 5);
    scheduler.start();
    for await (const value of stream) if (value === 1) break;
    expect(await stream.result()).toEqual([0, 1, 2, 3, 4]);
  });

  test('throws at the end what the task failed with', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(function* () {
      yield 'kept';
      throw new RangeError('out of paper');
    });
    scheduler.start();
    const reader = stream[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ done: false, value: 'kept' });
    await expect(reader.next()).rejects.toThrow(new RangeError('out of paper'));
  });

  test('throws at the end that the task was cancelled', async () => {
    const { scheduler, queue } = oneQueue();
    const goOn = new Gate();
    const stream = queue.submit({ id: 's' }, async function* () {
      yield 1;
      await goOn.promise;
    });
    scheduler.start();
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    const next = reader.next();
    stream.cancel('enough');
    await expect(next).rejects.toMatchObject({ code: 'TaskCancelled', tasks: ['s'], cause: 'enough' });
    goOn.open();
  });
});

describe('the array of all results', () => {
  test.each([
    ['a generator function', (queue: Queue) => queue.submit(counting, 3)],
    ['an async generator function', (queue: Queue) => queue.submit(countingLater, 3)],
    ['stream and an array', (queue: Queue) => queue.stream(() => [0, 1, 2])],
    ['stream and a set', (queue: Queue) => queue.stream(() => new Set([0, 1, 2]))],
    ['stream and a promise of an array', (queue: Queue) => queue.stream(async () => [0, 1, 2])],
    ['stream and a function that returns a generator', (queue: Queue) => queue.stream(() => counting(3))],
    ['stream and a promise of an async generator', (queue: Queue) => queue.stream(async () => countingLater(3))],
    [
      'stream and a typed array',
      (queue: Queue) => queue.stream({ id: 'with options' }, () => Uint8Array.from([0, 1, 2])),
    ],
    ['stream and a generator function', (queue: Queue) => queue.stream(counting, 3)],
  ])('comes from %s', async (_, submit) => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const stream = submit(queue);
    const asArgument = queue.submit((all: readonly number[]) => [...all], stream);
    scheduler.start();
    expect(await stream.result()).toEqual([0, 1, 2]);
    expect(await asArgument.result()).toEqual([0, 1, 2]);
    expect(await collect(stream)).toEqual([0, 1, 2]);
    expect(await stream.at(2).result()).toBe(2);
  });

  test('comes from stream and a string, which is iterable too', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.stream(() => 'abc');
    scheduler.start();
    expect(await stream.result()).toEqual(['a', 'b', 'c']);
  });

  test('is empty for a producer that ends at once, whatever it returns', async () => {
    const { scheduler, queue } = oneQueue();
    // oxlint-disable-next-line require-yield -- a producer may have nothing to give
    const stream = queue.submit(function* (): Generator<number, string> {
      return 'not a result';
    });
    scheduler.start();
    expect(await stream.result()).toEqual([]);
    expect(await collect(stream)).toEqual([]);
  });
});

test.each([
  ['a number', () => 7, 'got 7'],
  ['nothing', () => undefined, 'got undefined'],
  ['a plain object', async () => ({}), 'got [object Object]'],
])('stream fails a function that returns %s', async (_, fn, message) => {
  const { scheduler, queue } = oneQueue();
  const stream = queue.stream({ id: 's' }, fn as unknown as () => number[]);
  scheduler.start();
  const outcome = await stream.settled();
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'InvalidArgument', tasks: ['s'] } });
  expect(String(outcome.status === 'failed' && outcome.error)).toContain(message);
  expect(await stream.at(0).settled()).toEqual(outcome);
});

test('a function that returns a generator fails, and is told what to submit', async () => {
  const { scheduler, queue } = oneQueue();
  const handle = queue.submit({ id: 'late' }, (): unknown => counting(3));
  const hostile = queue.submit(() => ({
    get [Symbol.toStringTag]() {
      throw new RangeError('no tag');
    },
  }));
  scheduler.start();
  const message = 'task late returned a generator: submit the generator function itself, or use queue.stream';
  expect(await handle.settled()).toMatchObject({
    status: 'failed',
    error: { code: 'InvalidArgument', tasks: ['late'], message },
  });
  expect(await hostile.settled()).toEqual({ status: 'failed', error: new RangeError('no tag') });
});

test('generators take turns, one result at a time', async () => {
  const { scheduler, queue } = oneQueue({ concurrency: 2 });
  const order: string[] = [];
  function* noting(name: string): Generator<string> {
    for (const step of [1, 2, 3]) {
      order.push(`${name}${step}`);
      yield name;
    }
  }
  queue.submit(noting, 'b');
  queue.submit(noting, 'a');
  scheduler.start();
  await scheduler.wait();
  expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
});
