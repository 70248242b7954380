/** Tasks of many results: when each is there, who gets it, and how the whole ends. */
import { describe, expect, test } from 'vitest';
import { DependencyFailed, PartialCountMismatch, PartialOutOfRange, type Queue } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

function* counting(to: number): Generator<number> {
  for (let value = 0; value < to; value += 1) yield value;
}

async function* countingLater(to: number): AsyncGenerator<number> {
  for (let value = 0; value < to; value += 1) {
    await Promise.resolve();
    yield value;
  }
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
    const sorted = queue.submit((all: number[]) => all.sort(), stream);
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

describe('an announced count', () => {
  const announcing = Object.assign((to: number): number[] => [...counting(to)], {
    numberOfResults: (to: number): number => to,
  });

  test('that is right changes nothing', async () => {
    const { scheduler, queue } = oneQueue();
    const three = queue.submit(() => 3);
    const streams = [
      queue.submit({ results: 3 }, counting, 3),
      queue.stream({ results: 3 }, () => [0, 1, 2]),
      queue.stream(announcing, three),
    ];
    scheduler.start();
    for (const stream of streams) expect(await stream.result()).toEqual([0, 1, 2]);
  });

  test('of none goes with no result', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit({ results: 0 }, counting, 0);
    expect(await stream.at(0).settled()).toMatchObject({ status: 'failed', error: { code: 'PartialOutOfRange' } });
    scheduler.start();
    expect(await stream.result()).toEqual([]);
  });

  test.each([
    ['a generator', counting],
    ['an async generator', countingLater],
  ])('fails %s that delivers fewer', async (_, producer) => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit({ id: 's', results: 4 }, producer, 2);
    const [last, missing] = [stream.at(1), stream.at(3)];
    scheduler.start();
    const { error } = (await stream.settled()) as { readonly error: unknown };
    expect(error).toBeInstanceOf(PartialCountMismatch);
    expect(error).toMatchObject({ code: 'PartialCountMismatch', tasks: ['s'], announced: 4, delivered: 2 });
    expect(await last.result()).toBe(1);
    expect(await missing.settled()).toEqual({ status: 'failed', error });
  });

  test.each([
    ['a generator', (seen: number[]) => watched(counting(5), seen)],
    ['an async generator', (seen: number[]) => watchedLater(countingLater(5), seen)],
  ])('fails %s that delivers more, and closes it', async (_, produce) => {
    const { scheduler, queue } = oneQueue();
    const seen: number[] = [];
    const stream = queue.stream({ id: 's', results: 2 }, () => produce(seen));
    scheduler.start();
    const { error } = (await stream.settled()) as { readonly error: unknown };
    expect(error).toBeInstanceOf(PartialCountMismatch);
    expect(error).toMatchObject({ tasks: ['s'], announced: 2, delivered: 3 });
    expect(await stream.at(1).result()).toBe(1);
    expect(await stream.at(2).settled()).toMatchObject({ status: 'failed', error: { code: 'PartialOutOfRange' } });
    expect(await collect(stream).catch((caught: unknown) => caught)).toBe(error);
    await quiet();
    // The third was one too many; the end of the producer's `finally` is noted as -1.
    expect(seen).toEqual([0, 1, 2, -1]);
  });

  function* watched(values: Iterable<number>, seen: number[]): Generator<number> {
    try {
      for (const value of values) {
        seen.push(value);
        yield value;
      }
    } finally {
      seen.push(-1);
    }
  }

  async function* watchedLater(values: AsyncIterable<number>, seen: number[]): AsyncGenerator<number> {
    try {
      for await (const value of values) {
        seen.push(value);
        yield value;
      }
    } finally {
      seen.push(-1);
    }
  }

  test('in the options comes before that of the function', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.stream({ results: 5 }, announcing, 3);
    scheduler.start();
    expect(await stream.settled()).toMatchObject({ status: 'failed', error: { announced: 5, delivered: 3 } });
  });

  test.each([
    ['is no count', () => 1.5, { code: 'InvalidOption' }],
    ['is negative', () => -1, { code: 'InvalidOption' }],
    ['is a text', () => '3', { code: 'InvalidOption' }],
    [
      'throws',
      () => {
        throw new RangeError('cannot say');
      },
      { message: 'cannot say' },
    ],
  ])('that %s fails the task, which does not run', async (_, numberOfResults, error) => {
    const { scheduler, queue } = oneQueue();
    let calls = 0;
    const produce = (): number[] => {
      calls += 1;
      return [1];
    };
    const stream = queue.stream(Object.assign(produce, { numberOfResults }));
    scheduler.start();
    expect(await stream.settled()).toMatchObject({ status: 'failed', error });
    await scheduler.wait();
    expect(calls).toBe(0);
  });
});

