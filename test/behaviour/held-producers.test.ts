import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, type Queue, Scheduler, type StreamHandle } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { manualQueue } from '../support/one-queue.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';

const echo = (value: number): number => value;

/** A producer that counts how often it was asked. */
class Producer {
  asked = 0;
  isClosed = false;
  readonly #to: number;

  constructor(to: number) {
    this.#to = to;
  }

  readonly run = (): Iterable<number> => this.#values();

  *#values(): Generator<number> {
    try {
      for (let value = 0; value < this.#to; value += 1) {
        this.asked += 1;
        yield value;
      }
    } finally {
      this.isClosed = true;
    }
  }
}

interface Bench {
  readonly scheduler: Scheduler;
  readonly queue: Queue;
  readonly producer: Producer;
  readonly stream: StreamHandle<number>;
}

function started(ahead: number, to = 10): Bench {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const queue = scheduler.queue('q', { concurrency: 2 });
  const producer = new Producer(to);
  const stream = queue.stream({ id: 's', ahead }, producer.run);
  scheduler.start();
  return { scheduler, queue, producer, stream };
}

describe('a result is taken', () => {
  test('by a dependent that starts, not by one that waits', async () => {
    const { queue, producer, stream } = started(1);
    const gate = new Gate<number>();
    const other = queue.submit({ id: 'other' }, () => gate.promise);
    queue.submit((a: number, b: number) => a + b, stream.at(0), other);
    await quiet();
    expect(producer.asked).toBe(1);
    gate.open(1);
    await quiet();
    expect(producer.asked).toBe(2);
  });

  test('as it comes by a task that has returned its handle', async () => {
    const { scheduler, queue, producer, stream } = started(1, 3);
    queue.submit({ id: 'follower', priority: 1 }, () => stream);
    await quiet();
    expect([producer.asked, scheduler.state]).toEqual([3, 'idle']);
  });

  test('by no task that depends on another one only', async () => {
    const { queue, producer } = started(1);
    await quiet();
    const other = queue.submit(() => 1);
    expect(await queue.submit(echo, other).result()).toBe(1);
    expect(producer.asked).toBe(1);
  });

  test('by a dependent that settles without having started', async () => {
    const { queue, producer, stream } = started(1);
    const gate = new Gate<number>();
    const other = queue.submit(() => gate.promise);
    const dependent = queue.submit((a: number, b: number) => a + b, stream.at(0), other);
    await quiet();
    dependent.cancel();
    await quiet();
    expect(producer.asked).toBe(2);
    gate.fail(new Error('no paper'));
  });

  test('once, however many take it, and by who asked for it before it was there', async () => {
    const { queue, producer, stream } = started(2);
    queue.submit(echo, stream.at(0));
    queue.submit(echo, stream.at(0));
    expect(await stream.at(0).result()).toBe(0);
    await quiet();
    expect(producer.asked).toBe(3);
  });

  test.each<[string, (bench: Bench) => unknown]>([
    ['asks for it', ({ stream }) => stream.at(0).result()],
    ['asks for its completion', ({ scheduler, stream }) => scheduler.asCompleted([stream.at(0)])],
    ['returns its handle', ({ queue, stream }) => queue.submit(() => stream.at(0)).result()],
  ])('by who %s when it is there', async (_, take) => {
    const bench = started(1);
    await quiet();
    expect(bench.producer.asked).toBe(1);
    await take(bench);
    await quiet();
    expect(bench.producer.asked).toBe(2);
  });

  test('by who asks for its completion, also where nothing would ever be held', async () => {
    const { scheduler, queue } = started(1);
    const plain = queue.stream(new Producer(2).run);
    await plain.at(1).result();
    const seen: unknown[] = [];
    for await (const handle of scheduler.asCompleted([plain.at(0)])) seen.push(await handle.result());
    expect(seen).toEqual([0]);
  });

  test.each([
    ['a dependent on it', (queue: Queue, stream: StreamHandle<number>) => queue.submit(echo as never, stream)],
    ['somebody who waits for it', (_: Queue, stream: StreamHandle<number>) => void stream.settled()],
  ])('where the whole is needed by %s, also later: nothing is held back', async (_, need) => {
    const { scheduler, queue, producer, stream } = started(1);
    await quiet();
    expect(producer.asked).toBe(1);
    need(queue, stream);
    await scheduler.wait();
    expect([producer.asked, stream.state]).toEqual([10, 'done']);
    const early = queue.stream({ ahead: 1 }, new Producer(10).run);
    need(queue, early);
    await scheduler.wait();
    expect(early.state).toBe('done');
  });
});

