/** Groups: tasks that are waited for, cancelled and reported together. */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type Group, Scheduler, taskContext, TasksFailed } from '../../src/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { isKept, quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

const work = (..._needed: readonly unknown[]): number => 1;

describe('a group', () => {
  test('counts its tasks by state, in whatever queue', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const other = scheduler.queue('other', { executor });
    const group = scheduler.group();
    const [a, b] = ['a', 'b'].map((id) => queue.submit({ id, group }, work));
    other.in(group).submit({ id: 'c' }, work, a);
    queue.in(group).submit({ id: 'd' }, work);
    queue.submit({ id: 'outside' }, work);
    expect([group.size, group.counts]).toEqual([
      4,
      { pending: 1, ready: 3, running: 0, partial: 0, done: 0, failed: 0, cancelled: 0 },
    ]);
    scheduler.start();
    await quiet();
    executor.attemptAt('outside').done(1);
    executor.attemptAt('d').done(1);
    b?.cancel();
    await quiet();
    expect([group.size, group.counts]).toEqual([
      2,
      { pending: 1, ready: 0, running: 1, partial: 0, done: 1, failed: 0, cancelled: 1 },
    ]);
  });

  test('is done when its last task has settled, those included that came meanwhile', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
    const group = scheduler.group();
    await group.done();
    queue.submit({ id: 'a', group }, work);
    queue.submit({ id: 'outside' }, work);
    const done = group.done();
    scheduler.start();
    await quiet();
    queue.submit({ id: 'late', group }, work);
    executor.attemptAt('a').done(1);
    expect(await isKept(done)).toBe(false);
    executor.attemptAt('late').done(1);
    await done;
  });

  test('rejects with its failures, which count as looked at', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 4 });
    const group = scheduler.group();
    const a = queue.submit({ id: 'a', group }, work);
    queue.submit({ id: 'b', group }, work, a);
    queue.submit({ id: 'outside' }, work);
    scheduler.start();
    await quiet();
    const no = new Error('no');
    executor.attemptAt('a').failed(no);
    await quiet();
    const error: unknown = await group.done().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TasksFailed);
    expect(error).toMatchObject({ tasks: ['a', 'b'], count: 2, errors: [no, { code: 'DependencyFailed' }] });
    expect(group.failures).toEqual([
      { task: 'a', error: no },
      { task: 'b', error: expect.objectContaining({ code: 'DependencyFailed' }) as unknown },
    ]);
    executor.attemptAt('outside').failed(no);
    await expect(scheduler.wait()).rejects.toMatchObject({ tasks: ['outside'] });
    await expect(group.done()).rejects.toMatchObject({ code: 'TasksFailed' });
  });

  test('looks at failures that come while it is awaited', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const group = scheduler.group();
    const done = group.done();
    queue.submit({ id: 'a', group }, work);
    const failed = group.done();
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(new Error('no'));
    await expect(failed).rejects.toMatchObject({ code: 'TasksFailed' });
    await done.catch(() => undefined);
    await scheduler.wait();
  });

  test('looks at the failures of tasks that join while it is awaited', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const group = scheduler.group();
    queue.submit({ id: 'a', group }, work);
    const done = group.done();
    queue.submit({ id: 'b', group }, work);
    scheduler.start();
    for (const id of ['a', 'b']) executor.attemptAt(id).failed(new Error(id));
    await expect(done).rejects.toMatchObject({ code: 'TasksFailed', tasks: ['a', 'b'] });
    await scheduler.wait();
  });

  test('rejects when its tasks can never proceed', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const group = scheduler.group();
    queue.submit({ id: 'holder', hold: true }, work);
    scheduler.start();
    await quiet();
    queue.submit({ id: 'next', group }, work);
    const done = group.done();
    executor.attemptAt('holder').done(1);
    await expect(done).rejects.toMatchObject({ code: 'Stalled', tasks: ['next'] });
    await scheduler.group().done();
  });

  test('takes a task whose dependency has failed before', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const a = queue.submit({ id: 'a' }, work);
    void a.settled();
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(new Error('no'));
    await quiet();
    const group = scheduler.group();
    queue.submit({ group }, work, a);
    await quiet();
    expect([group.size, group.counts.failed]).toEqual([0, 1]);
    await expect(group.done()).rejects.toMatchObject({ code: 'TasksFailed' });
  });

  test('takes streams, feeds and what running tasks submit', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const group = scheduler.group();
    const stream = queue.in(group).submit(function* () {
      yield 1;
    });
    const feed = queue.from([1, 2], (item) => item, { task: { group } });
    queue.in(group).submit(() => queue.in(group).submit(work).id);
    scheduler.start();
    await feed.done();
    await group.done();
    expect(await stream.result()).toEqual([1]);
    expect(group.counts.done).toBe(5);
  });
});

