/**
 * Large graphs, and how the work for them grows. What is compared are counts (messages, actors, steps of the order), which
 * do not depend on the machine: the counts per task of a graph must be those of one ten times smaller.
 */
import { describe, expect, test } from 'vitest';
import { type Executor, Handle, type Queue, Scheduler } from '../src/index.js';
import { ManualExecutor } from './support/manual-executor.js';

const nothing = (): void => undefined;
const one = (): number => 1;
const increment = (value: number): number => value + 1;
const first = (value: unknown): unknown => value;

/** Ends when all microtasks that are waiting now, and those they lead to, have run. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Lets the scheduler select, which it does in a microtask after a submission, and what follows from that. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
}

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

/** How much larger a count per task may be in a graph ten times as large. */
const LINEAR = 1.1;

/** Where an order of n tasks is asked for, log n of ten times as many may show. */
const MODEST = 2;

const COUNTED = ['messages', 'activations', 'visits', 'relabels', 'reranks'] as const;

type Counts = Record<(typeof COUNTED)[number], number>;

/** The counts of `scheduler` for each of `tasks` tasks. */
function perTask(scheduler: Scheduler, tasks: number): Counts {
  const counts = scheduler._counts;
  const share = (name: string): number => (counts[name] ?? Number.NaN) / tasks;
  return {
    messages: share('messages'),
    activations: share('activations'),
    visits: share('visits'),
    relabels: share('relabels'),
    reranks: share('reranks'),
  };
}

/** Counts that are a fixed number for any size of graph are lost in this share of a count per task. */
const FIXED = 0.01;

function expectNoGrowth(small: Counts, large: Counts, factor: number): void {
  const grown = COUNTED.filter((name) => !(large[name] <= factor * small[name] + FIXED));
  expect({ grown, small, large }).toEqual({ grown: [], small, large });
}

/** Runs `build` on a queue of 4 slots, at both sizes, to the end. */
async function expectLinear(
  sizes: readonly [number, number],
  build: (queue: Queue, scheduler: Scheduler, tasks: number) => Promise<void> | void,
  factor = LINEAR,
): Promise<void> {
  const [small, large] = await Promise.all(
    sizes.map(async (tasks) => {
      const scheduler = new Scheduler();
      const queue = scheduler.queue('q', { concurrency: 4 });
      await build(queue, scheduler, tasks);
      scheduler.start();
      await scheduler.wait();
      const counts = perTask(scheduler, tasks);
      await scheduler.close();
      return counts;
    }),
  );
  if (small === undefined || large === undefined) throw new Error('expected two sizes');
  expectNoGrowth(small, large, factor);
}

/** A generator of pseudo-random integers below `bound`, always the same. */
function randomly(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const SIZES = [10_000, 100_000] as const;

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
    expectLinear(SIZES, (queue, _, tasks) => {
      const random = randomly(1);
      const width = 100;
      const handles: Handle<unknown>[] = [];
      for (let n = 0; n < tasks; n += 1) {
        const layer = n - (n % width);
        const before = layer === 0 ? [] : [0, 1, 2].map(() => handles[layer - width + random(width)]);
        handles.push(queue.submit(first, before));
      }
    }));

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

  /** Reports the end of a task where it begins: no turn of the event loop is needed for it. */
  const atOnce: Executor = {
    name: 'at once',
    run: (attempt) => attempt.done(undefined),
    abort: nothing,
    close: () => Promise.resolve(),
  };

  interface Pending {
    readonly queue: Queue;
    /** Runs until all is submitted, so that everything that depends on it stays pending. */
    readonly blocker: Handle<unknown>;
    readonly tasks: number;
    /** Has everything ranked anew as far as needed: an order is asked for only when some task could start. */
    readonly select: (pause?: () => Promise<void>) => Promise<void>;
  }

  async function expectLinearPending(
    sizes: readonly [number, number],
    grow: (pending: Pending) => Promise<void>,
    factor = LINEAR,
  ): Promise<void> {
    const build = async (queue: Queue, scheduler: Scheduler, tasks: number): Promise<void> => {
      const ticks = scheduler.queue('ticks', { executor: atOnce });
      let letGo: () => void = nothing;
      const gate = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const blocker = queue.submit(() => gate);
      scheduler.start();
      await microtasks();
      const select = async (pause = microtasks): Promise<void> => {
        const tick = ticks.submit(nothing);
        await pause();
        if (tick.state !== 'done') throw new Error(`expected a selection, the tick is ${tick.state}`);
      };
      await grow({ queue, blocker, tasks, select });
      letGo();
    };
    await expectLinear(sizes, build, factor);
  }

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

  const SMALL_SIZES = [1_000, 10_000] as const;

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

  const STORM = [2_000, 20_000] as const;

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

  /** Counts how often anybody asks whether one of the tasks has settled: a cost of events that look at many of them. */
  function countedLooks(handles: readonly Handle<unknown>[]): () => number {
    let looks = 0;
    for (const handle of handles) {
      const { record } = Handle._target(handle);
      let isSettled = record.isSettled;
      Object.defineProperty(record, 'isSettled', {
        get: () => {
          looks += 1;
          return isSettled;
        },
        set: (value: boolean) => {
          isSettled = value;
        },
      });
    }
    return () => looks;
  }

  test.each(storms)('that are cancelled one by one, with a selection after each: %s', async (_, submit) => {
    const looks = new Map<number, number>();
    await expectLinearPending(STORM, async ({ queue, blocker, tasks, select }) => {
      const handles = submit(queue, blocker, tasks);
      const looksSoFar = countedLooks(handles);
      await select();
      for (const handle of handles) {
        if (!handle.cancel()) throw new Error('expected the task not to have settled');
        await select();
      }
      looks.set(tasks, looksSoFar() / tasks);
    });
    const [small, large] = STORM.map((tasks) => looks.get(tasks) ?? Number.NaN);
    expect(large).toBeLessThanOrEqual(LINEAR * (small ?? Number.NaN));
  });

  test('that are cancelled one by one, with a selection after each: random layers, newest first', async () => {
    const cancelAll = async ({ queue, blocker, tasks, select }: Pending): Promise<void> => {
      const random = randomly(2);
      const handles: Handle<unknown>[] = [];
      for (let n = 0; n < tasks; n += 1) {
        const layer = n - (n % 100);
        const before = layer === 0 ? [blocker] : [0, 1, 2].map(() => handles[layer - 100 + random(100)]);
        handles.push(queue.submit(first, before));
      }
      for (const handle of handles.toReversed()) {
        await select();
        handle.cancel();
      }
    };
    await expectLinearPending([400, 4_000], cancelAll, MODEST);
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
