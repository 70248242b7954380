/** Closing: what is cancelled, what may end, and that it happens once. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;

function closable(concurrency = 1): {
  readonly scheduler: Scheduler;
  readonly queue: ReturnType<Scheduler['queue']>;
  readonly executor: ManualExecutor;
} {
  const scheduler = new Scheduler();
  const executor = new ManualExecutor();
  return { scheduler, queue: scheduler.queue('q', { concurrency, executor }), executor };
}

describe('close', () => {
  test('does what was submitted, dependents and all', async () => {
    const { scheduler, queue, executor } = closable();
    const first = queue.submit({ id: 'first' }, nothing);
    const second = queue.submit({ id: 'second', after: [first] }, nothing);
    scheduler.start();
    const closed = scheduler.close();
    expect(scheduler.state).toBe('draining');
    for (const id of ['first', 'second']) {
      await quiet();
      expect(await isKept(closed)).toBe(false);
      executor.attemptAt(id).done(id);
    }
    await closed;
    expect([first.state, second.state, scheduler.state]).toEqual(['done', 'done', 'closed']);
  });

  test('at the end of an await using does what was submitted', async () => {
    const seen: number[] = [];
    {
      await using scheduler = new Scheduler();
      const queue = scheduler.queue('q');
      scheduler.start();
      queue.submit(() => seen.push(1));
    }
    expect(seen).toEqual([1]);
  });

  test('rejects with the failures that nothing has looked at', async () => {
    const { scheduler, queue, executor } = closable(3);
    queue.submit({ id: 'unseen' }, nothing);
    const seen = queue.submit({ id: 'seen' }, nothing);
    scheduler.start();
    await quiet();
    const closed = scheduler.close();
    void seen.settled();
    for (const attempt of executor.started) attempt.failed(new RangeError(attempt.id));
    await expect(closed).rejects.toMatchObject({ code: 'TasksFailed', tasks: ['unseen'], count: 1 });
    expect([scheduler.state, executor.closings]).toEqual(['closed', 1]);
  });

  test('rejects with the tasks that it cancels because the scheduler is stopped', async () => {
    const { scheduler, queue, executor } = closable();
    const unseen = queue.submit({ id: 'unseen' }, nothing);
    await expect(scheduler.close()).rejects.toMatchObject({ code: 'TasksFailed', tasks: ['unseen'] });
    expect([unseen.state, executor.closings]).toEqual(['cancelled', 1]);
  });

  test('is over at once when the scheduler is stopped meanwhile', async () => {
    const { scheduler, queue, executor } = closable();
    const running = queue.submit({ id: 'running' }, nothing);
    const waiting = queue.submit({ id: 'waiting', after: [running] }, nothing);
    scheduler.start();
    await quiet();
    const closed = scheduler.close();
    void scheduler.stop();
    expect([scheduler.state, waiting.state]).toEqual(['closing', 'cancelled']);
    executor.attemptAt('running').done(1);
    await expect(closed).rejects.toMatchObject({ tasks: ['waiting'] });
  });

  test('while stopped cancels what has not started, and lets what runs end', async () => {
    const { scheduler, queue, executor } = closable();
    const ready = queue.submit({ id: 'ready' }, nothing);
    const running = queue.submit({ id: 'running' }, () => 'result');
    const pending = queue.submit({ id: 'pending' }, (value: unknown) => value, running);
    scheduler.start();
    await quiet();
    void scheduler.stop();
    const closed = scheduler.close();
    expect([ready.state, running.state, pending.state]).toEqual(['cancelled', 'running', 'cancelled']);
    expect(await pending.settled()).toEqual({ status: 'cancelled', reason: 'the scheduler was closed' });
    await expect(ready.result()).rejects.toMatchObject({ code: 'TaskCancelled', tasks: ['ready'] });
    expect(await isKept(closed)).toBe(false);
    expect([executor.aborted.size, executor.closings]).toEqual([0, 0]);
    executor.attemptAt('running').done('result');
    await closed;
    expect(await running.result()).toBe('result');
    expect([scheduler.state, executor.closings]).toEqual(['closed', 1]);
    expect(executor.started.map(({ id }) => id)).toEqual(['running']);
  });

  test('while stopped cancels what its executor has, and has not called yet', async () => {
    const { scheduler, queue, executor } = closable(2);
    const handles = [queue.submit({ id: 'begun' }, nothing), queue.submit({ id: 'waits' }, nothing)];
    scheduler.start();
    await quiet();
    expect(executor.attemptAt('begun').begins?.()).toBe(true);
    void scheduler.stop();
    const closed = scheduler.close();
    expect(executor.attemptAt('waits').begins?.()).toBe(false);
    executor.attemptAt('begun').done(1);
    await expect(closed).rejects.toMatchObject({ code: 'TasksFailed', tasks: ['waits'] });
    expect(handles.map(({ state }) => state)).toEqual(['done', 'cancelled']);
  });

  test('lets a stream deliver what is left of it', async () => {
    const { scheduler, queue, executor } = closable();
    const stream = queue.stream({ id: 's' }, () => [1]);
    scheduler.start();
    await quiet();
    executor.attemptAt('s').partial('before');
    const closed = scheduler.close();
    executor.attemptAt('s').partial('after');
    executor.attemptAt('s').done(undefined);
    await closed;
    expect(await stream.result()).toEqual(['before', 'after']);
  });

  test('works before the first start, and with nothing to do', async () => {
    const { scheduler, queue, executor } = closable();
    const handle = queue.submit(nothing);
    void handle.settled();
    await scheduler.close();
    expect(handle.state).toBe('cancelled');
    expect(executor.closings).toBe(1);
    const empty = new Scheduler();
    await empty.close();
    expect(empty.state).toBe('closed');
  });

  test('waits for an attempt whose task was cancelled', async () => {
    const { scheduler, queue, executor } = closable();
    const handle = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    handle.cancel();
    const closed = scheduler.close();
    expect(await isKept(closed)).toBe(false);
    executor.attemptAt('a').failed('aborted');
    await closed;
    expect(executor.closings).toBe(1);
  });

  test('closes an executor that several queues share once', async () => {
    const { scheduler, executor } = closable();
    scheduler.queue('second', { executor });
    const own = new ManualExecutor();
    scheduler.queue('third', { executor: own });
    await scheduler.close();
    expect([executor.closings, own.closings]).toEqual([1, 1]);
  });

  test('is the same promise whenever it is called', async () => {
    const { scheduler, executor } = closable();
    const closed = scheduler.close();
    expect(scheduler.close()).toBe(closed);
    await closed;
    expect(scheduler.close()).toBe(closed);
    expect(scheduler[Symbol.asyncDispose]()).toBe(closed);
    await scheduler.stop();
    await scheduler.wait();
    expect(executor.closings).toBe(1);
  });

  test('leaves nothing behind that says anything to a closed actor', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(nothing);
    onTestFinished(() => warn.mockRestore());
    const { scheduler, queue } = closable();
    const handle = queue.submit(nothing);
    void handle.settled();
    await scheduler.close();
    await scheduler.stop();
    await scheduler[Symbol.asyncDispose]();
    expect(handle.actor.getSnapshot().value).toBe('cancelled');
    expect(warn.mock.calls).toEqual([]);
  });

  test('takes nothing more from the moment of the call', async () => {
    const { scheduler, queue } = closable();
    const closed = scheduler.close();
    expect(refusalOf(() => queue.submit(nothing)).code).toBe('SchedulerClosed');
    expect(refusalOf(() => scheduler.queue('late')).code).toBe('SchedulerClosed');
    expect(refusalOf(() => scheduler.start()).code).toBe('SchedulerClosed');
    await closed;
  });

  test.each(['close', 'terminate'] as const)(
    'that asks for %s when a task is told of its end happens once',
    async (how) => {
      const { scheduler, queue, executor } = closable();
      const asked: Promise<void>[] = [];
      const onSettled = (): void => void asked.push(scheduler[how]());
      const tasks = ['a', 'b'].map((id) => queue.submit({ id, onSettled }, nothing));
      for (const task of tasks) void task.settled();
      const closed = scheduler.close();
      expect(asked).toEqual([closed, closed]);
      await closed;
      expect([tasks.map(({ state }) => state), executor.closings]).toEqual([['cancelled', 'cancelled'], 1]);
    },
  );

  test('takes nothing from those that it tells of the end of a task', async () => {
    const { scheduler, queue } = closable();
    const refusals: string[] = [];
    const onSettled = (): void => void refusals.push(refusalOf(() => queue.submit(nothing)).code);
    void queue.submit({ onSettled }, nothing).settled();
    await scheduler.close();
    expect(refusals).toEqual(['SchedulerClosed']);
  });

  test('while stopped does not let a task that fails meanwhile be tried again', async () => {
    const { scheduler, queue, executor } = closable();
    const handle = queue.submit({ id: 'a', retry: { attempts: 3 } }, nothing);
    scheduler.start();
    await quiet();
    void scheduler.stop();
    const closed = scheduler.close();
    void handle.settled();
    executor.attemptAt('a').failed(new RangeError('not again'));
    await closed;
    expect(await handle.settled()).toEqual({ status: 'failed', error: new RangeError('not again') });
    expect(executor.started.length).toBe(1);
  });

  test('from within a task lets that task end', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const goOn = new Gate();
    let closed: Promise<void> | undefined;
    const handle = queue.submit(async () => {
      closed = scheduler.close();
      expect(refusalOf(() => queue.submit(nothing)).code).toBe('SchedulerClosed');
      await goOn.promise;
      return 'ended';
    });
    scheduler.start();
    await quiet();
    expect(scheduler.state).toBe('draining');
    goOn.open();
    expect(await handle.result()).toBe('ended');
    await closed;
    expect(scheduler.state).toBe('closed');
  });

  test('cancels what only resuming a queue could start, once all else is done, and says so', async () => {
    const { scheduler, queue, executor } = closable();
    const paused = scheduler.queue('paused');
    paused.pause();
    const held = paused.submit({ id: 'held' }, () => 1);
    const dependent = queue.submit({ id: 'dependent', after: [held] }, nothing);
    const free = queue.submit({ id: 'free' }, nothing);
    scheduler.start();
    const closed = scheduler.close();
    await quiet();
    expect([scheduler.state, held.state, free.state]).toEqual(['draining', 'ready', 'running']);
    executor.attemptAt('free').done(1);
    await expect(closed).rejects.toMatchObject({ code: 'TasksFailed', tasks: ['dependent', 'held'] });
    expect(await held.settled()).toEqual({
      status: 'cancelled',
      reason: 'the scheduler was closed while queue paused was paused',
    });
    expect([dependent.state, free.state, scheduler.state]).toEqual(['cancelled', 'done', 'closed']);
  });

  test('does what a queue that is resumed in time has', async () => {
    const { scheduler, queue, executor } = closable();
    queue.submit({ id: 'running' }, nothing);
    const paused = scheduler.queue('paused');
    paused.pause();
    const held = paused.submit(() => 'done after all');
    scheduler.start();
    const closed = scheduler.close();
    await quiet();
    paused.resume();
    await quiet();
    executor.attemptAt('running').done(1);
    await closed;
    expect(await held.result()).toBe('done after all');
  });

  test('closes the feed of a paused queue', async () => {
    const { scheduler } = closable();
    const paused = scheduler.queue('paused', { concurrency: 1 });
    paused.pause();
    scheduler.start();
    const feed = paused.from([1, 2, 3], (n) => n);
    await quiet();
    const closed = scheduler.close();
    await expect(feed.done()).rejects.toMatchObject({ code: 'FeedFailed' });
    await closed.catch(() => undefined);
    expect(scheduler.state).toBe('closed');
  });

  test('ends a stall', async () => {
    const { scheduler, queue, executor } = closable();
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    const stuck = queue.submit({ after: [holder] }, nothing);
    scheduler.start();
    await quiet();
    executor.attemptAt('holder').done(1);
    await quiet();
    expect(scheduler.state).toBe('stalled');
    void stuck.settled();
    await scheduler.close();
    expect([scheduler.state, stuck.state, executor.closings]).toEqual(['closed', 'cancelled', 1]);
  });

  test('rejects with what an executor fails to close with, and the others are closed', async () => {
    const scheduler = new Scheduler();
    const broken = Object.assign(new ManualExecutor(), { close: () => Promise.reject(new RangeError('stuck')) });
    const fine = new ManualExecutor();
    scheduler.queue('broken', { executor: broken });
    scheduler.queue('fine', { executor: fine });
    await expect(scheduler.close()).rejects.toThrow(new RangeError('stuck'));
    expect(fine.closings).toBe(1);
    expect(scheduler.state).toBe('closed');
  });

  test('leaves handles, states and reasons to be read', async () => {
    const { scheduler, queue, executor } = closable();
    const handle = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').done('result');
    await scheduler.close();
    expect(await handle.result()).toBe('result');
    expect([handle.state, handle.why().reason, handle.cancel()]).toEqual(['done', 'settled', false]);
    expect(handle.actor.getSnapshot().value).toBe('done');
  });
});

test('a block that uses a scheduler closes it', async () => {
  const executor = new ManualExecutor();
  let left: Scheduler | undefined;
  {
    await using scheduler = new Scheduler();
    left = scheduler;
    scheduler.queue('q', { executor });
    expect(scheduler.state).toBe('stopped');
  }
  expect([left.state, executor.closings]).toEqual(['closed', 1]);
});

describe('the event close.requested, sent to the actor,', () => {
  test('leaves no task unsettled and no executor open', async () => {
    const { scheduler, queue, executor } = closable();
    const handle = queue.submit(nothing);
    void handle.settled();
    scheduler.actor.send({ type: 'close.requested' });
    await quiet();
    expect([handle.state, executor.closings, scheduler.state]).toEqual(['cancelled', 1, 'closed']);
  });
});
