/** Queues that evict, in detail: for whom, what room that comes back is kept for, and what a look at running tasks costs. */
import { describe, expect, test } from 'vitest';
import type { Handle, QueueOptions } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue } from '../support/one-queue.js';
import { timedQueue } from './timed-queue.js';

const nothing = (): void => undefined;

interface Asked {
  readonly priority?: number;
  readonly ram?: number;
}

/** A started queue with `preempt` and some `ram`; each call of `submit` lets everything happen that follows. */
function evicting(options: Omit<QueueOptions, 'executor' | 'store'> = {}) {
  const made = manualQueue({ concurrency: 9, preempt: true, resources: { ram: 4 }, ...options });
  const { scheduler, queue, executor } = made;
  scheduler.start();
  const add = (id: string, { priority = 0, ram = 0 }: Asked = {}): Handle<unknown> =>
    queue.submit({ id, priority, resources: { ram } }, nothing);
  const submit = async (id: string, asked?: Asked): Promise<Handle<unknown>> => {
    const handle = add(id, asked);
    await quiet();
    return handle;
  };
  const end = async (id: string): Promise<void> => {
    executor.attemptAt(id).done(1);
    await quiet();
  };
  const evicted = (): string[] => [...executor.aborted];
  const looks = (): number | undefined => scheduler._counts['preemptionLooks'];
  return { ...made, add, submit, end, evicted, looks };
}

describe('a queue with preempt evicts', () => {
  test('what is left of several equally urgent tasks when one has ended', async () => {
    const { submit, end, evicted } = evicting({ concurrency: 2 });
    await submit('a');
    await submit('b');
    await end('a');
    await submit('high', { priority: 9 });
    await submit('urgent', { priority: 5 });
    expect(evicted()).toEqual(['b']);
  });

  test('for the most urgent task that all less urgent ones together make room for', async () => {
    const { submit, add, executor, evicted } = evicting({ concurrency: 2 });
    await submit('low', { ram: 2 });
    await submit('middle', { priority: 5, ram: 2 });
    add('small', { priority: 7, ram: 2 });
    await submit('large', { priority: 9, ram: 4 });
    expect(evicted().sort()).toEqual(['low', 'middle']);
    expect(executor.attemptAt('low').signal.reason).toMatchObject({ by: 'large' });
    expect(executor.attemptAt('middle').signal.reason).toMatchObject({ by: 'large' });
  });

  test('nobody that something more urgent waits for, though only that would make room', async () => {
    const { queue, submit, evicted } = evicting();
    const input = await submit('input', { ram: 4 });
    await submit('plain');
    queue.submit({ priority: 9, after: [input], resources: { ram: 0 } }, nothing);
    await submit('urgent', { priority: 5, ram: 4 });
    expect(evicted()).toEqual([]);
  });

  test('nobody while it is paused, and for what has come meanwhile when it is resumed', async () => {
    const { scheduler, queue, submit, evicted } = evicting({ concurrency: 1 });
    await submit('low');
    queue.pause();
    await submit('urgent', { priority: 5 });
    expect([evicted(), scheduler.state]).toEqual([[], 'busy']);
    queue.resume();
    await quiet();
    expect(evicted()).toEqual(['low']);
  });
});

describe('a queue with preempt looks at what runs', () => {
  test('only while something more urgent than the least of the running tasks is ready', async () => {
    const { submit, end, looks } = evicting({ concurrency: 2 });
    await submit('a', { priority: 9 });
    await submit('b');
    await end('b');
    await submit('c', { priority: 9 });
    await submit('less urgent', { priority: 5 });
    expect(looks()).toBe(0);
    await submit('urgent', { priority: 10 });
    expect(looks()).toBeGreaterThan(0);
  });

  test('not for a task that the empty queue has no room for any more', async () => {
    const { queue, add, submit, looks } = evicting({ concurrency: 1 });
    await submit('low');
    queue.pause();
    add('large', { priority: 5, ram: 4 });
    queue.set({ resources: { ram: 2 } });
    queue.resume();
    await quiet();
    expect(looks()).toBe(0);
  });
});

