/** What every executor has to do, whatever it runs functions on: one suite, the same for all of them. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, type Queue, type QueueOptions, Scheduler, type StreamHandle } from 'pullgraph';
import type { Executor } from 'pullgraph/executors';
import { isKept, quiet } from '../support/event-loop.js';
import { describePacing } from './describe-pacing.js';
import { load, store, valuesOf } from './fixtures/cells.js';
import { sharedMemory } from './new-cells.js';
import * as work from './fixtures/work.js';
import { scaledRuns } from '../support/property-runs.js';

/** How many functions an executor in this suite may call side by side before they wait for anything. */
export const MOST_AT_ONCE = 2;

/**
 * Declares the suite for the executor that `make` gives; it must be able to run what `./work.js` exports, and have no more
 * than `MOST_AT_ONCE` workers. `sharedCells` makes cells that the functions see wherever they run.
 */
export function describeExecutor(name: string, make: () => Executor, sharedCells = sharedMemory): void {
  describe(`the executor ${name}`, () => {
    let shared: Executor;
    beforeAll(() => {
      shared = make();
    });
    afterAll(() => shared.close());

    /** The executor of the whole suite, which stays open when a scheduler closes: threads take their time to start. */
    const lasting: Executor = {
      name,
      accept: (fn) => shared.accept?.(fn),
      run: (attempt) => shared.run(attempt),
      abort: (attempt, reason, graceMs) => shared.abort(attempt, reason, graceMs),
      close: () => Promise.resolve(),
    };

    const open = (options: QueueOptions = {}): { readonly scheduler: Scheduler; readonly queue: Queue } => {
      const scheduler = new Scheduler();
      const queue = scheduler.queue('q', { concurrency: 2, executor: lasting, ...options });
      onTestFinished(() => scheduler.terminate());
      scheduler.start();
      return { scheduler, queue };
    };

    describe('delivers', () => {
      test.each([
        ['undefined', undefined],
        ['null', null],
        ['a number that is none', Number.NaN],
        ['minus zero', -0],
        ['a big integer', 2n ** 70n],
        ['a text', 'ünïcødé 🙂'],
        ['a date', new Date(0)],
        ['an array with a hole', [1, , 3]], // oxlint-disable-line no-sparse-arrays
        ['a map of sets', new Map([['a', new Set([1])]])],
        ['a typed array', Float64Array.of(1.5, -2)],
        ['nested objects', { list: [{ deep: { er: null } }] }],
        // oxlint-disable-next-line unicorn/no-thenable -- that it is none is the point
        ['an object that has a then that is no function', { then: 'what' }],
      ])('%s, given to the function and returned by it', async (_, value) => {
        const { queue } = open();
        expect(await queue.submit(work.echo, value).result()).toStrictEqual([value]);
        expect(await queue.submit(work.echoLater, value).result()).toStrictEqual(value);
      });

      test('the result of a function that returns nothing', async () => {
        const { queue } = open();
        expect(await queue.submit(work.nothing).settled()).toEqual({ status: 'done', result: undefined });
      });

      test('the results of others in place of their handles, wherever they stand', async () => {
        const { queue } = open();
        const two = queue.submit(work.add, 1, 1);
        const five = queue.submit(work.addLater, two, 3);
        const stream = queue.submit(work.counting, 3);
        const echoed = queue.submit(work.echo, five, [two, { five }], stream, stream.at(1));
        expect(await echoed.result()).toEqual([5, [2, { five: 5 }], [0, 1, 2], 1]);
      });

      test('what a function makes of being called without a this', async () => {
        const { queue } = open();
        expect(await queue.submit(work.isCalledPlainly).result()).toBe(true);
      });

      test('what a graph of sums comes to, for any graph', async () => {
        const anyGraph = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 25 });
        await fc.assert(
          fc.asyncProperty(anyGraph, async (graph) => {
            const { scheduler, queue } = open({ concurrency: 3 });
            const handles: Handle<number>[] = [];
            const expected: number[] = [];
            for (const [index, backs] of graph.entries()) {
              const dependencies = backs.map((back) => index - 1 - back).filter((place) => place >= 0);
              const args = dependencies.map((place) => handles[place] as Handle<number>);
              handles.push(queue.submit(work.sum, [index, ...args]));
              expected.push(work.sum([index, ...dependencies.map((place) => expected[place] ?? 0)]));
            }
            await scheduler.wait();
            expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(expected);
          }),
          { numRuns: scaledRuns(15) },
        );
      });
    });

    describe('fails a task', () => {
      test.each([
        ['throws', work.failing],
        ['rejects with', work.failingLater],
      ])('with what its function %s', async (_, fn) => {
        const { queue } = open();
        const handle = queue.submit({ id: 'bad' }, fn, 'no paper');
        const dependent = queue.submit(work.echo, handle);
        const outcome = await handle.settled();
        const error: unknown = outcome.status === 'failed' ? outcome.error : undefined;
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({ name: 'RangeError', message: 'no paper', cause: 'the cause', channel: 7 });
        await expect(dependent.result()).rejects.toMatchObject({
          code: 'DependencyFailed',
          origin: 'bad',
          root: error,
        });
      });

      test.each(['a text', 7, null, undefined, { code: 'E_OBJECT' }])(
        'with %s, where that is thrown',
        async (thrown) => {
          const { queue } = open();
          expect(await queue.submit(work.throwing, thrown).settled()).toEqual({ status: 'failed', error: thrown });
        },
      );

      test('and goes on with others', async () => {
        const { queue } = open({ concurrency: 1 });
        const handles = Array.from({ length: 6 }, (_, index) =>
          index % 2 === 0 ? queue.submit(work.failing, `${index}`) : queue.submit(work.add, index, 1),
        );
        const outcomes = await Promise.all(handles.map((handle) => handle.settled()));
        expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'done', 'failed', 'done', 'failed', 'done']);
      });
    });

    describe('delivers partial results', () => {
      test.each([
        ['a generator', (queue: Queue) => queue.submit(work.counting, 40)],
        ['an async generator', (queue: Queue) => queue.submit(work.countingLater, 40)],
        ['an array', (queue: Queue) => queue.stream(work.arrayOf, 40)],
        ['a promise of a set', (queue: Queue) => queue.stream(work.setOf, 40)],
        ['a generator that a function returns', (queue: Queue) => queue.stream(work.generatorOf, 40)],
      ])('of %s, each once and in order, before the end', async (_, submit) => {
        const { scheduler, queue } = open();
        const seen: unknown[] = [];
        scheduler.on('partial', ({ index }) => seen.push(index));
        scheduler.on('task', ({ state }) => {
          if (state === 'done') seen.push(state);
        });
        const stream: StreamHandle<number> = submit(queue);
        const values: number[] = [];
        for await (const value of stream) values.push(value);
        const all = Array.from({ length: 40 }, (__, index) => index);
        expect(values).toEqual(all);
        expect(await stream.result()).toEqual(all);
        expect(seen).toEqual([...all, 'done']);
      });

      test('of a text, letter by letter', async () => {
        const { queue } = open();
        expect(await queue.stream(work.textOf, 3).result()).toEqual(['0', '1', '2']);
      });

      test('of which there may be none', async () => {
        const { queue } = open();
        expect(await queue.submit(work.counting, 0).result()).toEqual([]);
        expect(await queue.submit(work.countingLater, 0).result()).toEqual([]);
      });

      test('while the producer goes on, whose dependents run by then', async () => {
        const { queue } = open();
        const cells = sharedCells();
        const stream = queue.submit(work.stepwise, cells, 3);
        for (let step = 0; step < 3; step += 1) {
          expect(await queue.submit(work.add, stream.at(step), 10).result()).toBe(step + 10);
          expect(stream.state).toBe('partial');
          store(cells, 0, step + 1);
        }
        expect(await stream.result()).toEqual([0, 1, 2]);
      });

      test.each([
        ['a generator', (queue: Queue) => queue.submit(work.failingAfter, 3)],
        ['an async generator', (queue: Queue) => queue.submit(work.failingLaterAfter, 3)],
      ])('that came before %s failed', async (_, submit) => {
        const { queue } = open();
        const stream = submit(queue);
        const third = queue.submit(work.add, stream.at(2), 1);
        expect(await stream.settled()).toMatchObject({ status: 'failed', error: { message: 'midway' } });
        expect(await stream.at(0).result()).toBe(0);
        expect(await third.result()).toBe(3);
        await expect(stream.at(3).result()).rejects.toMatchObject({
          name: 'RangeError',
          message: 'midway',
          channel: 7,
        });
      });

      test('and no more than there are', async () => {
        const { queue } = open();
        const stream = queue.submit({ id: 's' }, work.counting, 2);
        await expect(stream.at(2).result()).rejects.toMatchObject({ code: 'PartialOutOfRange', index: 2, count: 2 });
        await expect(queue.submit(work.add, stream.at(5), 1).result()).rejects.toMatchObject({
          code: 'DependencyFailed',
          cause: { code: 'PartialOutOfRange', index: 5 },
        });
      });

      test.each([
        ['fewer', 2],
        ['more', 6],
      ])('and fails the task for %s than were announced', async (_, count) => {
        const { queue } = open();
        const mismatch = { code: 'PartialCountMismatch', announced: 4 };
        for (const stream of [
          queue.submit({ results: 4 }, work.counting, count),
          queue.submit({ results: 4 }, work.countingLater, count),
          queue.stream(work.announcing, 4, count),
        ]) {
          await expect(stream.result()).rejects.toMatchObject(mismatch);
          expect(await stream.at(1).result()).toBe(1);
        }
        expect(await queue.stream(work.announcing, 4, 4).result()).toEqual([0, 1, 2, 3]);
      });

      test('and fails the task for something that has none', async () => {
        const { queue } = open();
        const stream = queue.stream({ id: 's' }, work.notIterable);
        await expect(stream.result()).rejects.toMatchObject({
          code: 'InvalidArgument',
          tasks: ['s'],
          message: 'task s must return an iterable, got 7',
        });
      });
    });

    describe('ends a cancelled attempt', () => {
      test('whose function asked for its signal, and then gives its slot to the next', async () => {
        const { queue } = open({ concurrency: 1 });
        const cells = sharedCells();
        const task = queue.submit(work.untilAborted, cells);
        await work.reaches(cells, 0, 1);
        const next = queue.submit(work.add, 1, 2);
        task.cancel('enough');
        expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
        expect(await next.result()).toBe(3);
        expect(valuesOf(cells)).toEqual([1, 1, 0]);
      });

      test('whose function has its slot until it ends', async () => {
        const { queue } = open({ concurrency: 1 });
        const cells = sharedCells();
        const task = queue.submit(work.heldUp, cells, 'ignored');
        await work.reaches(cells, 0, 1);
        const next = queue.submit(work.add, 1, 2);
        task.cancel();
        store(cells, 1, 1);
        expect(await next.result()).toBe(3);
        expect(await task.settled()).toEqual({ status: 'cancelled', reason: undefined });
      });

      test('of a producer, whose results so far stay', async () => {
        const { scheduler, queue } = open({ concurrency: 1 });
        const cells = sharedCells();
        const stream = queue.submit(work.stepwise, cells, 5);
        expect(await stream.at(0).result()).toBe(0);
        stream.cancel('enough');
        store(cells, 0, 1);
        expect(await queue.submit(work.add, 1, 2).result()).toBe(3);
        expect(await stream.at(0).result()).toBe(0);
        expect(await stream.at(1).settled()).toEqual({ status: 'cancelled', reason: 'enough' });
        await scheduler.wait();
      });

      test('that waits for its turn, whose function is never called', async () => {
        const { scheduler, queue } = open({ concurrency: 8 });
        const cells = sharedCells();
        const tasks = Array.from({ length: 8 }, () => queue.submit(work.crowded, cells));
        // Selection comes right after this stretch: all are granted their starts.
        await Promise.resolve();
        expect(tasks.map(({ state }) => state)).toEqual(Array(8).fill('running'));
        for (const task of tasks) task.cancel();
        await scheduler.wait();
        expect(await queue.submit(work.add, 1, 2).result()).toBe(3);
        expect(load(cells, 2)).toBeLessThanOrEqual(MOST_AT_ONCE);
        expect(tasks.map(({ state }) => state)).toEqual(Array(8).fill('cancelled'));
      });
    });

    describePacing(open, sharedCells);

    describe('leaves it to the scheduler', () => {
      test('how many run at once, and runs each once', async () => {
        const { scheduler, queue } = open({ concurrency: 2 });
        const cells = sharedCells();
        for (let n = 0; n < 20; n += 1) queue.submit(work.crowded, cells);
        await scheduler.wait();
        const [present, most, calls] = valuesOf(cells);
        expect([present, calls]).toEqual([0, 20]);
        expect(most).toBeGreaterThanOrEqual(1);
        expect(most).toBeLessThanOrEqual(2);
      });

      test('that nothing starts while stopped, and what runs goes on', async () => {
        const { scheduler, queue } = open({ concurrency: 1 });
        const cells = sharedCells();
        const producer = queue.submit(work.stepwise, cells, 2);
        await producer.at(0).result();
        const stopped = scheduler.stop();
        const counts = sharedCells();
        const late = queue.submit(work.crowded, counts);
        const dependent = queue.submit(work.echo, producer);
        expect(await isKept(stopped)).toBe(false);
        store(cells, 0, 2);
        expect(await producer.result()).toEqual([0, 1]);
        await stopped;
        await quiet();
        expect([late.state, dependent.state, load(counts, 2)]).toEqual(['ready', 'ready', 0]);
        scheduler.start();
        expect(await dependent.result()).toEqual([[0, 1]]);
        await scheduler.wait();
        expect(load(counts, 2)).toBe(1);
      });

      test('what a task holds after its end', async () => {
        const { scheduler, queue } = open({ concurrency: 1, resources: { instrument: 1 } });
        const side = scheduler.queue('side', { concurrency: 1, executor: lasting });
        const holder = queue.submit({ hold: true, resources: { instrument: 1 } }, work.add, 1, 1);
        const cells = sharedCells();
        const next = queue.submit({ after: [holder], resources: { instrument: 1 } }, work.crowded, cells);
        side.submit({ release: [holder] }, work.nothing);
        await scheduler.wait();
        expect([next.state, load(cells, 2)]).toEqual(['done', 1]);
      });
    });

    describe('tells a function its context', () => {
      test('before its first await, and in every step of a generator', async () => {
        const { queue } = open();
        const expected = { id: 'me', queue: 'q', attempt: 1 };
        expect(await queue.submit({ id: 'me' }, work.contextNow).result()).toEqual(expected);
        expect(await queue.submit({ id: 'steps' }, work.contextsOfSteps, 3).result()).toEqual([
          'steps',
          'steps',
          'steps',
        ]);
      });

      test('and refuses it later', async () => {
        const { queue } = open();
        await expect(queue.submit(work.contextTooLate).result()).rejects.toMatchObject({ code: 'NoTaskContext' });
      });
    });

    describe('closes', () => {
      test('with its scheduler, after what was submitted is done', async () => {
        const scheduler = new Scheduler();
        const queue = scheduler.queue('q', { concurrency: 1, executor: make() });
        const cells = sharedCells();
        const left = queue.submit(work.echo, 'left');
        const running = queue.submit(work.heldUp, cells, 'ended');
        scheduler.start();
        await work.reaches(cells, 0, 1);
        const closed = scheduler.close();
        expect(await isKept(closed)).toBe(false);
        store(cells, 1, 1);
        await closed;
        expect(await running.result()).toBe('ended');
        expect(left.state).toBe('done');
        expect(scheduler.state).toBe('closed');
      });

      test('without ever having run anything', async () => {
        const executor = make();
        await executor.close();
        expect(executor.name).toBe(shared.name);
      });
    });
  });
}
