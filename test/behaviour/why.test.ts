/** The answers of `why()`, one for every reason. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { timedQueue } from './timed-queue.js';

const nothing = (): void => undefined;
const gather = (...values: readonly unknown[]): unknown => values;

describe('why', () => {
  test('names the dependencies that a task waits for, with their states', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const stream = queue.stream({ id: 's' }, () => [1]);
    const done = queue.submit({ id: 'done' }, nothing);
    const task = queue.submit({ id: 'task', after: [done] }, gather, stream.at(2), stream);
    expect(task.why()).toEqual({
      reason: 'dependencies',
      waitingFor: ['s#2 (ready)', 's (ready)', 'done (ready)'],
      message: 'task task waits for s#2 (ready), s (ready), done (ready)',
    });
    scheduler.start();
    await quiet();
    executor.attemptAt('done').done(1);
    executor.attemptAt('s').partial(0);
    expect(task.why()).toMatchObject({ waitingFor: ['s#2 (partial)', 's (partial)'] });
    executor.attemptAt('s').partial(1);
    executor.attemptAt('s').partial(2);
    expect(task.why()).toMatchObject({ reason: 'dependencies', waitingFor: ['s (partial)'] });
  });

  test('names at most 20 of them, and how many there are', () => {
    const { queue } = manualQueue();
    const many = Array.from({ length: 25 }, (_, index) => queue.submit({ id: `d${index}` }, nothing));
    const why = queue.submit(gather, many).why();
    expect(why).toMatchObject({ reason: 'dependencies', waitingFor: { length: 20 } });
    expect(why.message).toMatch(/ and 20 more$/);
  });

  test('says that the scheduler is stopped', async () => {
    const { scheduler, queue } = manualQueue();
    const task = queue.submit({ id: 'task' }, nothing);
    expect(task.why()).toEqual({ reason: 'stopped', message: 'task task is ready; the scheduler is stopped' });
    scheduler.start();
    await quiet();
    await Promise.race([scheduler.stop(), quiet()]);
    const late = queue.submit(nothing);
    expect(late.why().reason).toBe('stopped');
  });

  test('says that the next selection is still to come', () => {
    const { scheduler, queue } = manualQueue();
    scheduler.start();
    const task = queue.submit({ id: 'task' }, nothing);
    expect(task.why()).toEqual({
      reason: 'selection',
      message: 'task task is ready and will be offered at the next selection',
    });
  });

  test('names the queue without a free slot, and who holds one', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const waiting = queue.submit({ id: 'waiting' }, nothing);
    queue.submit({ id: 'holder', hold: true }, nothing);
    queue.submit({ id: 'running' }, nothing);
    scheduler.start();
    await quiet();
    expect(waiting.why()).toMatchObject({ reason: 'slots', queue: 'q', heldBy: ['running', 'holder'] });
    executor.attemptAt('holder').done(1);
    await quiet();
    expect(waiting.why()).toEqual({
      reason: 'slots',
      queue: 'q',
      heldBy: ['holder', 'running'],
      message: 'task waiting is ready; queue q has no free slot of 2; held by holder, running (running)',
    });
  });

  test('names the resource of which too little is left, and who holds it', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 4, resources: { disk: 5, ram: 4 } });
    const waiting = queue.submit({ id: 'waiting', resources: { disk: 1, ram: 2 } }, nothing);
    queue.submit({ id: 'holder', hold: true, resources: { ram: 3 } }, nothing);
    scheduler.start();
    await quiet();
    expect(waiting.why()).toMatchObject({ reason: 'resources', queue: 'q', resource: 'ram', heldBy: ['holder'] });
    executor.attemptAt('holder').done(1);
    await quiet();
    expect(waiting.why()).toEqual({
      reason: 'resources',
      queue: 'q',
      resource: 'ram',
      heldBy: ['holder'],
      message: 'task waiting is ready; it needs 2 of ram, queue q has 1 left; held by holder',
    });
  });

  test('says that a task is running, and how far it has come', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const stream = queue.stream({ id: 's' }, () => [1]);
    scheduler.start();
    await quiet();
    expect(stream.why()).toEqual({ reason: 'running', message: 'task s is running on queue q' });
    executor.attemptAt('s').partial('x');
    executor.attemptAt('s').partial('y');
    expect(stream.why()).toEqual({
      reason: 'running',
      message: 'task s is running on queue q, 2 partial results so far',
    });
    expect(stream.at(5).why().reason).toBe('running');
    expect(stream.at(0).why()).toEqual({
      reason: 'settled',
      state: 'done',
      message: 'result 0 of task s has been delivered',
    });
  });

  test('says how a task has ended', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
    const [done, failed, cancelled] = ['done', 'failed', 'cancelled'].map((id) => queue.submit({ id }, nothing));
    const dependent = queue.submit({ id: 'dependent' }, gather, failed);
    scheduler.start();
    await quiet();
    executor.attemptAt('done').done(1);
    executor.attemptAt('failed').failed(new RangeError('x'));
    cancelled?.cancel('enough');
    expect([done, failed, cancelled].map((handle) => handle?.why())).toEqual([
      { reason: 'settled', state: 'done', message: 'task done is done' },
      { reason: 'settled', state: 'failed', message: 'task failed is failed: RangeError: x' },
      { reason: 'settled', state: 'cancelled', message: 'task cancelled is cancelled: enough' },
    ]);
    expect(dependent.why()).toMatchObject({ reason: 'settled', state: 'failed' });
    expect(dependent.why().message).toContain('its dependency failed ended with RangeError: x');
  });

  test('of a result beyond the end says that it will never be', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const stream = queue.stream({ id: 's' }, () => [1]);
    scheduler.start();
    await quiet();
    executor.attemptAt('s').partial('only');
    executor.attemptAt('s').done(undefined);
    const beyond = stream.at(4);
    expect(beyond.state).toBe('failed');
    expect(beyond.why()).toMatchObject({ reason: 'settled', state: 'failed' });
    expect(beyond.why().message).toContain('there is no result 4');
  });

  test('of a result beyond an announced end says so before the producer has started', () => {
    const { queue } = manualQueue();
    const stream = queue.stream({ id: 's', results: 2 }, () => [1, 2]);
    const beyond = stream.at(2);
    expect(beyond.state).toBe('failed');
    expect(beyond.why()).toMatchObject({ reason: 'settled', state: 'failed' });
  });

  test('names five of many, and how many more there are', () => {
    const { queue } = manualQueue();
    const inputs = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => queue.submit({ id }, nothing));
    const messageOf = (count: number): string =>
      queue.submit({ id: `of ${count}` }, gather, inputs.slice(0, count)).why().message;
    expect(messageOf(5)).toBe('task of 5 waits for a (ready), b (ready), c (ready), d (ready), e (ready)');
    expect(messageOf(7)).toBe('task of 7 waits for a (ready), b (ready), c (ready), d (ready), e (ready) and 2 more');
  });

  test('of a task that has returned a handle of a partial result names that result', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit({ id: 's' }, async function* () {
      yield await gate.promise;
    });
    const gate = new Gate<number>();
    const outer = queue.submit({ id: 'outer' }, () => stream.at(0));
    scheduler.start();
    await quiet();
    expect(outer.why()).toEqual({
      reason: 'dependencies',
      waitingFor: ['s#0 (running)'],
      message: 'task outer has returned the handle of s#0 (running) and waits for its result',
    });
    gate.open(1);
    expect(await outer.result()).toBe(1);
  });

  test('says for what a running function waits', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const gate = new Gate();
    const outer = queue.submit({ id: 'outer' }, async () => queue.submit({ id: 'inner' }, () => gate.promise).result());
    scheduler.start();
    await quiet();
    expect(outer.why()).toEqual({
      reason: 'running',
      waitingFor: ['inner'],
      message: 'task outer is running on queue q, and waits for inner',
    });
    const waiting = queue.submit({ id: 'waiting' }, nothing);
    expect(waiting.why().message).toBe(
      'task waiting is ready; queue q has no free slot of 2; held by inner (running), outer (running, waits for inner)',
    );
    gate.open();
    await outer.result();
  });

  test('tells of attempts that have slots and are ending', async () => {
    const { scheduler, queue, executor, pass } = timedQueue({ concurrency: 2 });
    const cancelled = queue.submit({ id: 'cancelled' }, nothing);
    queue.submit({ id: 'given up', timeoutMs: 10, retry: { attempts: 2, backoffMs: 100 } }, nothing);
    scheduler.start();
    await quiet();
    cancelled.cancel();
    await pass(10);
    const waiting = queue.submit({ id: 'waiting' }, nothing);
    expect(waiting.why()).toEqual({
      reason: 'slots',
      queue: 'q',
      heldBy: ['cancelled', 'given up'],
      message:
        'task waiting is ready; queue q has no free slot of 2; ' +
        'held by cancelled (cancelled, its function has not ended yet), given up (given up, its function has not ended yet)',
    });
    executor.attemptAt('cancelled').done(1);
    await quiet();
    executor.attemptAt('waiting').done(1);
    const next = queue.submit({ id: 'next' }, nothing);
    const last = queue.submit({ id: 'last' }, nothing);
    await quiet();
    expect(next.why().message).toBe(
      'task next is ready; queue q has no free slot of 2; ' +
        'held by last (running), given up (given up, its function has not ended yet)',
    );
    expect(last.state).toBe('running');
  });

  test('says before which attempt a task pauses', async () => {
    const { scheduler, queue, executor } = timedQueue({ retry: { attempts: 2, backoffMs: 100 } });
    const task = queue.submit({ id: 'task' }, nothing);
    scheduler.start();
    await quiet();
    executor.attemptAt('task').failed(new Error('no'));
    await quiet();
    expect(task.why()).toEqual({
      reason: 'pause',
      attempt: 2,
      message: 'task task pauses before its attempt number 2',
    });
  });

  test('of a task that was cancelled without a reason gives none', () => {
    const { queue } = manualQueue();
    const task = queue.submit({ id: 'task' }, nothing);
    task.cancel();
    expect(task.why()).toEqual({ reason: 'settled', state: 'cancelled', message: 'task task is cancelled' });
  });

  test('says that the scheduler is being closed, of a task that will be cancelled', async () => {
    const { scheduler, queue } = manualQueue();
    const task = queue.submit({ id: 'task' }, nothing);
    const told: unknown[] = [];
    scheduler.on('scheduler', ({ state }) => {
      if (state === 'closing') told.push(task.why());
    });
    await scheduler.terminate();
    expect(told).toEqual([{ reason: 'stopped', message: 'task task is ready; the scheduler is closing' }]);
  });

  test('says that nothing is left of a resource of which more is taken than there is', async () => {
    const { scheduler, queue } = manualQueue({ concurrency: 2, resources: { ram: 4 } });
    queue.submit({ id: 'running', resources: { ram: 3 } }, nothing);
    scheduler.start();
    await quiet();
    const waiting = queue.submit({ id: 'waiting', resources: { ram: 2 } }, nothing);
    queue.set({ resources: { ram: 2 } });
    expect(waiting.why().message).toBe(
      'task waiting is ready; it needs 2 of ram, queue q has 0 left; held by running (running)',
    );
  });

  test('names nobody where nobody has anything of a resource that is too small', () => {
    const { scheduler, queue } = manualQueue({ resources: { ram: 4 } });
    const task = queue.submit({ id: 'task', resources: { ram: 2 } }, nothing);
    queue.set({ resources: { ram: 1 } });
    scheduler.start();
    expect(task.why()).toEqual({
      reason: 'resources',
      queue: 'q',
      resource: 'ram',
      heldBy: [],
      message: 'task task is ready; it needs 2 of ram, queue q has 1 left',
    });
  });

  test('names the rate of a key where the queue has none', async () => {
    const { scheduler, queue } = timedQueue({ concurrency: 2, rateByKey: { limit: 1, intervalMs: 10 } });
    queue.submit({ rateKey: 'a' }, nothing);
    scheduler.start();
    await quiet();
    expect(queue.submit({ rateKey: 'a' }, nothing).why()).toMatchObject({ reason: 'rate', key: 'a', inMs: 10 });
  });

  test.each([
    [20, 10, 'the rate of key a of queue q', 'a', 20],
    [10, 10, 'the rate of key a of queue q', 'a', 10],
    [10, 20, 'the rate of queue q', undefined, 20],
  ])('of rates with %i ms for the key and %i ms for the queue names %s', async (ofKey, ofQueue, limit, key, inMs) => {
    const { scheduler, queue } = timedQueue({
      concurrency: 2,
      rate: { limit: 1, intervalMs: ofQueue },
      rateByKey: { limit: 1, intervalMs: ofKey },
    });
    queue.submit({ rateKey: 'a' }, nothing);
    scheduler.start();
    await quiet();
    const waiting = queue.submit({ id: 'waiting', rateKey: 'a' }, nothing);
    const message = `task waiting is ready; by ${limit} the next start is in ${inMs} ms`;
    expect(waiting.why()).toEqual({ reason: 'rate', queue: 'q', key, inMs, message });
  });

  test('lists at most 20 of those who have the slots', async () => {
    const { scheduler, queue } = manualQueue({ concurrency: 21 });
    for (let index = 0; index < 21; index += 1) queue.submit(nothing);
    scheduler.start();
    await quiet();
    const why = queue.submit(nothing).why();
    expect(why).toMatchObject({ reason: 'slots', heldBy: { length: 20 } });
    expect(why.message).toMatch(/ and 16 more$/);
  });

  test('of a task of a store says that it is not needed, or why it runs again', async () => {
    const store = memoryStore();
    const run = (version: number) => {
      const scheduler = new Scheduler({ store });
      const queue = scheduler.queue('q');
      const source = queue.submit({ id: 'source' }, nothing);
      const kept = queue.submit({ id: 'kept', key: 'kept', version }, gather, source);
      return { scheduler, source, kept };
    };
    const first = run(1);
    first.scheduler.start();
    await first.scheduler.close();
    const same = run(1);
    expect(same.source.why()).toEqual({
      reason: 'not-needed',
      message: 'task source is not needed: all that depends on it was restored',
    });
    await same.scheduler.terminate();
    const changed = run(2);
    expect(changed.kept.why()).toEqual({
      reason: 'dependencies',
      waitingFor: ['source (ready)'],
      message: 'task kept waits for source (ready)',
      notRestored: 'function changed',
    });
    expect(changed.source.why()).toStrictEqual({
      reason: 'stopped',
      message: 'task source is ready; the scheduler is stopped',
    });
    await changed.scheduler.terminate();
  });
});
