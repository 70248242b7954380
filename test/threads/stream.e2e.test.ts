/** Functions with many results. */
import { describe, expect, test } from 'vitest';
import { STREAM_WINDOW } from '../../src/executors/threads/session-cells.js';
import * as streams from './fixtures/streams.js';
import { filePool, sharedCells } from './run-in-threads.js';

const pool = filePool('streams.js');

describe('partial results', () => {
  test.each([
    ['a generator', streams.count],
    ['an async generator', streams.countLater],
    ['a function that returns an array', streams.arrayOf],
  ])('of %s arrive all, in order, before the end', async (_, fn) => {
    const attempt = pool.stream(fn, 0, 1_000);
    expect(await attempt.value()).toBeUndefined();
    expect(attempt.partials).toEqual(Array.from({ length: 1_000 }, (__, index) => index));
  });

  test('of an async function that returns an iterable arrive', async () => {
    const attempt = pool.stream(streams.setLater, 3, 1, 2);
    await attempt.value();
    expect(attempt.partials).toEqual([3, 1, 2]);
  });

  test('may be none', async () => {
    const attempt = pool.stream(streams.count, 0, 0);
    await attempt.value();
    expect(attempt.partials).toEqual([]);
  });

  test.each([
    ['a generator', streams.failAfter],
    ['an async generator', streams.failLaterAfter],
  ])('that %s delivered before it threw are kept', async (_, fn) => {
    const attempt = pool.stream(fn, 500);
    const error = await attempt.error();
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: 'the sensor is gone' });
    expect(attempt.partials).toHaveLength(500);
  });

  test('arrive one by one, while the generator goes on', async () => {
    const cells = sharedCells(1);
    const attempt = pool.runWith(
      {
        stream: true,
        // The generator goes on only when its last result was seen here.
        onPartial: (_, index) => {
          Atomics.store(cells, 0, index + 1);
          Atomics.notify(cells, 0);
        },
      },
      streams.stepwise,
      cells,
      5,
    );
    await attempt.value();
    expect(attempt.partials).toEqual([0, 1, 2, 3, 4]);
  });

  test('of a generator that is faster than the main thread wait in a bounded number', async () => {
    const cells = sharedCells(1);
    const idle = sharedCells(1);
    let furthest = 0;
    const attempt = pool.runWith(
      {
        stream: true,
        onPartial: (_, index) => {
          // Long enough for the generator to run ahead as far as it may.
          if (index % 500 === 0) Atomics.wait(idle, 0, 0, 20);
          furthest = Math.max(furthest, Atomics.load(cells, 0) - index);
        },
      },
      streams.countedInCell,
      cells,
      5_000,
    );
    await attempt.value();
    expect(attempt.partials).toHaveLength(5_000);
    expect(furthest).toBeGreaterThan(1);
    expect(furthest).toBeLessThanOrEqual(STREAM_WINDOW + 1);
  });

  test('that were sent before the worker exited are delivered before the failure', async () => {
    const attempt = pool.stream(streams.yieldThenExit, 100);
    expect(await attempt.error()).toMatchObject({ code: 'WorkerCrashed' });
    expect(attempt.partials).toHaveLength(100);
  });

  test('of several attempts at a time do not mix', async () => {
    const attempts = [0, 1_000, 2_000, 3_000].map((from) => pool.stream(streams.countLater, from, from + 200));
    await Promise.all(attempts.map((attempt) => attempt.value()));
    for (const [turn, attempt] of attempts.entries()) {
      expect(attempt.partials).toEqual(Array.from({ length: 200 }, (_, index) => turn * 1_000 + index));
    }
  });
});

test('a function that returns nothing iterable fails its attempt', async () => {
  const attempt = pool.runWith({ id: 'plain', stream: true }, streams.notIterable);
  expect(await attempt.error()).toMatchObject({
    code: 'InvalidArgument',
    message: 'task plain must return an iterable, got 7',
  });
});

test('a result that cannot be cloned ends the stream by name, and closes the generator', async () => {
  const cells = sharedCells(1);
  const attempt = pool.stream(streams.closable, cells);
  const error = await attempt.error();
  expect(error).toMatchObject({ code: 'NotCloneable' });
  expect(String(error)).toContain('result[1].nested[0]');
  expect(attempt.partials).toEqual(['cloneable']);
  expect(Atomics.load(cells, 0)).toBe(1);
});

test('each step of a generator knows its context', async () => {
  const options = { id: 'g', queue: 'q', attempt: 3, stream: true };
  const attempt = pool.runWith(options, streams.contexts);
  await attempt.value();
  const expected = { id: 'g', queue: 'q', attempt: 3 };
  expect(attempt.partials).toEqual([expected, expected]);
});

test('each step of an async generator knows its context until its first await', async () => {
  const attempt = pool.runWith({ id: 'g', stream: true }, streams.contextsLater);
  await attempt.value();
  expect(attempt.partials).toEqual(['g', 'after an await', 'g']);
});