describe('room that ending attempts will give back is kept', () => {
  /** A queue in which something runs that may be evicted. */
  async function busy() {
    const made = evicting();
    await made.submit('busy', { priority: 9 });
    return { ...made, started: () => made.started().slice(1) };
  }

  /** `large` waits for the room of `first`, whose attempt has been cancelled and has not ended. */
  async function promised() {
    const made = await busy();
    const first = await made.submit('first', { ram: 3 });
    first.cancel();
    const large = await made.submit('large', { ram: 4 });
    return { ...made, large };
  }

  test('for the task that comes next: a smaller one behind it does not take what is left', async () => {
    const { submit, end, started } = await promised();
    await submit('small', { priority: -1, ram: 1 });
    expect(started()).toEqual(['first']);
    await submit('without', { priority: -1 });
    expect(started()).toEqual(['first', 'without']);
    await end('first');
    expect(started()).toEqual(['first', 'without', 'large']);
    await end('large');
    expect(started()).toEqual(['first', 'without', 'large', 'small']);
  });

  test('for nobody once that is cancelled', async () => {
    const { large, submit, started } = await promised();
    await submit('small', { priority: -1, ram: 1 });
    large.cancel();
    await quiet();
    expect(started()).toEqual(['first', 'small']);
  });

  test('for nobody once all have ended, though the task does not fit even then', async () => {
    const { queue, submit, end, started } = await promised();
    queue.set({ resources: { ram: 3 } });
    await end('first');
    await submit('small', { priority: -1, ram: 1 });
    expect(started()).toEqual(['first', 'small']);
  });

  /** Two tasks wait for the room of two cancelled ones. */
  async function twice(asked: { readonly large: number; readonly other: number }) {
    const made = await busy();
    const [first, second] = [await made.submit('first', { ram: 2 }), await made.submit('second', { ram: 2 })];
    first.cancel();
    second.cancel();
    made.add('other', { priority: 1, ram: asked.other });
    await made.submit('large', { priority: 2, ram: asked.large });
    expect(made.started()).toEqual(['first', 'second']);
    return made;
  }

  test('until it is enough, and the first in order gets what has come back', async () => {
    const { end, started } = await twice({ large: 2, other: 2 });
    await end('second');
    expect(started()).toEqual(['first', 'second', 'large']);
    await end('first');
    expect(started()).toEqual(['first', 'second', 'large', 'other']);
  });

  test('until all of it is there', async () => {
    const { end, started } = await twice({ large: 4, other: 2 });
    await end('second');
    expect(started()).toEqual(['first', 'second']);
    await end('first');
    expect(started()).toEqual(['first', 'second', 'large']);
  });

  test('while a more urgent task that needs none of it goes first', async () => {
    const { add, executor, started } = await twice({ large: 2, other: 2 });
    add('urgent', { priority: 9 });
    executor.attemptAt('second').done(1);
    await quiet();
    expect(started()).toEqual(['first', 'second', 'urgent', 'large']);
  });

  test('not for a task whose key may not start yet', async () => {
    const { scheduler, queue, started, pass } = timedQueue({
      concurrency: 9,
      preempt: true,
      resources: { ram: 4 },
      rateByKey: { limit: 1, intervalMs: 100 },
    });
    scheduler.start();
    queue.submit({ id: 'busy', priority: 9 }, nothing);
    const first = queue.submit({ id: 'first', resources: { ram: 3 } }, nothing);
    await quiet();
    first.cancel();
    queue.submit({ id: 'large', priority: 1, rateKey: 'a', resources: { ram: 4 } }, nothing);
    await quiet();
    queue.submit({ id: 'taking', rateKey: 'a' }, nothing);
    await quiet();
    expect(started()).toEqual(['busy', 'first', 'taking']);
    queue.submit({ id: 'small', resources: { ram: 1 } }, nothing);
    await quiet();
    expect(started()).toEqual(['busy', 'first', 'taking', 'small']);
    await pass(100);
    expect(started()).toEqual(['busy', 'first', 'taking', 'small']);
  });
});

test('a cancelled function that had given its slot away gives no room back', async () => {
  const { scheduler, queue, executor } = manualQueue({ concurrency: 1, preempt: true });
  const yielding = queue.submit({ id: 'yielding', priority: 1 }, nothing);
  scheduler.start();
  await quiet();
  void executor.attemptAt('yielding').yieldSlot(() => new Promise(() => undefined));
  queue.submit({ id: 'low' }, nothing);
  await quiet();
  yielding.cancel();
  queue.submit({ id: 'urgent', priority: 5 }, nothing);
  await quiet();
  expect([...executor.aborted]).toEqual(['yielding', 'low']);
});

describe('nobody is evicted for a task that may not start', () => {
  test('because of the rate of its queue, until that allows it', async () => {
    const { scheduler, queue, executor, pass } = timedQueue({
      concurrency: 1,
      preempt: true,
      rate: { limit: 1, intervalMs: 100 },
    });
    scheduler.start();
    queue.submit({ id: 'low' }, nothing);
    await quiet();
    queue.submit({ id: 'urgent', priority: 1 }, nothing);
    await quiet();
    await pass(99);
    expect([...executor.aborted]).toEqual([]);
    await pass(1);
    expect([...executor.aborted]).toEqual(['low']);
  });
});

describe('a running stream', () => {
  test('is as urgent as what needs a partial result of it, until that is delivered', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 1, preempt: true });
    const other = scheduler.queue('other', { executor, concurrency: 1 });
    const stream = queue.stream({ id: 'stream', results: 2 }, () => [1, 2]);
    scheduler.start();
    await quiet();
    other.submit({ id: 'sink', priority: 7 }, (first: number) => first, stream.at(0));
    queue.submit({ id: 'less urgent than the sink', priority: 5 }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    executor.attemptAt('stream').partial(0);
    await quiet();
    expect([...executor.aborted]).toEqual(['stream']);
  });
});
