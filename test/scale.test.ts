/** Large graphs, and how the work for them grows. */
import { describe, expect, test } from 'vitest';
import { type Handle, type Queue, Scheduler } from '../src/index.js';
import {
  countedLooks,
  expectLinear,
  expectLinearPending,
  LINEAR,
  macrotask,
  microtasks,
  MODEST,
  type Pending,
  randomly,
} from './support/growth.js';
import { ManualExecutor } from './support/manual-executor.js';

const nothing = (): void => undefined;
const one = (): number => 1;
const increment = (value: number): number => value + 1;
const first = (value: unknown): unknown => value;

describe('to its end runs', () => {
  test('a chain of a million tasks', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    let last = queue.submit(one);
    for (let n = 1; n < 1_000_000; n += 1) last = queue.submit(increment, last);
    scheduler.start();
    expect(await last.result()).toBe(1_000_000);
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

const SIZES = [10_000, 100_000] as const;

/** Layers of 100 tasks, each of which depends on 3 of the layer before; those of the lowest on `bottom`. */
function randomLayers(queue: Queue, tasks: number, bottom: readonly Handle<unknown>[]): Handle<unknown>[] {
  const random = randomly(1);
  const handles: Handle<unknown>[] = [];
  for (let n = 0; n < tasks; n += 1) {
    const layer = n - (n % 100);
    const before = layer === 0 ? bottom : [0, 1, 2].map(() => handles[layer - 100 + random(100)]);
    handles.push(queue.submit(first, before));
  }
  return handles;
}

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

  const SMALL_SIZES = [500, 5_000] as const;

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

  const storms: readonly (readonly [
    string,
    (queue: Queue, blocker: Handle<unknown>, tasks: number) => Handle<unknown>[],
  ])[] = [
    [
      'independent tasks, oldest first',
      (queue, blocker, tasks) => Array.from({ length: tasks }, () => queue.submit(first, blocker)),
    ],
    [
      'independent tasks, newest first',
      (queue, blocker, tasks) => Array.from({ length: tasks }, () => queue.submit(first, blocker)).toReversed(),
    ],
    [
      'a chain, from its end',
      (queue, blocker, tasks) => {
        const chain = [blocker];
        for (let n = 0; n < tasks; n += 1) chain.push(queue.submit(first, chain[n]));
        return chain.slice(1).toReversed();
      },
    ],
    [
      'tasks on one pending ancestor, newest first',
      (queue, blocker, tasks) => {
        const ancestor = queue.submit(first, blocker);
        return Array.from({ length: tasks }, () => queue.submit(first, ancestor)).toReversed();
      },
    ],
    [
      'tasks on one pending ancestor, oldest first',
      (queue, blocker, tasks) => {
        const ancestor = queue.submit(first, blocker);
        return Array.from({ length: tasks }, () => queue.submit(first, ancestor));
      },
    ],
    [
      'pairs, each of one task and what it depends on, newest first',
      (queue, blocker, tasks) =>
        Array.from({ length: tasks / 2 }, () => {
          const lower = queue.submit(first, blocker);
          return [lower, queue.submit(first, lower)];
        })
          .flat()
          .toReversed(),
    ],
  ];

  /** Submits the tasks of a storm and cancels one after the other. */
  async function cancelAll(
    { queue, blocker, tasks, select }: Pending,
    submit: (typeof storms)[number][1],
    watch: (handles: readonly Handle<unknown>[]) => void = nothing,
  ): Promise<void> {
    const handles = submit(queue, blocker, tasks);
    watch(handles);
    await select();
    for (const handle of handles) {
      if (!handle.cancel()) throw new Error('expected the task not to have settled');
      await select();
    }
  }

  test.each(storms)('that are cancelled one by one, with a selection after each: %s', async (_, submit) => {
    await expectLinearPending([2_000, 20_000], (pending) => cancelAll(pending, submit));
  });

  /** Cancels the tasks of a storm: how many more looks at tasks each of ten times as many costs, as a ratio. */
  async function growthOfLooks(submit: (typeof storms)[number][1]): Promise<number> {
    const looks: number[] = [];
    await expectLinearPending([300, 3_000], async (pending) => {
      let looksSoFar = (): number => Number.NaN;
      await cancelAll(pending, submit, (handles) => {
        looksSoFar = countedLooks(handles);
      });
      looks.push(looksSoFar() / pending.tasks);
    });
    const [small = Number.NaN, large = Number.NaN] = looks;
    return large / small;
  }

  const costly = 'tasks on one pending ancestor, newest first';
  const modest = storms.filter(([name]) => name !== costly);

  test.each(modest)('that are cancelled one by one, of which no event looks at all: %s', async (_, submit) => {
    expect(await growthOfLooks(submit)).toBeLessThanOrEqual(LINEAR);
  });

  // The two below are not reached yet, as docs/demand-order.md says: each passes as long as the cost grows, and fails
  // once it no longer does, so that the limit can neither be forgotten nor outlive its cause.
  test.fails(`that are cancelled one by one, of which no event looks at all: ${costly}`, async () => {
    const [storm] = storms.filter(([name]) => name === costly).map(([, submit]) => submit);
    // A storm that is not found would fail for another reason: it would then be the one that passes.
    expect(storm === undefined ? 0 : await growthOfLooks(storm)).toBeLessThanOrEqual(LINEAR);
  });

  test.fails('that are cancelled one by one, with a selection after each: random layers, newest first', async () => {
    const submit = (queue: Queue, blocker: Handle<unknown>, tasks: number): Handle<unknown>[] =>
      randomLayers(queue, tasks, [blocker]).toReversed();
    await expectLinearPending([200, 2_000], (pending) => cancelAll(pending, submit), MODEST);
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
    const closed = scheduler.close();
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
    const closed = scheduler.close();
    executor.attemptAt('owner').done(undefined);
    await closed;
  });
});
