/** Cancelling: by the handle, by the task's actor, and by a signal in the options. */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { taskContext } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;
const pass = (value: unknown): unknown => value;

describe('cancel', () => {
  test('settles a pending task at once, for good', async () => {
    const { scheduler, queue, started, executor } = manualQueue();
    const dependency = queue.submit({ id: 'dependency' }, nothing);
    const task = queue.submit({ id: 'task' }, pass, dependency);
    expect(task.cancel('why not')).toBe(true);
    expect(task.state).toBe('cancelled');
    expect(task.cancel('again')).toBe(false);
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'why not' });
    await expect(task.result()).rejects.toMatchObject({
      name: 'TaskCancelled',
      code: 'TaskCancelled',
      tasks: ['task'],
      cause: 'why not',
    });
    scheduler.start();
    await quiet();
    executor.attemptAt('dependency').done(1);
    await quiet();
    expect(started()).toEqual(['dependency']);
    expect(dependency.state).toBe('done');
  });

  test('settles a ready task, which never starts', async () => {
    const { scheduler, queue, started } = manualQueue();
    const task = queue.submit({ id: 'task' }, nothing);
    const other = queue.submit({ id: 'other' }, nothing);
    expect(other.cancel()).toBe(true);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['task']);
    expect([task.state, other.state]).toEqual(['running', 'cancelled']);
    expect(await other.settled()).toEqual({ status: 'cancelled', reason: undefined });
  });

  test('settles a running task at once, and keeps its slot until the attempt has ended', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ resources: { ram: 1 } });
    const next = queue.submit({ id: 'next' }, nothing);
    const running = queue.submit({ id: 'running', resources: { ram: 1 } }, nothing);
    scheduler.start();
    await quiet();
    const attempt = executor.attemptAt('running');
    expect(running.cancel('enough')).toBe(true);
    expect(running.state).toBe('cancelled');
    expect([...executor.aborted]).toEqual(['running']);
    expect(attempt.signal.aborted).toBe(true);
    expect(attempt.signal.reason).toBe('enough');
    await quiet();
    expect([started(), next.state]).toEqual([['running'], 'ready']);
    expect(queue.actor.getSnapshot().context.ledger).toMatchObject({ slotsTaken: 1, taken: [1] });
    attempt.failed('aborted');
    await quiet();
    expect(started()).toEqual(['running', 'next']);
  });

  test('of a task with partial results keeps them and its slot', async () => {
    const { scheduler, queue, executor, started } = manualQueue();
    queue.submit({ id: 'next' }, nothing);
    const stream = queue.stream({ id: 's' }, () => [1]);
    const ofSecond = queue.submit({ id: 'ofSecond' }, pass, stream.at(1));
    scheduler.start();
    await quiet();
    executor.attemptAt('s').partial('first');
    expect(stream.state).toBe('partial');
    expect(stream.cancel()).toBe(true);
    expect([stream.state, stream.at(0).state, ofSecond.state]).toEqual(['cancelled', 'done', 'failed']);
    await quiet();
    expect(started()).toEqual(['s']);
    executor.attemptAt('s').done(undefined);
    await quiet();
    expect(started()).toEqual(['s', 'next']);
  });

  test('makes late reports of the attempt count for nothing', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const stream = queue.stream({ id: 's' }, () => [1]);
    const events: string[] = [];
    scheduler.start();
    await quiet();
    const attempt = executor.attemptAt('s');
    attempt.partial('in time');
    stream.cancel('enough');
    scheduler.on('task', ({ state }) => events.push(state));
    scheduler.on('partial', ({ index }) => events.push(`partial ${index}`));
    const { staleReports = 0 } = scheduler._counts;
    attempt.partial('late');
    attempt.done('late');
    attempt.done('later');
    attempt.failed(new RangeError('last'));
    attempt.partial('after the end');
    expect(events).toEqual([]);
    expect(await stream.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect(await stream.at(1).settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect(scheduler._counts['staleReports']).toBe(staleReports + 5);
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
  });

  test('of a settled task changes nothing', async () => {
    const { scheduler, queue } = oneQueue();
    const done = queue.submit(() => 7);
    scheduler.start();
    await done.result();
    expect(done.cancel()).toBe(false);
    expect([done.state, await done.result()]).toEqual(['done', 7]);
  });

  test('is told with the state that the task was in', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 4 });
    const moves: string[] = [];
    scheduler.on('task', ({ id, previous, state }) => {
      if (state === 'cancelled') moves.push(`${id} was ${previous}`);
    });
    const stream = queue.stream({ id: 'delivering' }, () => [1]);
    const running = queue.submit({ id: 'running' }, nothing);
    const waiting = queue.submit({ id: 'waiting', after: [running] }, nothing);
    const following = queue.submit({ id: 'following' }, nothing);
    const pausing = queue.submit({ id: 'pausing', retry: { attempts: 2, backoffMs: 1_000 } }, nothing);
    scheduler.start();
    await quiet();
    const paused = scheduler.queue('paused');
    paused.pause();
    const ready = paused.submit({ id: 'ready' }, nothing);
    executor.attemptAt('delivering').partial(1);
    executor.attemptAt('following').done(running);
    executor.attemptAt('pausing').failed(new RangeError('once'));
    await quiet();
    for (const handle of [stream, ready, waiting, following, pausing, running]) handle.cancel();
    expect(moves).toEqual([
      'delivering was partial',
      'ready was ready',
      'waiting was pending',
      'following was pending',
      'pausing was pending',
      'running was running',
    ]);
  });

  test('of a partial result cancels its task', async () => {
    const { queue } = oneQueue();
    const stream = queue.stream(() => [1]);
    expect(stream.at(3).cancel('by a part')).toBe(true);
    expect(await stream.settled()).toEqual({ status: 'cancelled', reason: 'by a part' });
  });

  test('by a task of itself ends it as cancelled, whatever it returns', async () => {
    const { scheduler, queue } = oneQueue();
    const task = queue.submit((): string => {
      task.cancel('by itself');
      return 'ignored';
    });
    const next = queue.submit({ priority: -1 }, () => 'next');
    scheduler.start();
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'by itself' });
    expect(await next.result()).toBe('next');
  });

  test('from within a listener settles a running task once the listener has returned, by the first of two reasons', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const victim = queue.submit({ id: 'victim' }, nothing);
    const states: string[] = [];
    const cancel = (): void => {
      for (const reason of ['first', 'second']) {
        expect(victim.cancel(reason)).toBe(true);
        states.push(victim.state);
      }
    };
    queue.submit({ id: 'told', onSettled: cancel }, nothing);
    scheduler.start();
    await quiet();
    const { staleReports = 0 } = scheduler._counts;
    executor.attemptAt('told').done(1);
    expect(states).toEqual(['running', 'running']);
    expect(await victim.settled()).toEqual({ status: 'cancelled', reason: 'first' });
    expect(scheduler._counts['staleReports']).toBe(staleReports + 1);
  });

  test('from within a listener, at the moment of its start, keeps the function from running or ends it', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const victim = queue.submit({ id: 'victim' }, nothing);
    queue.submit({ id: 'first' }, nothing);
    scheduler.on('task', ({ id, state }) => {
      if (id === 'first' && state === 'running') victim.cancel('in passing');
    });
    scheduler.start();
    await quiet();
    expect(victim.state).toBe('cancelled');
    executor.attemptAt('first').done(1);
    for (const attempt of executor.started) attempt.failed('aborted');
    await scheduler.wait();
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
  });

  test('by the event cancel.requested to the actor is the same', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const ready = queue.submit({ id: 'ready' }, nothing);
    const running = queue.submit({ id: 'running' }, nothing);
    const dependents = [ready, running].map((task) => queue.submit(pass, task));
    scheduler.start();
    await quiet();
    for (const task of [ready, running]) task.actor.send({ type: 'cancel.requested', reason: 'from outside' });
    await quiet();
    for (const task of [ready, running]) {
      expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'from outside' });
    }
    expect(dependents.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect([...executor.aborted]).toEqual(['running']);
    executor.attemptAt('running').failed('aborted');
    const left = scheduler.wait();
    await expect(left).rejects.toMatchObject({ code: 'TasksFailed', count: 2 });
    expect(executor.started).toHaveLength(1);
  });
});

