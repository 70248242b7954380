import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Handle, QueueFull, Scheduler } from '../../src/index.js';
import { PendingLimit } from '../../src/runtime/policies/pending-limit.js';
import { isKept, quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';

const work = (...given: readonly unknown[]): number => given.length;

describe('submitting beyond the bound', () => {
  test('throws QueueFull, which names queue and bound, and leaves no trace', () => {
    const { scheduler, queue } = oneQueue({ bound: 2 });
    const first = queue.submit({ id: 'a' }, work);
    queue.submit(work, first);
    const error = refusalOf(() => queue.submit({ id: 'late' }, work, first));
    expect(error).toBeInstanceOf(QueueFull);
    expect(error).toMatchObject({ code: 'QueueFull', queue: 'q', bound: 2 });
    expect(error.message).toBe('queue q is full: 2 tasks are pending, which is its bound');
    expect(scheduler._unsettled).toEqual(['a', '#2']);
    first.cancel();
    // Nor is the id taken, or a number used up.
    expect(queue.submit({ id: 'late' }, work).state).toBe('ready');
    expect(refusalOf(() => queue.submit({ id: 'late' }, work)).code).toBe('DuplicateTask');
  });

  test('is possible again when a task has started, or was cancelled before', async () => {
    const { scheduler, queue, started } = manualQueue({ bound: 1, concurrency: 1 });
    scheduler.start();
    queue.submit({ id: 'a' }, work);
    await quiet();
    const waiting = queue.submit({ id: 'b' }, work);
    expect(started()).toEqual(['a']);
    expect(refusalOf(() => queue.submit(work)).code).toBe('QueueFull');
    waiting.cancel();
    queue.submit({ id: 'c' }, work);
    expect(refusalOf(() => queue.submit(work)).code).toBe('QueueFull');
  });

  test('is possible again when a pending task failed with what it depends on', async () => {
    const { scheduler, queue } = oneQueue({ bound: 1 });
    const side = scheduler.queue('side');
    const broken = side.submit((): never => {
      throw new Error('no paper');
    });
    const dependent = queue.submit(work, broken);
    scheduler.start();
    expect((await dependent.settled()).status).toBe('failed');
    expect(queue.submit(work).state).toBe('ready');
  });

  test('counts what waits for its dependencies like what is ready, and not what runs', async () => {
    const { scheduler, queue, executor } = manualQueue({ bound: 2, concurrency: 2 });
    scheduler.start();
    const running = queue.submit({ id: 'r' }, work);
    await quiet();
    queue.submit(work, running);
    queue.submit(work, running);
    expect(refusalOf(() => queue.submit(work)).code).toBe('QueueFull');
    executor.attemptAt('r').done(undefined);
    await quiet();
    queue.submit(work);
    queue.submit(work);
    expect(refusalOf(() => queue.submit(work)).code).toBe('QueueFull');
  });

  test('is told from misuse, which is refused as such', () => {
    const { queue } = oneQueue({ bound: 1 });
    queue.submit(work);
    expect(refusalOf(() => queue.submit({ resources: { ram: 1 } }, work)).code).toBe('UnknownResource');
  });

  test('is seen in the state of the queue', async () => {
    const { queue } = oneQueue({ bound: 1 });
    const admission = (): unknown => (queue.actor.getSnapshot().value as { admission: string }).admission;
    expect([queue.bound, admission()]).toEqual([1, 'open']);
    const handle = queue.submit(work);
    await quiet();
    expect(admission()).toBe('full');
    handle.cancel();
    await quiet();
    expect(admission()).toBe('open');
  });

  test.each([0, -1, 1.5, Number.NaN, '3'])('is refused as an option where the bound is %s', (bound) => {
    const scheduler = new Scheduler();
    expect(refusalOf(() => scheduler.queue('q', { bound: bound as number })).code).toBe('InvalidOption');
  });
});

describe('a queue without a bound', () => {
  test.each([undefined, Number.POSITIVE_INFINITY])(
    '(%s) always has room, and its chart hears nothing',
    async (bound) => {
      const { scheduler, queue } = oneQueue(bound === undefined ? {} : { bound });
      for (let n = 0; n < 1_000; n += 1) queue.submit(work);
      await queue.room(1_000_000);
      expect(queue.bound).toBe(Number.POSITIVE_INFINITY);
      expect(scheduler._counts['messages']).toBe(0);
    },
  );
});

describe('room', () => {
  test('waits until so many more fit', async () => {
    const { queue } = oneQueue({ bound: 3 });
    const handles = [queue.submit(work), queue.submit(work), queue.submit(work)];
    const room = queue.room(2);
    expect(await isKept(room)).toBe(false);
    handles[0]?.cancel();
    expect(await isKept(room)).toBe(false);
    handles[1]?.cancel();
    await room;
    queue.submit(work);
    queue.submit(work);
  });

  test('is given in the order in which it was asked for, each when the one before has submitted', async () => {
    const { queue } = oneQueue({ bound: 2 });
    const handles = [queue.submit(work), queue.submit(work)];
    const order: string[] = [];
    const producer = async (name: string, count: number): Promise<void> => {
      await queue.room(count);
      order.push(name);
      for (let n = 0; n < count; n += 1) handles.push(queue.submit(work));
    };
    const producers = [producer('wide', 2), producer('a', 1), producer('b', 1)];
    handles[0]?.cancel();
    await quiet();
    // One would fit, and the first in the line wants two.
    expect(order).toEqual([]);
    handles[1]?.cancel();
    await producers[0];
    await quiet();
    expect(order).toEqual(['wide']);
    handles[2]?.cancel();
    handles[3]?.cancel();
    await Promise.all(producers);
    expect(order).toEqual(['wide', 'a', 'b']);
  });

  test('that is not used is given to the next', async () => {
    const { queue } = oneQueue({ bound: 1 });
    await queue.room();
    await Promise.all([queue.room(), queue.room(), queue.room()]);
    expect(queue.submit(work).state).toBe('ready');
  });

  test('is promised: as many are answered at once as fit together, and no submission of theirs is refused', async () => {
    const { queue } = oneQueue({ bound: 3 });
    const handles: Handle<unknown>[] = [];
    const order: string[] = [];
    const producer = async (name: string, count: number): Promise<void> => {
      await queue.room(count);
      // Through more functions than a fixed number of microtasks would allow for.
      for (let hop = 0; hop < 50; hop += 1) await Promise.resolve();
      order.push(name);
      for (let n = 0; n < count; n += 1) handles.push(queue.submit(work));
    };
    const producers = [producer('a', 1), producer('b', 2), producer('c', 1)];
    await Promise.all(producers.slice(0, 2));
    await quiet();
    expect([order, handles.length]).toEqual([['a', 'b'], 3]);
    handles[0]?.cancel();
    await Promise.all(producers);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('that is only partly used keeps the next waiting no longer than a turn of the event loop', async () => {
    const { queue } = oneQueue({ bound: 3 });
    await queue.room(3);
    queue.submit(work);
    await queue.room(2);
    queue.submit(work);
    queue.submit(work);
    expect(refusalOf(() => queue.submit(work)).code).toBe('QueueFull');
  });

  test('that is not used is not withdrawn while no other caller waits for it', async () => {
    const later: (() => void)[] = [];
    const limit = new PendingLimit('q', 2, { announce: () => undefined, later: (callback) => later.push(callback) });
    await limit.room(2);
    expect([limit.isFree, later.length]).toEqual([false, 0]);
    const others = [limit.room(1), limit.room(1)];
    expect([await isKept(Promise.race(others)), later.length]).toEqual([false, 1]);
    later[0]?.();
    await Promise.all(others);
    expect([limit.isFree, later.length]).toEqual([false, 1]);
    limit.add({});
    limit.add({});
    expect([limit.count, limit.isFree]).toEqual([2, false]);
  });

  test('is refused for more than the bound, and for what is no number', async () => {
    const { queue } = oneQueue({ bound: 2 });
    await expect(queue.room(3)).rejects.toMatchObject({ code: 'InvalidOption', queue: 'q' });
    await expect(queue.room(0)).rejects.toMatchObject({ code: 'InvalidOption' });
    await expect(queue.room(1.5)).rejects.toMatchObject({ code: 'InvalidOption' });
  });

  test('is refused when the scheduler is closed, also to those who wait', async () => {
    const { scheduler, queue } = oneQueue({ bound: 1 });
    queue.submit(work);
    const closed = { code: 'SchedulerClosed', queue: 'q' };
    const refused = queue.room().catch((error: unknown) => error);
    await scheduler.terminate();
    expect(await refused).toMatchObject(closed);
    await expect(queue.room()).rejects.toMatchObject(closed);
    await expect(scheduler.queues.get('q')?.room()).rejects.toMatchObject(closed);
  });

  test('in a queue without a bound is there at once, until the scheduler is closed', async () => {
    const { scheduler, queue } = oneQueue();
    expect(await queue.room(5)).toBeUndefined();
    await scheduler.close();
    await expect(queue.room()).rejects.toMatchObject({ code: 'SchedulerClosed', queue: 'q' });
  });
});

/** What producers do to a bounded queue: ask for room and use it, or some of it, start the scheduler, stop it, cancel. */
type Command =
  | { readonly kind: 'produce'; readonly count: number; readonly used: number }
  | { readonly kind: 'start' | 'stop' | 'turn' }
  | { readonly kind: 'cancel'; readonly which: number };

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('produce' as const),
      count: fc.integer({ min: 1, max: 4 }),
      used: fc.nat(4),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('start' as const, 'stop' as const, 'turn' as const) }) },
  fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
);

