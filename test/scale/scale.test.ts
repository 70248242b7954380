/** Large graphs, and how the work for them grows. */
import { describe, expect, test } from 'vitest';
import { type Handle, Scheduler } from '../../src/index.js';
import {
  expectLinear,
  expectLinearPending,
  macrotask,
  microtasks,
  MODEST,
  type Pending,
  randomLayers,
  size,
  tenfold,
} from './growth.js';
import { ManualExecutor } from '../support/manual-executor.js';

const nothing = (): void => undefined;
const one = (): number => 1;
const increment = (value: number): number => value + 1;
const first = (value: unknown): unknown => value;

describe('to its end runs', () => {
  test('a chain of hundreds of thousands of tasks', async () => {
    const length = size(200_000);
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    let last = queue.submit(one);
    for (let n = 1; n < length; n += 1) last = queue.submit(increment, last);
    scheduler.start();
    expect(await last.result()).toBe(length);
    await scheduler.wait();
    await scheduler.close();
  });

  test('a task with 100,000 dependencies', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const many = Array.from({ length: 100_000 }, () => queue.submit(one));
    const sum = queue.submit((values: readonly number[]) => values.reduce((total, value) => total + value, 0), many);
    scheduler.start();
    expect(await sum.result()).toBe(100_000);
    await scheduler.close();
  });

  test('one task with 100,000 dependents', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const source = queue.submit(one);
    const many = Array.from({ length: 100_000 }, () => queue.submit(increment, source));
    scheduler.start();
    await scheduler.wait();
    expect(many.every(({ state }) => state === 'done')).toBe(true);
    expect(await many[99_999]?.result()).toBe(2);
    await scheduler.close();
  });

  test('a generator of 100,000 results, each with a dependent', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const stream = queue.submit(function* () {
      for (let n = 0; n < 100_000; n += 1) yield n;
    });
    const many = Array.from({ length: 100_000 }, (_, index) => queue.submit(increment, stream.at(index)));
    scheduler.start();
    await scheduler.wait();
    expect(many.every(({ state }) => state === 'done')).toBe(true);
    expect(await many[54_321]?.result()).toBe(54_322);
    expect(await stream.result()).toHaveLength(100_000);
    await scheduler.close();
  });
});

const SIZES = tenfold(2_000);

describe('the work per task does not grow with the number of tasks', () => {
  test('of independent tasks', () =>
    expectLinear(SIZES, (queue, _, tasks) => {
      for (let n = 0; n < tasks; n += 1) queue.submit(nothing);
    }));

  test('of a chain', () =>
    expectLinear(SIZES, (queue, _, tasks) => {
      let last: Handle<unknown> = queue.submit(nothing);
      for (let n = 1; n < tasks; n += 1) last = queue.submit(first, last);
    }));

  test('of random layers of 100 with 3 dependencies each', () =>
    expectLinear(SIZES, (queue, _, tasks) => void randomLayers(queue, tasks, [])));

  test.each([
    ['microtask', microtasks],
    ['macrotask', macrotask],
  ])('of a running chain that grows by one task after every %s', async (_, pause) => {
    await expectLinear(SIZES, async (queue, scheduler, tasks) => {
      scheduler.start();
      let last: Handle<unknown> = queue.submit(nothing);
      for (let n = 1; n < tasks; n += 1) {
        last = queue.submit(first, last);
        await pause();
      }
    });
  });

  test.each([
    ['microtasks', microtasks],
    ['a macrotask', macrotask],
  ])('of a pending chain that grows by one task after every selection, with %s between', async (_, pause) => {
    await expectLinearPending(SIZES, async ({ queue, blocker, tasks, select }) => {
      let last = blocker;
      for (let n = 0; n < tasks; n += 1) {
        last = queue.submit(first, last);
        await select(pause);
      }
    });
  });

  const SMALL_SIZES = tenfold(200);

  test.each([1, 10])('of two pending chains that grow in turns, with %i ancestors in common', async (ancestors) => {
    const grow = async ({ queue, blocker, tasks, select }: Pending): Promise<void> => {
      let ancestor = blocker;
      for (let n = 0; n < ancestors; n += 1) ancestor = queue.submit(first, ancestor);
      const ends: Handle<unknown>[] = [ancestor, ancestor];
      for (let n = 0; n < tasks; n += 1) {
        ends[n % 2] = queue.submit(first, ends[n % 2]);
        await select();
      }
    };
    await expectLinearPending(SMALL_SIZES, grow, MODEST);
  });

  test('of a pending sum of parts of one running task that grows by one part after every selection', async () => {
    await expectLinearPending(SMALL_SIZES, async ({ queue, blocker, tasks, select }) => {
      let sum = blocker;
      for (let n = 0; n < tasks; n += 2) {
        const part = queue.submit(first, blocker);
        await select();
        sum = queue.submit((...parts: readonly unknown[]) => parts, sum, part);
        await select();
      }
    });
  });
});

describe('ready tasks that do not fit', () => {
  /** Messages per finished task while `blocked` ready tasks wait for memory that a running one has. */
  async function messagesBeside(blocked: number): Promise<number> {
    const executor = new ManualExecutor();
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 10, resources: { ram: 1 }, executor });
    queue.submit({ id: 'owner', resources: { ram: 1 } }, nothing);
    scheduler.start();
    await macrotask();
    const waiting = Array.from({ length: blocked }, () => queue.submit({ resources: { ram: 1 } }, nothing));
    const others = Array.from({ length: 1_000 }, (_, index) => queue.submit({ id: `other${index}` }, nothing));
    await macrotask();
    const before = scheduler._counts['messages'] ?? 0;
    for (let next = 1; next <= others.length; next += 1) {
      executor.started[next]?.done(undefined);
      await microtasks();
    }
    const after = scheduler._counts['messages'] ?? 0;
    expect(others.every(({ state }) => state === 'done')).toBe(true);
    expect(waiting.every(({ state }) => state === 'ready')).toBe(true);
    const closed = scheduler.terminate();
    executor.attemptAt('owner').done(undefined);
    await closed;
    return (after - before) / others.length;
  }

  test('cost no message, however many they are', async () => {
    const beside = { few: await messagesBeside(2), many: await messagesBeside(2_000) };
    expect(beside.many).toBeLessThanOrEqual(beside.few * 1.01);
    expect(beside.many).toBeLessThan(20);
  });

  test('of many demands cost no message for each of those', async () => {
    const executor = new ManualExecutor();
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 10, resources: { ram: 2_000 }, executor });
    queue.submit({ id: 'owner', resources: { ram: 2_000 } }, nothing);
    scheduler.start();
    await macrotask();
    for (let ram = 1; ram <= 2_000; ram += 1) queue.submit({ resources: { ram } }, nothing);
    const others = Array.from({ length: 1_000 }, () => queue.submit(nothing));
    await macrotask();
    const before = scheduler._counts['messages'] ?? 0;
    for (let next = 1; next <= others.length; next += 1) {
      executor.started[next]?.done(undefined);
      await microtasks();
    }
    expect(others.every(({ state }) => state === 'done')).toBe(true);
    expect(((scheduler._counts['messages'] ?? 0) - before) / others.length).toBeLessThan(20);
    const closed = scheduler.terminate();
    executor.attemptAt('owner').done(undefined);
    await closed;
  });
});