describe('an inline function', () => {
  test('is told by its signal, and ends when it ends', async () => {
    const { scheduler, queue } = oneQueue();
    const goOn = new Gate();
    const reasons: unknown[] = [];
    const task = queue.submit(async () => {
      const { signal } = taskContext();
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      await goOn.promise;
      return 'ignored';
    });
    const next = queue.submit({ priority: -1 }, () => 'next');
    scheduler.start();
    await quiet();
    task.cancel('enough');
    expect(reasons).toEqual(['enough']);
    expect(await isKept(next.result())).toBe(false);
    goOn.open();
    expect(await next.result()).toBe('next');
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
  });

  test('that is a generator is closed at its next turn', async () => {
    const { scheduler, queue } = oneQueue();
    let steps = 0;
    let isClosed = false;
    const stream = queue.submit(function* () {
      try {
        for (;;) {
          steps += 1;
          yield steps;
        }
      } finally {
        isClosed = true;
      }
    });
    scheduler.start();
    await stream.at(9).result();
    stream.cancel();
    const upTo = steps;
    expect(await queue.submit(() => 'the slot is free').result()).toBe('the slot is free');
    expect([isClosed, steps]).toEqual([true, upTo]);
  });

  test('that is an async generator is closed when its wait is over', async () => {
    const { scheduler, queue } = oneQueue();
    const goOn = new Gate();
    const notes: string[] = [];
    const stream = queue.submit(async function* () {
      try {
        yield 1;
        await goOn.promise;
        yield 2;
        notes.push('went on');
      } finally {
        notes.push('closed');
      }
    });
    scheduler.start();
    await stream.at(0).result();
    await quiet();
    stream.cancel();
    await quiet();
    expect(notes).toEqual([]);
    goOn.open();
    expect(await queue.submit(() => 'the slot is free').result()).toBe('the slot is free');
    expect(notes).toEqual(['closed']);
  });
});