describe('a result beyond the end', () => {
  test('fails its handle and its dependents when the end turns out to be before it', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit({ id: 's' }, counting, 2);
    const beyond = stream.at(2);
    const dependent = queue.submit({ id: 'd' }, (value: number) => value, beyond);
    scheduler.start();
    const { error } = (await beyond.settled()) as { readonly error: unknown };
    expect(error).toBeInstanceOf(PartialOutOfRange);
    expect(error).toMatchObject({ code: 'PartialOutOfRange', tasks: ['s'], index: 2, count: 2 });
    expect(beyond.state).toBe('failed');
    const { error: failure } = (await dependent.settled()) as { readonly error: DependencyFailed };
    expect(failure).toBeInstanceOf(DependencyFailed);
    expect(failure).toMatchObject({ tasks: ['d', 's'], origin: 's', cause: error, root: error });
    expect(await stream.result()).toEqual([0, 1]);
    await scheduler.wait();
  });

  test('is known at once where the count is in the options', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit({ id: 's', results: 2 }, counting, 2);
    const dependent = queue.submit((value: number) => value, stream.at(9));
    await expect(stream.at(2).result()).rejects.toMatchObject({ code: 'PartialOutOfRange', index: 2, count: 2 });
    expect(dependent.state).toBe('failed');
    await expect(dependent.result()).rejects.toMatchObject({ cause: { code: 'PartialOutOfRange', index: 9 } });
    expect([scheduler.state, stream.state]).toEqual(['stopped', 'ready']);
  });

  test('is known at the start where the function announces its count', async () => {
    const { scheduler, queue } = oneQueue();
    const goOn = new Gate();
    const produce = async (): Promise<number[]> => {
      await goOn.promise;
      return [0, 1];
    };
    const stream = queue.stream(Object.assign(produce, { numberOfResults: () => 2 }));
    const dependent = queue.submit((value: number) => value, stream.at(2));
    scheduler.start();
    await expect(stream.at(2).result()).rejects.toMatchObject({ code: 'PartialOutOfRange', count: 2 });
    await expect(dependent.result()).rejects.toMatchObject({ cause: { code: 'PartialOutOfRange' } });
    expect(stream.state).toBe('running');
    goOn.open();
    expect(await stream.result()).toEqual([0, 1]);
  });

  test('fails whoever asks for it later', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(counting, 1);
    scheduler.start();
    await stream.result();
    expect(await stream.at(1).settled()).toMatchObject({ error: { code: 'PartialOutOfRange', index: 1, count: 1 } });
    const dependent = queue.submit((value: number) => value, stream.at(1));
    expect(dependent.state).toBe('failed');
    expect(await dependent.settled()).toMatchObject({ error: { cause: { code: 'PartialOutOfRange' } } });
  });
});

describe('a producer that fails midway', () => {
  test.each([
    [
      'a generator',
      function* (to: number): Generator<number> {
        yield* counting(to);
        throw new RangeError('midway');
      },
    ],
    [
      'an async generator',
      async function* (to: number): AsyncGenerator<number> {
        yield* countingLater(to);
        throw new RangeError('midway');
      },
    ],
  ])('keeps what it has delivered: %s', async (_, producer) => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit({ id: 's' }, producer, 2);
    const dependents = [0, 1, 2].map((index) => queue.submit((value: number) => value * 10, stream.at(index)));
    const ofAll = queue.submit((all: readonly number[]) => all, stream);
    scheduler.start();
    const error = new RangeError('midway');
    expect(await stream.settled()).toEqual({ status: 'failed', error });
    expect(await stream.at(1).result()).toBe(1);
    await expect(stream.at(2).result()).rejects.toThrow(error);
    const outcomes = await Promise.all([...dependents, ofAll].map((dependent) => dependent.settled()));
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'done', 'failed', 'failed']);
    for (const outcome of outcomes.slice(2)) {
      expect(outcome).toMatchObject({ error: { code: 'DependencyFailed', origin: 's', cause: error } });
    }
    expect(outcomes.slice(0, 2)).toEqual([0, 10].map((result) => ({ status: 'done', result })));
  });

  test('because it is cancelled keeps what it has delivered', async () => {
    const { scheduler, queue } = oneQueue();
    const goOn = new Gate();
    const stream = queue.submit(async function* () {
      yield 'first';
      await goOn.promise;
      yield 'late';
    });
    scheduler.start();
    await stream.at(0).result();
    expect(stream.cancel('enough')).toBe(true);
    expect([stream.state, stream.at(0).state, stream.at(1).state]).toEqual(['cancelled', 'done', 'cancelled']);
    goOn.open();
    await quiet();
    expect(await stream.at(0).result()).toBe('first');
    expect(await stream.at(1).settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    await expect(stream.at(1).result()).rejects.toMatchObject({ code: 'TaskCancelled', cause: 'enough' });
  });
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