describe('cancelling a group', () => {
  test('cancels its unsettled tasks and those that join later, and aborts its signal', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const group = scheduler.group({ name: 'request 7' });
    const a = queue.submit({ id: 'a', group }, work);
    const b = queue.submit({ id: 'b', group }, work, a);
    const outside = queue.submit({ id: 'outside' }, work, a);
    scheduler.start();
    await quiet();
    const { signal } = group;
    const done = group.done();
    const reason = new Error('gone');
    expect(group.cancel(reason)).toBe(2);
    expect([signal.aborted, signal.reason, group.signal]).toEqual([true, reason, signal]);
    expect(await a.settled()).toEqual({ status: 'cancelled', reason });
    expect(await b.settled()).toEqual({ status: 'cancelled', reason });
    expect(await outside.settled()).toMatchObject({ status: 'failed', error: { code: 'DependencyFailed' } });
    const error: unknown = await done.catch((rejection: unknown) => rejection);
    expect(error).toMatchObject({ code: 'TaskCancelled' });
    expect((error as Error).message).toBe('request 7 was cancelled: Error: gone');
    expect((error as Error).cause).toBe(reason);
    const late = queue.submit({ id: 'late', group }, work);
    expect(await late.settled()).toEqual({ status: 'cancelled', reason });
    expect([...executor.aborted]).toEqual(['a']);
    expect(group.cancel('again')).toBe(0);
    expect(scheduler.group().signal.aborted).toBe(false);
  });

  test('happens by its signal, to which it listens only while it has unsettled tasks', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = (): number => getEventListeners(signal, 'abort').length;
    const group = scheduler.group({ signal });
    expect(listeners()).toBe(0);
    queue.submit({ id: 'a', group }, work);
    queue.submit({ id: 'b', group }, work).cancel();
    expect(listeners()).toBe(1);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').done(1);
    await quiet();
    expect(listeners()).toBe(0);
    const c = queue.submit({ id: 'c', group }, work);
    controller.abort('left');
    expect(await c.settled()).toEqual({ status: 'cancelled', reason: 'left' });
    const d = queue.submit({ id: 'd', group: scheduler.group({ signal }) }, work);
    expect(await d.settled()).toEqual({ status: 'cancelled', reason: 'left' });
  });

  test('with terminate leaves attempts no time, and resolves when they have ended', async () => {
    const { scheduler, queue, executor } = manualQueue({ graceMs: 500, concurrency: 3 });
    const group = scheduler.group();
    const early = queue.submit({ id: 'early', group }, work);
    queue.submit({ id: 'a', group }, work);
    queue.submit({ id: 'outside' }, work);
    scheduler.start();
    await quiet();
    early.cancel();
    const terminated = group.terminate('no longer');
    expect(executor.graces).toEqual(
      new Map([
        ['early', 0],
        ['a', 0],
      ]),
    );
    executor.attemptAt('a').failed(new Error('terminated'));
    expect(await isKept(terminated)).toBe(false);
    executor.attemptAt('early').failed(new Error('terminated'));
    await terminated;
    expect(executor.aborted.has('outside')).toBe(false);
    await group.terminate();
  });

  test('with terminate leaves the attempts of others the time that they were given', async () => {
    const { scheduler, queue, executor } = manualQueue({ graceMs: 500, concurrency: 3 });
    const [group, other] = [scheduler.group(), scheduler.group()];
    queue.submit({ id: 'own', group }, work);
    const others = [queue.submit({ id: 'of other', group: other }, work), queue.submit(work)];
    scheduler.start();
    for (const task of others) task.cancel();
    void group.terminate();
    expect(Object.fromEntries(executor.graces)).toEqual({ own: 0, 'of other': 500, '#3': 500 });
  });

  test('answers who waits for its tasks also while one of its attempts still ends', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const group = scheduler.group();
    queue.submit({ id: 'a', group }, work);
    scheduler.start();
    const terminated = group.terminate();
    await quiet();
    await expect(group.done()).rejects.toMatchObject({ code: 'TaskCancelled' });
    executor.attemptAt('a').failed(new Error('terminated'));
    await terminated;
  });

  test('before its signal is asked for aborts that, too, with the reason of the first cancellation', async () => {
    const { scheduler, queue } = oneQueue();
    const controller = new AbortController();
    const group = scheduler.group({ signal: controller.signal });
    group.cancel('first');
    controller.abort('second');
    expect([group.signal.aborted, group.signal.reason]).toEqual([true, 'first']);
    expect(await queue.submit({ group }, work).settled()).toEqual({ status: 'cancelled', reason: 'first' });
  });

  test('happens by its signal also while somebody waits for it, and after a task of it has ended', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const controller = new AbortController();
    const group = scheduler.group({ signal: controller.signal });
    const left = queue.submit({ id: 'left', group }, work);
    queue.submit({ id: 'ends', group }, work);
    const done = group.done().catch((error: unknown) => error);
    scheduler.start();
    executor.attemptAt('ends').done(1);
    await quiet();
    controller.abort('gone');
    expect(await left.settled()).toEqual({ status: 'cancelled', reason: 'gone' });
    expect(await done).toMatchObject({ code: 'TaskCancelled', cause: 'gone' });
  });

  test('is seen by its functions through their own signals', async () => {
    const { scheduler, queue } = oneQueue();
    const group = scheduler.group();
    const seen = new Promise((resolve) => {
      void queue
        .in(group)
        .submit(() => {
          const { signal } = taskContext();
          return new Promise((end) => {
            signal.addEventListener('abort', () => {
              resolve(signal.reason);
              end(undefined);
            });
          });
        })
        .settled();
    });
    scheduler.start();
    await quiet();
    group.cancel('enough');
    expect(await seen).toBe('enough');
  });
});

