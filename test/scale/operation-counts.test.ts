/**
 * What the scheduler does for each task, counted, for the shapes that the benchmark times. Counts do not depend on the machine:
 * what is done twice where once was enough is seen here, however fast it is.
 */
import { describe, expect, test } from 'vitest';
import { type Handle, type Queue, Scheduler } from '../../src/index.js';
import { randomly } from './growth.js';

const CONCURRENCY = 8;
const first = (value: unknown): unknown => value;
const later = async (): Promise<number> => 1;

/** Submits a graph; says how many tasks and how many edges it has. */
interface Shape {
  readonly tasks: number;
  readonly edges: number;
  readonly submit: (queue: Queue) => void;
}

const wide: Shape = {
  tasks: 2_000,
  edges: 0,
  submit(queue) {
    for (let index = 0; index < 2_000; index += 1) queue.submit(later);
  },
};

const chain: Shape = {
  tasks: 2_000,
  edges: 1_999,
  submit(queue) {
    let last: Handle<unknown> = queue.submit(later);
    for (let index = 1; index < 2_000; index += 1) last = queue.submit(first, last);
  },
};

const layered: Shape = {
  tasks: 3_000,
  edges: 2_900 * 3,
  submit(queue) {
    const random = randomly(1);
    let before = Array.from({ length: 100 }, (): Handle<unknown> => queue.submit(later));
    for (let layer = 1; layer < 30; layer += 1) {
      const at = (offset: number): Handle<unknown> | undefined => before[offset % 100];
      before = before.map((_, index) => {
        const start = random(100) + index;
        return queue.submit(async (...values: readonly unknown[]) => values, at(start), at(start + 7), at(start + 31));
      });
    }
  },
};

const matrix: Shape = {
  tasks: 30 + 30 + 30 * 30,
  edges: 30 + 30 * 30 * 2,
  submit(queue) {
    const acquired = Array.from({ length: 30 }, () => queue.submit(later));
    const inverted = acquired.map((one) => queue.submit(first, one));
    for (const inverse of inverted) {
      for (const other of acquired) queue.submit(async (...values: readonly unknown[]) => values, inverse, other);
    }
  },
};

const stream: Shape = {
  tasks: 1 + 2_000,
  edges: 2_000,
  submit(queue) {
    const numbers = queue.submit(function* () {
      for (let index = 0; index < 2_000; index += 1) yield index;
    });
    for (let index = 0; index < 2_000; index += 1) queue.submit(first, numbers.at(index));
  },
};

/** An attempt ends, and its slot comes back. */
const MESSAGES_PER_TASK = 2;

describe.each([
  ['wide', wide],
  ['chain', chain],
  ['layered', layered],
  ['matrix', matrix],
  ['stream', stream],
])('for each task of the shape %s', (name, { tasks, edges, submit }) => {
  async function counted(): Promise<Readonly<Record<string, number>>> {
    const scheduler = new Scheduler();
    submit(scheduler.queue('q', { concurrency: CONCURRENCY }));
    scheduler.start();
    await scheduler.wait();
    const counts = scheduler._counts;
    await scheduler.close();
    return counts;
  }

  test('two messages are posted, and at most one selection', async () => {
    const { messages = Number.NaN } = await counted();
    // Of a stream each result is a message, and most of them lead to a selection too.
    const results = name === 'stream' ? 2_000 : 0;
    expect(messages).toBeGreaterThanOrEqual(MESSAGES_PER_TASK * tasks + results);
    expect(messages).toBeLessThanOrEqual((MESSAGES_PER_TASK + 1) * tasks + 2 * results + 10);
  });

  test('the order looks at each edge once or so, and ranks nothing again', async () => {
    const { visits = Number.NaN, relabels = Number.NaN, reranks } = await counted();
    expect(visits).toBeLessThanOrEqual(edges + tasks);
    expect(relabels).toBeLessThanOrEqual(tasks);
    expect(reranks).toBe(0);
  });

  test('no report comes to nobody', async () => {
    expect(await counted()).toMatchObject({ staleReports: 0 });
  });
});

describe('for each task appended to the end of a running chain', () => {
  test('no more is done than for one of a chain that was there from the beginning', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: CONCURRENCY });
    scheduler.start();
    let last: Handle<unknown> = queue.submit(later);
    for (let index = 1; index < 2_000; index += 1) {
      last = queue.submit(first, last);
      await Promise.resolve();
    }
    await scheduler.wait();
    const { messages, visits, relabels, reranks } = scheduler._counts;
    // One selection more, after the submission.
    expect(messages).toBeLessThanOrEqual((MESSAGES_PER_TASK + 2) * 2_000 + 10);
    expect(visits).toBeLessThanOrEqual(2 * 2_000);
    expect(relabels).toBeLessThanOrEqual(2_000);
    expect(reranks).toBe(0);
    await scheduler.close();
  });
});