describe('a producer that is held', () => {
  test('for results that nobody reads makes the scheduler stalled, and is named with its results', async () => {
    const { scheduler, stream } = started(2);
    const error: unknown = await scheduler.wait().catch((reason: unknown) => reason);
    const held = 'task s is held back on queue q until one of its results is taken: s#0, s#1';
    expect(error).toMatchObject({ code: 'Stalled', tasks: ['s'] });
    expect(String(error)).toContain(held);
    expect(scheduler.state).toBe('stalled');
    expect(stream.why()).toEqual({ reason: 'untaken', results: ['s#0', 's#1'], message: held });
    const values: number[] = [];
    for await (const value of stream) values.push(value);
    expect(values).toHaveLength(10);
    await scheduler.wait();
    expect(stream.why().reason).toBe('settled');
  });

  test('for dependents that cannot start on its own queue is stalled, which names both', async () => {
    const scheduler = new Scheduler();
    onTestFinished(() => scheduler.terminate());
    const queue = scheduler.queue('q', { concurrency: 1 });
    const stream = queue.stream({ id: 's', ahead: 1 }, new Producer(3).run);
    queue.submit({ id: 'd' }, echo, stream.at(0));
    scheduler.start();
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'Stalled', tasks: ['s', 'd'] });
    stream.cancel();
    await scheduler.wait();
  });

  test('for a slow reader is not stalled', async () => {
    const { scheduler, stream } = started(1);
    const gate = new Gate();
    const reading = (async () => {
      for await (const value of stream) if (value === 3) await gate.promise;
    })();
    await quiet();
    expect(stream.why().reason).toBe('untaken');
    expect(scheduler.state).toBe('busy');
    gate.open();
    await reading;
    await scheduler.wait();
  });

  test('is held again by whom it was left', async () => {
    const { scheduler, producer, stream } = started(1);
    for await (const value of stream) if (value === 3) break;
    await quiet();
    expect([producer.asked, scheduler.state]).toEqual([5, 'stalled']);
    stream.cancel();
    await quiet();
    expect(producer.isClosed).toBe(true);
  });

  test('does not keep stop() waiting, and goes on after the next start', async () => {
    const { scheduler, queue, producer, stream } = started(1);
    await quiet();
    await scheduler.stop();
    const next = queue.submit(echo, stream.at(0));
    expect([producer.asked, next.state]).toEqual([1, 'ready']);
    scheduler.start();
    expect(await next.result()).toBe(0);
    await quiet();
    expect(producer.asked).toBe(2);
    const stopped = scheduler.stop();
    expect(await isKept(stopped)).toBe(true);
    expect(await stream.at(1).result()).toBe(1);
    await quiet();
    // Taking a result lets it go on, as anything that runs goes on while the scheduler is stopped.
    expect(producer.asked).toBe(3);
    await scheduler.stop();
  });

  test('after a stop lets that stop be over', async () => {
    const { scheduler, queue, executor } = manualQueue();
    queue.stream({ id: 's', ahead: 1 }, () => [0, 1]);
    scheduler.start();
    await quiet();
    const stopped = scheduler.stop();
    expect(await isKept(stopped)).toBe(false);
    void executor.attemptAt('s').partial(0);
    await stopped;
  });

  test('and goes on belongs to the present period: the stop before it waits for others only', async () => {
    const { scheduler, queue, stream } = started(1, 2);
    const gate = new Gate<number>();
    queue.submit(() => gate.promise);
    await quiet();
    const earlier = scheduler.stop();
    // The producer is let go on, delivers its last result and ends.
    expect(await stream.at(0).result()).toBe(0);
    expect(await stream.at(1).result()).toBe(1);
    await quiet();
    expect([stream.state, await isKept(earlier)]).toEqual(['done', false]);
    gate.open(1);
    await earlier;
  });

  test('and goes on is waited for by a later stop', async () => {
    const scheduler = new Scheduler();
    onTestFinished(() => scheduler.terminate());
    const queue = scheduler.queue('q', { concurrency: 2 });
    const [slow, other] = [new Gate(), new Gate()];
    const stream = queue.stream({ ahead: 1 }, async function* () {
      yield 0;
      await slow.promise;
    });
    queue.submit(() => other.promise);
    scheduler.start();
    await quiet();
    void scheduler.stop();
    scheduler.start();
    expect(await stream.at(0).result()).toBe(0);
    const later = scheduler.stop();
    other.open();
    expect(await isKept(later)).toBe(false);
    slow.open();
    await later;
  });

  test('comes to its end when the scheduler is closed', async () => {
    const { scheduler, producer, stream } = started(1);
    await quiet();
    await scheduler.close();
    expect([producer.asked, stream.state]).toEqual([10, 'done']);
  });
});

describe('ahead is refused', () => {
  test.each([0, -1, 1.5, Number.NaN, '2'])('where it is %s', (ahead) => {
    const queue = new Scheduler().queue('q');
    expect(refusalOf(() => queue.stream({ ahead: ahead as number }, () => [1])).code).toBe('InvalidOption');
  });

  test('for a task of one result', () => {
    const queue = new Scheduler().queue('q');
    const error = refusalOf(() => queue.submit({ ahead: 1 }, () => 1));
    expect([error.code, error.message]).toEqual([
      'InvalidOption',
      'ahead is for tasks that deliver several: a generator function, or queue.stream',
    ]);
  });
});

property([fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(3), { maxLength: 20 }), fc.integer({ min: 1, max: 3 })])(
  'for any dependents, no more results than ahead are ever there that none of them has taken',
  async (ahead, dependents, slots) => {
    const scheduler = new Scheduler();
    const produce = scheduler.queue('produce', { concurrency: 1 });
    const consume = scheduler.queue('consume', { concurrency: slots });
    const taken = new Set<number>();
    let most = 0;
    const stream = produce.stream({ ahead }, function* () {
      for (let index = 0; index < dependents.length; index += 1) {
        most = Math.max(most, index - taken.size);
        yield index;
      }
    });
    const ignore = scheduler.on('task', ({ id, state }) => {
      if (state === 'running' && id.startsWith('d')) taken.add(Number(id.slice(1).split('-')[0]));
    });
    const all: Handle<number>[] = [];
    for (const [index, turns] of dependents.entries()) {
      for (let copy = 0; copy <= turns % 2; copy += 1) {
        const work = async (value: number): Promise<number> => {
          for (let turn = 0; turn < turns; turn += 1) await quiet();
          return value;
        };
        all.push(consume.submit({ id: `d${index}-${copy}` }, work, stream.at(index)));
      }
    }
    scheduler.start();
    await scheduler.wait();
    ignore();
    // While one is asked for, fewer than `ahead` are untaken.
    expect(most).toBeLessThan(ahead);
    expect(stream.state).toBe('done');
    expect(all.map(({ state }) => state)).toEqual(all.map(() => 'done'));
    await scheduler.close();
  },
);