test('a group keeps nothing of settled tasks that did not fail', async () => {
  const { scheduler, queue, executor } = manualQueue();
  const group = scheduler.group();
  scheduler.start();
  const results: WeakRef<object>[] = [];
  for (const id of ['a', 'b', 'c']) {
    queue.submit({ group }, work);
    await quiet();
    const result = { id };
    results.push(new WeakRef(result));
    executor.started.pop()?.done(result);
    await quiet();
  }
  await collectGarbage();
  // The last one may still be on the stack.
  expect(results.slice(0, 2).map((result) => result.deref())).toEqual([undefined, undefined]);
  expect(group.counts.done).toBe(3);
});

test('what is no group, or that of another scheduler, is refused', () => {
  const { scheduler, queue } = manualQueue();
  const foreign = new Scheduler().group({ name: 'theirs' });
  const refused = (misuse: () => unknown): string => {
    const { code, message } = refusalOf(misuse);
    return `${code}: ${message}`;
  };
  expect(refused(() => queue.submit({ group: foreign }, work))).toBe(
    'ForeignHandle: group theirs belongs to another scheduler',
  );
  expect(refused(() => queue.in(foreign))).toBe('ForeignHandle: group theirs belongs to another scheduler');
  expect(refused(() => queue.in({} as Group))).toContain('InvalidArgument: in takes a group of scheduler.group()');
  expect(refused(() => queue.submit({ group: 'a' as unknown as Group }, work))).toBe(
    'InvalidOption: group must be made by scheduler.group(), got "a"',
  );
  expect(refused(() => scheduler.group({ nam: 'a' } as object))).toContain('did you mean name?');
  expect(refused(() => scheduler.group({ name: 5 as unknown as string }))).toContain('InvalidOption');
  expect(refused(() => scheduler.group({ signal: {} as AbortSignal }))).toContain('InvalidOption');
  expect(scheduler._unsettled).toEqual([]);
});
