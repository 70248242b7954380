/** Workers that end under their attempts. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WorkerCrashed } from 'pullgraph';
import * as crashes from './fixtures/crashes.js';
import { never } from './fixtures/exiting-on-load-in-workers.js';
import type { RecordedAttempt } from '../support/recorded-attempt.js';
import { reaches, sharedCells, testedPool } from './run-in-threads.js';

/** Warnings of this process, from now until the end of the test. */
function warnings(): string[] {
  const seen: string[] = [];
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => {
    seen.push(String(warning));
  });
  onTestFinished(() => spy.mockRestore());
  return seen;
}

describe('an attempt whose worker ends', () => {
  test.each<[how: string, fn: (...args: never[]) => unknown, args: unknown[], cause: RegExp]>([
    ['by process.exit', crashes.exit, [0], /exited with code: 0/],
    ['by process.exit with a code', crashes.exit, [7], /exited with code: 7/],
    ['by an exception in a callback', crashes.throwInCallback, [], /RangeError: out of a callback/],
    ['by a rejection that nobody handles', crashes.rejectUnhandled, [], /RangeError: nobody listens/],
  ])('%s fails with the cause, and the pool goes on', async (_, fn, args, cause) => {
    const pool = testedPool('crashes.js', { size: 1 });
    const attempt = pool.runWith({ id: 'unlucky' }, fn, ...args);
    const error = await attempt.error();
    expect(error).toBeInstanceOf(WorkerCrashed);
    expect(error).toMatchObject({ code: 'WorkerCrashed', tasks: ['unlucky'] });
    expect(String((error as Error).cause)).toMatch(cause);
    expect(await pool.run(crashes.countCall, sharedCells(1)).value()).toBe(0);
  });

  test('by running out of memory fails with the cause, and the pool goes on', async () => {
    const pool = testedPool('crashes.js', { size: 1, resourceLimits: { maxOldGenerationSizeMb: 48 } });
    const error = await pool.run(crashes.exhaustMemory).error();
    expect(error).toBeInstanceOf(WorkerCrashed);
    expect((error as Error).cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
    expect(await pool.run(crashes.countCall, sharedCells(1)).value()).toBe(0);
  });

  test('leaves the others alone: none is lost, none runs twice', async () => {
    const pool = testedPool('crashes.js', { size: 2 });
    const [gate, calls] = [sharedCells(2), sharedCells(1)];
    const neighbour = pool.run(crashes.hold, gate);
    await reaches(gate, 0, 1);
    const crashing = Array.from({ length: 3 }, () => [
      pool.run(crashes.exit, 1),
      ...Array.from({ length: 10 }, () => pool.run(crashes.countCall, calls)),
    ]).flat();
    const ends = await Promise.all(crashing.map((attempt) => attempt.ended));
    expect(ends.filter((end) => end.status === 'failed')).toHaveLength(3);
    const turns = ends.flatMap((end) => (end.status === 'done' ? [Number(end.value)] : []));
    expect(turns.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(neighbour.ends).toEqual([]);
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
    expect(await neighbour.value()).toBe('unharmed');
    expect(gate[0]).toBe(1);
  });
});

describe('attempts that were given ahead to a worker that ends', () => {
  test.each([
    ['exits', crashes.exit],
    ['has left behind a rejection', crashes.rejectUnhandled],
  ])('which %s run elsewhere, each once and in its turn', async (_, fn) => {
    const pool = testedPool('crashes.js', { size: 1 });
    const calls = sharedCells(1);
    // Enough before each end for the worker to be given many at a time.
    const countCalls = () => Array.from({ length: 50 }, () => pool.run(crashes.countCall, calls));
    const counting = countCalls();
    const crashing: RecordedAttempt[] = [];
    for (let round = 0; round < 3; round++) {
      crashing.push(pool.run(fn, 1));
      counting.push(...countCalls());
    }
    const turns = await Promise.all(counting.map((attempt) => attempt.value()));
    expect(turns).toEqual(counting.map((__, index) => index));
    for (const attempt of crashing) expect(await attempt.error()).toBeInstanceOf(WorkerCrashed);
  });

  test('which ends after the one before them run elsewhere, each once', async () => {
    warnings();
    const pool = testedPool('crashes.js', { size: 1 });
    const calls = sharedCells(1);
    const counting: RecordedAttempt[] = [];
    const exiting: RecordedAttempt[] = [];
    for (let round = 0; round < 3; round++) {
      counting.push(...Array.from({ length: 50 }, () => pool.run(crashes.countCall, calls)));
      exiting.push(pool.run(crashes.exitAfterwards));
    }
    counting.push(pool.run(crashes.countCall, calls));
    const turns = await Promise.all(counting.map((attempt) => attempt.value()));
    expect(turns).toEqual(counting.map((_, index) => index));
    for (const attempt of exiting) expect(await attempt.value()).toBeTypeOf('number');
  });
});

describe('a worker that ends between two attempts', () => {
  test('does not lose the outcome of the first', async () => {
    warnings();
    const pool = testedPool('crashes.js', { size: 1 });
    for (let round = 0; round < 5; round++) {
      expect(await pool.run(crashes.exitAfterwards).value()).toBeTypeOf('number');
    }
  });

  test('does not fail the second, which it had been given: it runs elsewhere, once and in its turn', async () => {
    const seen = warnings();
    const pool = testedPool('crashes.js', { size: 1 });
    const [gate, calls] = [sharedCells(2), sharedCells(1)];
    await pool.run(crashes.exitAtGateAfterwards, gate).value();
    await reaches(gate, 0, 1);
    const attempts = Array.from({ length: 3 }, () => pool.run(crashes.countCall, calls));
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
    expect(await Promise.all(attempts.map((attempt) => attempt.value()))).toEqual([0, 1, 2]);
    expect(seen).toEqual([]);
  });

  test('does not end unnoticed', async () => {
    const seen = warnings();
    const pool = testedPool('crashes.js', { size: 1 });
    await pool.run(crashes.crashAfterwards).value();
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(seen[0]).toMatch(/crashes\.js ended while idle: RangeError: left behind/);
  });
});

describe('workers that never come up', () => {
  test('fail the attempts that wait for them, instead of leaving them waiting', async () => {
    const pool = testedPool('exiting-on-load-in-workers.js', { size: 2 });
    const attempts = Array.from({ length: 4 }, () => pool.run(never));
    for (const attempt of attempts) expect(await attempt.error()).toBeInstanceOf(WorkerCrashed);
  });

  test('fail the attempts also where they end before they are of any use', async () => {
    const pool = testedPool('crashes.js', { size: 2, resourceLimits: { maxOldGenerationSizeMb: 2 } });
    const attempts = Array.from({ length: 4 }, () => pool.run(crashes.countCall, sharedCells(1)));
    for (const attempt of attempts) {
      expect(await attempt.error()).toMatchObject({
        code: 'WorkerCrashed',
        cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' },
      });
    }
  });
});
