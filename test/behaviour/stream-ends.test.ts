/** How streams end: as announced, too early, too late, or midway; and what becomes of results that never come. */
import { describe, expect, test } from 'vitest';
import {
  DependencyFailed,
  PartialCountMismatch,
  PartialOutOfRange,
  type Queue,
  type SubmitOptions,
} from '../../src/index.js';
import { counting, countingLater } from './counting.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

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
    ['a generator', (queue: Queue, options: SubmitOptions) => queue.submit(options, counting, 2)],
    ['an async generator', (queue: Queue, options: SubmitOptions) => queue.submit(options, countingLater, 2)],
  ])('fails %s that delivers fewer', async (_, submit) => {
    const { scheduler, queue } = oneQueue();
    const stream = submit(queue, { id: 's', results: 4 });
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
    await expect(stream.result()).rejects.toBe(error);
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

  test('of none may come from the function as well', async () => {
    const { scheduler, queue } = oneQueue();
    const gate = new Gate();
    const produce = async (): Promise<number[]> => {
      await gate.promise;
      return [];
    };
    const stream = queue.stream(Object.assign(produce, { numberOfResults: () => 0 }));
    scheduler.start();
    expect(await stream.at(0).settled()).toMatchObject({ status: 'failed', error: { code: 'PartialOutOfRange' } });
    expect(stream.state).toBe('running');
    gate.open();
    expect(await stream.result()).toEqual([]);
  });

  test('is none where numberOfResults is a number, and not a function', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.stream(Object.assign(() => [1, 2], { numberOfResults: 1 }));
    scheduler.start();
    expect(await stream.result()).toEqual([1, 2]);
  });

  test.each([
    [
      'is no count',
      () => 1.5,
      { code: 'InvalidOption', message: 'numberOfResults must give an integer of at least 0, got 1.5' },
    ],
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
    const dependents = [3, 2, 1].map((index) => queue.submit((value: number) => value, stream.at(index)));
    scheduler.start();
    await expect(stream.at(2).result()).rejects.toMatchObject({ code: 'PartialOutOfRange', count: 2 });
    // The count itself is the first index beyond the end; the last result is still to come.
    expect(dependents.map(({ state }) => state)).toEqual(['failed', 'failed', 'pending']);
    await expect(dependents[1]?.result()).rejects.toMatchObject({ cause: { code: 'PartialOutOfRange', index: 2 } });
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
  function* failing(): Generator<number> {
    yield* counting(2);
    throw new RangeError('midway');
  }

  async function* failingLater(): AsyncGenerator<number> {
    yield* countingLater(2);
    throw new RangeError('midway');
  }

  test.each([
    ['a generator', (queue: Queue) => queue.submit({ id: 's' }, failing)],
    ['an async generator', (queue: Queue) => queue.submit({ id: 's' }, failingLater)],
  ])('keeps what it has delivered: %s', async (_, submit) => {
    const { scheduler, queue } = oneQueue();
    const stream = submit(queue);
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
