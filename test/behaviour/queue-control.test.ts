/** A queue as a whole: its counts, pausing it, its limits, and the ways to empty it and to wait for it. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { manualQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';
import { timedQueue } from './timed-queue.js';

const work = (..._needed: readonly unknown[]): number => 1;

describe('the counts of a queue', () => {
  test('tell waiting tasks from running ones', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const counts = (): unknown => ({ size: queue.size, running: queue.running });
    const handles = ['a', 'b', 'c', 'd'].map((id) => queue.submit({ id }, work));
    queue.submit({ id: 'e' }, work, handles[0]);
    expect(counts()).toEqual({ size: 5, running: 0 });
    scheduler.start();
    await quiet();
    expect(counts()).toEqual({ size: 3, running: 2 });
    executor.attemptAt('d').done(1);
    handles[0]?.cancel();
    await quiet();
    // c runs beside the attempt at a, which has not ended; b waits; e failed with a.
    expect(counts()).toEqual({ size: 1, running: 2 });
  });

  test('count a cancelled attempt as running until it has ended, and a retried task as waiting', async () => {
    const { scheduler, queue, executor, pass } = timedQueue({ retry: { attempts: 2, backoffMs: 10 } });
    const a = queue.submit({ id: 'a' }, work);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(new Error('once'));
    await quiet();
    expect([queue.size, queue.running]).toEqual([1, 0]);
    await pass(10);
    expect([queue.size, queue.running]).toEqual([0, 1]);
    a.cancel();
    expect([queue.size, queue.running]).toEqual([0, 1]);
    executor.attemptAt('a').failed(new Error('cancelled'));
    await quiet();
    expect([queue.size, queue.running]).toEqual([0, 0]);
  });

  test('do not count a held slot as running', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    queue.submit({ id: 'a', hold: true }, work);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').done(1);
    await quiet();
    expect([queue.size, queue.running]).toEqual([0, 0]);
  });
});

describe.each(['compiled', 'xstate'] as const)('a paused queue (%s)', (interpreter) => {
  function system(): { scheduler: Scheduler; executor: ManualExecutor; queue: ReturnType<Scheduler['queue']> } {
    const executor = new ManualExecutor();
    const scheduler = new Scheduler({ interpreter });
    return { scheduler, executor, queue: scheduler.queue('q', { concurrency: 1, executor }) };
  }
  const startedBy = ({ started }: ManualExecutor): string[] => started.map(({ id }) => id);

  test('starts nothing until it is resumed, and lets what runs go on', async () => {
    const { scheduler, queue, executor } = system();
    const first = queue.submit({ id: 'a' }, work);
    scheduler.start();
    await quiet();
    queue.pause();
    expect(queue.isPaused).toBe(true);
    const second = queue.submit({ id: 'b' }, work);
    executor.attemptAt('a').done('first');
    expect(await first.result()).toBe('first');
    await quiet();
    expect(startedBy(executor)).toEqual(['a']);
    expect(second.why()).toEqual({
      reason: 'paused',
      queue: 'q',
      message: 'task b is ready; queue q is paused',
    });
    queue.resume();
    await quiet();
    expect(queue.isPaused).toBe(false);
    expect(startedBy(executor)).toEqual(['a', 'b']);
  });

  test('is no stall, and what waits goes on waiting', async () => {
    const { scheduler, queue, executor } = system();
    scheduler.queue('without work');
    queue.pause();
    queue.submit({ id: 'a' }, work);
    scheduler.start();
    const waiting = scheduler.wait();
    const idle = queue.onIdle();
    expect(await isKept(waiting)).toBe(false);
    expect(await isKept(idle)).toBe(false);
    expect(scheduler.state).toBe('busy');
    queue.resume();
    await quiet();
    executor.attemptAt('a').done(1);
    await Promise.all([waiting, idle]);
  });

  test('stays paused when the scheduler is stopped and started', async () => {
    const { scheduler, queue, executor } = system();
    queue.pause();
    queue.submit({ id: 'a' }, work);
    scheduler.start();
    await scheduler.stop();
    scheduler.start();
    await quiet();
    expect(startedBy(executor)).toEqual([]);
    await scheduler.stop();
    queue.resume();
    await quiet();
    expect(startedBy(executor)).toEqual([]);
    scheduler.start();
    await quiet();
    expect(startedBy(executor)).toEqual(['a']);
  });

  test('does not hold up other queues', async () => {
    const { scheduler, queue, executor } = system();
    const other = scheduler.queue('other', { executor });
    queue.pause();
    queue.submit({ id: 'a' }, work);
    other.submit({ id: 'b' }, work);
    scheduler.start();
    await quiet();
    expect(startedBy(executor)).toEqual(['b']);
  });

  test('paused from within a start, starts nothing behind it', async () => {
    const { scheduler, queue, executor } = system();
    queue.set({ concurrency: 3 });
    scheduler.on('task', ({ state }) => {
      if (state === 'running') queue.pause();
    });
    for (const id of ['a', 'b', 'c']) queue.submit({ id }, work);
    scheduler.start();
    await quiet();
    expect(startedBy(executor)).toEqual(['c']);
  });

  test('has limits that may be raised and lowered while tasks run', async () => {
    const { scheduler, queue, executor } = system();
    for (const id of ['f', 'e', 'd', 'c', 'b', 'a']) queue.submit({ id }, work);
    scheduler.start();
    await quiet();
    queue.set({ concurrency: 4 });
    expect(queue.concurrency).toBe(4);
    await quiet();
    expect(startedBy(executor)).toEqual(['a', 'b', 'c', 'd']);
    queue.set({ concurrency: 2 });
    for (const id of ['a', 'b']) {
      executor.attemptAt(id).done(1);
      await quiet();
      expect(startedBy(executor)).toEqual(['a', 'b', 'c', 'd']);
      expect(queue.actor.getSnapshot().matches({ activity: 'saturated' })).toBe(true);
    }
    executor.attemptAt('c').done(1);
    await quiet();
    expect(startedBy(executor)).toEqual(['a', 'b', 'c', 'd', 'e']);
    queue.set({ concurrency: Number.POSITIVE_INFINITY });
    await quiet();
    expect(startedBy(executor)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('the resources of a queue', () => {
  test('may be raised, lowered and added while tasks run', async () => {
    const { scheduler, queue, started, executor } = manualQueue({ concurrency: 9, resources: { mem: 2 } });
    queue.submit({ id: 'small' }, work);
    const large = queue.submit({ id: 'large', resources: { mem: 2 } }, work);
    queue.submit({ id: 'a', resources: { mem: 2 } }, work);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['a', 'small']);
    queue.set({ resources: { mem: 1, io: 1 } });
    queue.submit({ id: 'io', resources: { io: 1 } }, work);
    await quiet();
    // Nothing is left of mem, less than nothing by the ledger; tasks that need none of it start.
    expect(started()).toEqual(['a', 'small', 'io']);
    executor.attemptAt('a').done(1);
    await quiet();
    expect(large.why().message).toContain('task large is ready; it needs 2 of mem, queue q has 1 left; held by');
    queue.set({ resources: { mem: 4 } });
    await quiet();
    expect(started()).toEqual(['a', 'small', 'io', 'large']);
  });

  test('that are lowered below what a waiting task needs stall the scheduler when nothing else moves', async () => {
    const { scheduler, queue } = manualQueue({ resources: { mem: 2 } });
    queue.submit({ id: 'large', resources: { mem: 2 } }, work);
    queue.set({ resources: { mem: 1 } });
    scheduler.start();
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'Stalled', tasks: ['large'] });
  });
});

test('limits that are none are refused, and change nothing', () => {
  const { queue } = manualQueue({ resources: { mem: 2 } });
  const misuse = [
    { concurrency: 0 },
    { concurrency: 2, resources: { mem: -1 } },
    { concurency: 3 },
    { resources: 4 },
    5,
  ];
  const refused = misuse.map((limits) => refusalOf(() => queue.set(limits as object)));
  expect(refused.map(({ code }) => code)).toEqual(misuse.map(() => 'InvalidOption'));
  expect(refused.map(({ message }) => message)).toEqual([
    'the concurrency of queue q must be an integer of at least 1, or Infinity, got 0',
    'the capacity of resource mem must be a finite number of at least 0, got -1',
    'queue.set has no option concurency; did you mean concurrency? Its options are concurrency, resources',
    'the resources of queue q must be an object of capacities, got 4',
    'the options of queue.set must be an object, got 5',
  ]);
  expect(queue.concurrency).toBe(1);
});

test('a feed fills the slots that are added while its first items run', async () => {
  const { scheduler, queue, started } = manualQueue({ concurrency: 1 });
  queue.from([1, 2, 3, 4, 5], work, { ahead: 0, task: (item) => ({ id: `item ${item}` }) });
  scheduler.start();
  await quiet();
  expect(started()).toEqual(['item 1']);
  queue.set({ concurrency: 3 });
  await quiet();
  expect(started()).toEqual(['item 1', 'item 2', 'item 3']);
});

describe('onIdle', () => {
  test('resolves at once for a queue without tasks, and never rejects for a failure', async () => {
    const { scheduler, queue, executor } = manualQueue();
    await queue.onIdle();
    void queue.submit({ id: 'a' }, work).settled();
    const idle = queue.onIdle();
    scheduler.start();
    await quiet();
    expect(await isKept(idle)).toBe(false);
    executor.attemptAt('a').failed(new Error('no'));
    await idle;
  });

  test('waits for the end of a cancelled attempt', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const a = queue.submit({ id: 'a' }, work);
    scheduler.start();
    await quiet();
    a.cancel();
    const idle = queue.onIdle();
    expect(await isKept(idle)).toBe(false);
    executor.attemptAt('a').failed(new Error('cancelled'));
    await idle;
  });

  test('rejects with the diagnosis when its tasks can never proceed, then and later', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 1 });
    const other = scheduler.queue('other', { executor });
    queue.submit({ id: 'holder', hold: true }, work);
    scheduler.start();
    await quiet();
    queue.submit({ id: 'next' }, work);
    const idle = queue.onIdle();
    executor.attemptAt('holder').done(1);
    await expect(idle).rejects.toMatchObject({ code: 'Stalled', tasks: ['next'] });
    await expect(queue.onIdle()).rejects.toMatchObject({ code: 'Stalled', tasks: ['next'] });
    await other.onIdle();
    // A submission that follows in the same stretch may end the stall.
    const late = queue.onIdle();
    const holder = queue.submit({ id: 'way out', priority: 1 }, work);
    void late.catch(() => undefined);
    holder.cancel();
    queue.clear();
    await queue.onIdle();
  });

  test('resolves when the scheduler is closed', async () => {
    const { scheduler, queue } = manualQueue();
    queue.submit(work);
    const idle = queue.onIdle();
    await scheduler.terminate();
    expect(await isKept(idle)).toBe(true);
  });
});

describe('clear', () => {
  test('cancels what is not running, and tells how many', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const other = scheduler.queue('other', { executor, concurrency: 1 });
    const waiting = queue.submit({ id: 'waiting' }, work);
    const running = queue.submit({ id: 'running', priority: 1 }, work);
    const dependent = other.submit({ id: 'dependent' }, work, waiting);
    const elsewhere = other.submit({ id: 'elsewhere' }, work);
    scheduler.start();
    await quiet();
    expect(queue.clear()).toBe(1);
    expect(await waiting.settled()).toEqual({ status: 'cancelled', reason: 'queue q was cleared' });
    expect(await dependent.settled()).toMatchObject({ status: 'failed', error: { code: 'DependencyFailed' } });
    expect([running.state, elsewhere.state]).toEqual(['running', 'running']);
    expect(queue.clear('again')).toBe(0);
  });

  test('cancels a task that pauses before its next attempt', async () => {
    const { scheduler, queue, executor } = timedQueue({ retry: { attempts: 2, backoffMs: 10 } });
    const a = queue.submit({ id: 'a' }, work);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(new Error('once'));
    await quiet();
    expect(queue.clear('enough')).toBe(1);
    expect(await a.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
  });
});

describe('terminate', () => {
  test('cancels everything of the queue without grace, and nothing else', async () => {
    const { scheduler, queue, executor } = manualQueue({ graceMs: 500 });
    const other = scheduler.queue('other', { executor, concurrency: 1 });
    const waiting = queue.submit({ id: 'waiting' }, work);
    const running = queue.submit({ id: 'running' }, work);
    const elsewhere = other.submit({ id: 'elsewhere' }, work);
    scheduler.start();
    await quiet();
    const terminated = queue.terminate('no longer');
    expect(await waiting.settled()).toEqual({ status: 'cancelled', reason: 'no longer' });
    expect(await running.settled()).toEqual({ status: 'cancelled', reason: 'no longer' });
    expect(executor.graces).toEqual(new Map([['running', 0]]));
    expect(await isKept(terminated)).toBe(false);
    executor.attemptAt('running').failed(new Error('terminated'));
    await terminated;
    expect(elsewhere.state).toBe('running');
    queue.submit({ id: 'later' }, work);
    await quiet();
    expect(executor.attemptAt('later').attempt).toBe(1);
  });

  test('gives an attempt that was cancelled before no more time either', async () => {
    const { scheduler, queue, executor } = manualQueue({ graceMs: 500 });
    const running = queue.submit({ id: 'running' }, work);
    scheduler.start();
    await quiet();
    running.cancel();
    expect(executor.graces.get('running')).toBe(500);
    void queue.terminate();
    expect(executor.graces.get('running')).toBe(0);
  });
});
