/**
 * How the work of a scheduler grows with the number of its tasks. What is compared are counts (messages, actors, steps of
 * the order), which do not depend on the machine: those per task of a graph, and of one that is larger.
 */
import { expect } from 'vitest';
import { GraphNode } from '../../src/core/order/graph-node.js';
import { type Executor, Handle, type Queue, Scheduler } from '../../src/index.js';
import { scaledRuns } from '../support/property-runs.js';

/** How much larger a count per task may be in a graph ten times as large. */
export const LINEAR = 1.1;

/** Where an order of n tasks is asked for, log n of ten times as many may show. */
export const MODEST = 2;

/** What a graph costs once, whatever its size, is lost in this share of a count per task. */
const FIXED = 0.01;

const COUNTED = ['messages', 'visits', 'relabels', 'reranks'] as const;

type Counts = Record<(typeof COUNTED)[number], number>;

/** Two numbers of tasks, the smaller first. */
export type Sizes = readonly [number, number];

/** As many tasks for `npm test`, five times as many for `npm run test:deep`. */
export function size(tasks: number): number {
  return scaledRuns(1) > 1 ? 5 * tasks : tasks;
}

/** Such sizes, `large` ten times as large as `small`. */
export function tenfold(small: number): Sizes {
  return [size(small), size(10 * small)];
}

/** Ends when all microtasks that are waiting now, and those they lead to, have run. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Lets the scheduler select, which it does in a microtask after a submission, and what follows from that. */
export async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
}

/** Fails where a count per task in the larger graph is more than `factor` times that in the smaller. */
function expectNoGrowth(small: Counts, large: Counts, factor: number): void {
  const grown = COUNTED.filter((name) => !(large[name] <= factor * small[name] + FIXED));
  expect({ grown, small, large }).toEqual({ grown: [], small, large });
}

function perTask(scheduler: Scheduler, tasks: number): Counts {
  const counts = scheduler._counts;
  const share = (name: string): number => (counts[name] ?? Number.NaN) / tasks;
  return {
    messages: share('messages'),
    visits: share('visits'),
    relabels: share('relabels'),
    reranks: share('reranks'),
  };
}

/** Has `build` submit both numbers of tasks to a queue of 4 slots, runs them to their end, and compares the counts. */
export async function expectLinear(
  sizes: Sizes,
  build: (queue: Queue, scheduler: Scheduler, tasks: number) => Promise<void> | void,
  factor = LINEAR,
): Promise<void> {
  const counts: Counts[] = [];
  for (const tasks of sizes) {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 4 });
    await build(queue, scheduler, tasks);
    scheduler.start();
    await scheduler.wait();
    counts.push(perTask(scheduler, tasks));
    await scheduler.close();
  }
  const [small, large] = counts;
  if (small === undefined || large === undefined) throw new Error('expected two sizes');
  expectNoGrowth(small, large, factor);
}

/** Reports the end of a task where it begins: no turn of the event loop is needed for it. */
const atOnce: Executor = {
  name: 'at once',
  run: (attempt) => attempt.done(undefined),
  abort: () => undefined,
  close: () => Promise.resolve(),
};

/** A scheduler in which what is submitted stays pending. */
export interface Pending {
  readonly queue: Queue;
  /** Runs until all is submitted: whatever depends on it stays pending. */
  readonly blocker: Handle<unknown>;
  readonly tasks: number;
  /** Has the order be asked for, by a new task that can start; `pause` is how long that may take. */
  readonly select: (pause?: () => Promise<void>) => Promise<void>;
}

/** What a selection asks for: the most urgent task, or the least, for which all others have to be ranked. */
const ASKED_FOR = { first: 0, last: -1 } as const;

/**
 * As `expectLinear`, for tasks that all depend on one that runs until `grow` is over. They are made twice: once with
 * selections that ask for the first task in demand order, and once with some that ask for the last.
 */
export async function expectLinearPending(
  sizes: Sizes,
  grow: (pending: Pending) => Promise<void>,
  factor = LINEAR,
  asked: readonly (keyof typeof ASKED_FOR)[] = ['first', 'last'],
): Promise<void> {
  for (const which of asked) await growPending(sizes, grow, factor, ASKED_FOR[which]);
}

async function growPending(
  sizes: Sizes,
  grow: (pending: Pending) => Promise<void>,
  factor: number,
  priority: number,
): Promise<void> {
  const build = async (queue: Queue, scheduler: Scheduler, tasks: number): Promise<void> => {
    const ticks = scheduler.queue('ticks', { executor: atOnce });
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const blocker = queue.submit(() => gate);
    scheduler.start();
    await microtasks();
    const select = async (pause = microtasks): Promise<void> => {
      const tick = ticks.submit({ priority }, () => undefined);
      await pause();
      if (tick.state !== 'done') throw new Error(`expected a selection, the tick is ${tick.state}`);
    };
    await grow({ queue, blocker, tasks, select });
    letGo();
  };
  await expectLinear(sizes, build, factor);
}

/** Counts how often anybody asks whether one of the tasks is out of the order: the cost of events that look at many of them. */
export function countedLooks(handles: readonly Handle<unknown>[]): () => number {
  let looks = 0;
  for (const handle of handles) {
    const { record } = Handle._target(handle);
    for (const name of ['isSettled', 'isOut'] as const) {
      const own = Object.getOwnPropertyDescriptor(GraphNode.prototype, name);
      Object.defineProperty(record, name, {
        get: () => {
          looks += 1;
          return own?.get?.call(record) as unknown;
        },
        set: (value: boolean) => {
          own?.set?.call(record, value);
        },
      });
    }
  }
  return () => looks;
}

/** A generator of pseudo-random integers below a bound, always the same. */
export function randomly(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Layers of 100 tasks, each of which depends on 3 of the layer before; those of the lowest on `bottom`. */
export function randomLayers(queue: Queue, tasks: number, bottom: readonly Handle<unknown>[]): Handle<unknown>[] {
  const random = randomly(1);
  const handles: Handle<unknown>[] = [];
  for (let n = 0; n < tasks; n += 1) {
    const layer = n - (n % 100);
    const before = layer === 0 ? bottom : [0, 1, 2].map(() => handles[layer - 100 + random(100)]);
    handles.push(queue.submit((values: unknown) => values, before));
  }
  return handles;
}
