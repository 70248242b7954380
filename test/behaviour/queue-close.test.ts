import { describe, expect, onTestFinished, test } from 'vitest';
import { inline } from '../../src/executors/inline.js';
import { type Executor, type Queue, Scheduler } from '../../src/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { refusalOf } from '../support/refusal.js';

const echo = (value: number): number => value;

class CountingExecutor {
  closings = 0;
  readonly executor: Executor;

  constructor() {
    const executor = inline();
    const close = executor.close.bind(executor);
    executor.close = () => {
      this.closings += 1;
      return close();
    };
    this.executor = executor;
  }
}

describe.each(['compiled', 'xstate'] as const)('a queue that is closed, by the interpreter %s', (interpreter) => {
  function started(): Scheduler {
    const scheduler = new Scheduler({ interpreter });
    onTestFinished(() => scheduler.close());
    scheduler.start();
    return scheduler;
  }

  test('takes no more tasks, and is gone when the last has settled', async () => {
    const scheduler = started();
    const queue = scheduler.queue('q', { concurrency: 1, bound: 10 });
    const { actor } = queue;
    const gate = new Gate<number>();
    const running = queue.submit(() => gate.promise);
    const waiting = queue.submit(echo, running);
    await quiet();
    const closed = queue.close();
    expect(queue.close()).toBe(closed);
    expect(refusalOf(() => queue.submit(echo, 1))).toMatchObject({ code: 'QueueClosed', queue: 'q' });
    expect(refusalOf(() => queue.from([1], echo)).code).toBe('QueueClosed');
    await expect(queue.room()).rejects.toMatchObject({ code: 'QueueClosed' });
    expect(refusalOf(() => scheduler.queue('q')).code).toBe('DuplicateQueue');
    await quiet();
    expect(await isKept(closed)).toBe(false);
    gate.open(7);
    await closed;
    expect([await waiting.result(), scheduler.queues.size, actor.getSnapshot().status]).toEqual([7, 0, 'done']);
    expect(scheduler.actor.system.get('scheduler/q')).toBeUndefined();
    const again = scheduler.queue('q');
    expect(await again.submit(echo, 3).result()).toBe(3);
    expect(scheduler.actor.system.get('scheduler/q')).toBe(again.actor);
    expect(refusalOf(() => queue.submit(echo, 1)).code).toBe('QueueClosed');
    await queue.close();
  });

  test('waits for an attempt that was cancelled and has not ended', async () => {
    const scheduler = started();
    const queue = scheduler.queue('q');
    const gate = new Gate<number>();
    const handle = queue.submit(() => gate.promise);
    await quiet();
    handle.cancel();
    const closed = queue.close();
    await quiet();
    expect(await isKept(closed)).toBe(false);
    gate.open(1);
    await closed;
  });

  test('is not ended by its own later calls when its name is given again', async () => {
    const scheduler = started();
    const queue = scheduler.queue('q');
    await queue.close();
    const again = scheduler.queue('q');
    await queue.close();
    expect(scheduler.queues.get('q')).toBe(again);
    expect(scheduler.actor.system.get('scheduler/q')).toBe(again.actor);
  });

  test('rejects when its tasks can never proceed, and ends when they do after all', async () => {
    const scheduler = started();
    const queue = scheduler.queue('q', { concurrency: 1 });
    const other = scheduler.queue('other');
    const holder = queue.submit({ id: 'holder', hold: true }, echo, 1);
    await holder.result();
    const stuck = queue.submit({ id: 'stuck' }, echo, 2);
    const closed = queue.close();
    await expect(closed).rejects.toMatchObject({ code: 'Stalled', tasks: ['stuck'] });
    await expect(queue.close()).rejects.toMatchObject({ code: 'Stalled' });
    other.submit({ release: [holder] }, echo, 3);
    await queue.close();
    expect([await stuck.result(), scheduler.queues.has('q')]).toEqual([2, false]);
  });

  test('waits for a start and for its resumption, and ends when what waits for them is cleared', async () => {
    const scheduler = new Scheduler({ interpreter });
    onTestFinished(() => scheduler.close());
    const [queue, paused] = ['q', 'paused'].map((name) => scheduler.queue(name)) as [Queue, Queue];
    const cleared = queue.submit(echo, 1);
    const resumed = paused.submit(echo, 2);
    paused.pause();
    const ends = [queue.close(), paused.close()] as const;
    await quiet();
    expect(await Promise.all(ends.map((end) => isKept(end)))).toEqual([false, false]);
    queue.clear();
    await ends[0];
    scheduler.start();
    await quiet();
    expect([await isKept(ends[1]), resumed.why().reason]).toEqual([false, 'paused']);
    paused.resume();
    await ends[1];
    expect([cleared.state, resumed.state]).toEqual(['cancelled', 'done']);
  });

  test('does not wait for what a task holds', async () => {
    const scheduler = started();
    const queue = scheduler.queue('q');
    const other = scheduler.queue('other');
    const holder = queue.submit({ hold: true }, echo, 1);
    await holder.result();
    await queue.close();
    expect(await other.submit({ release: [holder] }, echo, 2).result()).toBe(2);
    await scheduler.wait();
  });

  test('closes its executor once, when no other queue uses it, and refuses it to a new queue', async () => {
    const scheduler = started();
    const counting = new CountingExecutor();
    const options = { executor: counting.executor };
    const first = scheduler.queue('first', options);
    const second = scheduler.queue('second', options);
    await first.close();
    expect(counting.closings).toBe(0);
    await second.close();
    expect(counting.closings).toBe(1);
    expect(refusalOf(() => scheduler.queue('third', options))).toMatchObject({ code: 'InvalidOption', queue: 'third' });
    await scheduler.close();
    expect(counting.closings).toBe(1);
  });

  test('leaves the executor of queues that name none open', async () => {
    const scheduler = started();
    await scheduler.queue('first').close();
    expect(await scheduler.queue('second').submit(echo, 1).result()).toBe(1);
  });

  test('gives its work to the scheduler that is closed meanwhile, which closes the executor once', async () => {
    const scheduler = started();
    const counting = new CountingExecutor();
    const queue = scheduler.queue('q', { executor: counting.executor, concurrency: 1 });
    const gate = new Gate<number>();
    const running = queue.submit(() => gate.promise);
    const waiting = queue.submit(echo, running);
    await quiet();
    const closed = queue.close();
    const all = scheduler.close();
    gate.open(1);
    await Promise.all([closed, all]);
    expect([running.state, waiting.state, counting.closings]).toEqual(['done', 'done', 1]);
  });

  test('closes its feeds, and no others', async () => {
    const scheduler = started();
    const queue = scheduler.queue('q');
    const other = scheduler.queue('other');
    const gate = new Gate<number>();
    const feeds = [queue, other].map((each) => each.from([1, 2], () => gate.promise, { ahead: 0 }));
    await quiet();
    const closed = queue.close();
    gate.open(1);
    const [own, others] = await Promise.allSettled(feeds.map((feed) => feed.done()));
    await closed;
    expect(own).toMatchObject({ status: 'rejected', reason: { code: 'FeedFailed', ended: 'closed' } });
    expect(others).toMatchObject({ status: 'fulfilled', value: { count: 2 } });
  });
});