describe('the signal option', () => {
  test('cancels the task when it aborts, with its reason', async () => {
    const { queue } = oneQueue();
    const controller = new AbortController();
    const tasks = [
      queue.submit({ signal: controller.signal }, nothing),
      queue.submit({ signal: controller.signal }, nothing),
    ];
    const other = queue.submit(nothing);
    controller.abort('switched off');
    for (const task of tasks) expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'switched off' });
    expect(other.state).toBe('ready');
  });

  test('aborts a running attempt', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const controller = new AbortController();
    queue.submit({ id: 'task', signal: controller.signal }, nothing);
    scheduler.start();
    await quiet();
    controller.abort('switched off');
    expect([...executor.aborted]).toEqual(['task']);
    expect(executor.attemptAt('task').signal.reason).toBe('switched off');
  });

  test('that has aborted already cancels the task at once, which never runs', async () => {
    const { scheduler, queue, started } = manualQueue();
    scheduler.start();
    const task = queue.submit({ signal: AbortSignal.abort('too late') }, nothing);
    expect(task.state).toBe('cancelled');
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'too late' });
    await quiet();
    expect(started()).toEqual([]);
    await scheduler.wait();
  });

  test('is no longer listened to once the task has settled', async () => {
    const { scheduler, queue } = oneQueue();
    const { signal } = new AbortController();
    const bad = queue.submit(() => {
      throw new RangeError('x');
    });
    const tasks = [
      queue.submit({ signal }, nothing),
      queue.submit({ signal }, () => {
        throw new RangeError('y');
      }),
      queue.submit({ signal, after: [bad] }, nothing),
      queue.submit({ signal }, nothing),
    ];
    // One for all of them: Node warns of a leak when a signal has more than ten.
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    tasks[3]?.cancel();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    scheduler.start();
    for (const task of [bad, ...tasks]) await task.settled();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('is not listened to for a task that fails at its submission', async () => {
    const { queue } = oneQueue();
    const { signal } = new AbortController();
    const cancelled = queue.submit(nothing);
    cancelled.cancel();
    const task = queue.submit({ signal }, pass, cancelled);
    expect(task.state).toBe('failed');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('changes nothing when it aborts after the end', async () => {
    const { scheduler, queue } = oneQueue();
    const controller = new AbortController();
    const task = queue.submit({ signal: controller.signal }, () => 7);
    scheduler.start();
    await task.result();
    controller.abort();
    expect([task.state, await task.result()]).toEqual(['done', 7]);
  });
});