property([fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.array(anyCommand, { maxLength: 30 })])(
  'for any producers, no more than the bound are pending, room is given in order, and all that was accepted is done',
  async (bound, concurrency, commands) => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency, bound });
    const handles: Handle<unknown>[] = [];
    const asked: number[] = [];
    const answered: number[] = [];
    const pending = (): number => handles.filter(({ state }) => state === 'pending' || state === 'ready').length;
    let mostPending = 0;
    const produce = async (count: number, used: number): Promise<void> => {
      const number = asked.length;
      asked.push(number);
      await queue.room(count);
      answered.push(number);
      for (let n = 0; n < used; n += 1) {
        const [after] = handles.slice(-1);
        handles.push(queue.submit(after === undefined ? {} : { after: [after] }, () => Promise.resolve()));
        mostPending = Math.max(mostPending, pending());
      }
    };
    const producers: Promise<void>[] = [];
    for (const command of commands) {
      if (command.kind === 'produce') {
        const count = Math.min(command.count, bound);
        producers.push(produce(count, Math.min(command.used, count)));
      } else if (command.kind === 'start') scheduler.start();
      else if (command.kind === 'stop') void scheduler.stop();
      else if (command.kind === 'turn') await quiet();
      else if (command.kind === 'cancel' && handles.length > 0) handles[command.which % handles.length]?.cancel();
    }
    scheduler.start();
    await Promise.all(producers);
    await scheduler.wait().catch(() => undefined);
    expect(mostPending).toBeLessThanOrEqual(bound);
    expect(answered).toEqual(asked);
    expect(handles.filter(({ state }) => !['done', 'cancelled', 'failed'].includes(state))).toEqual([]);
    await queue.room(bound);
    await scheduler.terminate();
  },
);

test('a bound that is told twice of a task counts it once', async () => {
  const told: string[] = [];
  const bound = new PendingLimit('q', 1, {
    announce: ({ type }) => told.push(type),
    later: () => expect.unreachable('no place was promised'),
  });
  const task = {};
  bound.add(task);
  bound.leave(task);
  bound.leave(task);
  expect([bound.count, bound.isFree, told]).toEqual([0, true, ['bound.reached', 'room.made']]);
});