test('a queue for each of many tenants leaves nothing behind once it is closed', async () => {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  scheduler.start();
  const queues: WeakRef<Queue>[] = [];
  const tenant = async (index: number): Promise<void> => {
    const queue = scheduler.queue(`tenant ${index}`, { bound: 5 });
    queues.push(new WeakRef(queue));
    await queue.submit(echo, index).result();
    await queue.from([1, 2], echo).done();
    await queue.close();
  };
  for (let index = 0; index < 100; index += 1) await tenant(index);
  await collectGarbage();
  expect(queues.filter((queue) => queue.deref() !== undefined).length).toBeLessThanOrEqual(2);
});

test('a queue that is closed is asked for no room any more, and those that stay are', async () => {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  const [first, second] = ['first', 'second'].map((name) => scheduler.queue(name, { preempt: true }));
  scheduler.queue('patient');
  const preempting = (): readonly string[] => scheduler._engine.preempting.map(({ name }) => name);
  expect(preempting()).toEqual(['first', 'second']);
  await first?.close();
  expect(preempting()).toEqual(['second']);
  await second?.close();
  expect(preempting()).toEqual([]);
});

test('queues without ready tasks cost a selection nothing, however many there are', async () => {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  scheduler.start();
  const QUEUES = 300;
  for (let index = 0; index < QUEUES; index += 1) {
    await scheduler.queue(`host ${index}`).submit(echo, index).result();
  }
  expect(scheduler._counts['queueLooks']).toBeLessThanOrEqual(10 * QUEUES);
});

describe('the executor of a queue that is closed', () => {
  test('may take its time: a stall of other queues is none of the queue', async () => {
    const scheduler = new Scheduler();
    const gate = new Gate();
    onTestFinished(() => {
      gate.open();
      return scheduler.terminate();
    });
    const executor = inline();
    executor.close = () => gate.promise;
    const queue = scheduler.queue('closing', { executor });
    const other = scheduler.queue('stalling', { concurrency: 1 });
    scheduler.start();
    const closed = queue.close();
    await quiet();
    other.submit({ hold: true, priority: 1 }, echo, 1);
    const stalled = other.submit(echo, 2).result();
    await expect(stalled).rejects.toMatchObject({ code: 'Stalled' });
    gate.open();
    await expect(closed).resolves.toBeUndefined();
  });

  test('is closed once, when the scheduler ends before the queue is empty', async () => {
    const scheduler = new Scheduler();
    const counting = new CountingExecutor();
    const queue = scheduler.queue('q', { executor: counting.executor });
    scheduler.start();
    void queue.submit(() => new Promise(() => undefined)).settled();
    await quiet();
    const closed = queue.close();
    await Promise.all([scheduler.terminate(), closed]);
    expect(counting.closings).toBe(1);
  });
});
