/** The end of a scheduler at once, or by its actor: what runs is told of it, who hears of failures, and what comes too late. */
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { type Interpreter, Scheduler, schedulerLogic } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { manualQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';
import { unhandledRejections } from '../support/uncaught-errors.js';

const nothing = (): void => undefined;

/** An executor that cannot be closed. */
class Stuck extends ManualExecutor {
  override close(): Promise<void> {
    return Promise.reject(new RangeError('stuck'));
  }
}

describe('terminate', () => {
  test('cancels what runs, with the reason that it is given, and leaves it no time', async () => {
    const { scheduler, queue, executor } = manualQueue({ graceMs: 500 });
    const task = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    const terminated = scheduler.terminate('the lights go out');
    expect(executor.graces).toEqual(new Map([['a', 0]]));
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'the lights go out' });
    executor.attemptAt('a').failed('aborted');
    await terminated;
  });

  test('leaves no time to what was cancelled before, and was given some', async () => {
    const { scheduler, queue, executor } = manualQueue({ graceMs: 500 });
    const task = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    await quiet();
    task.cancel();
    expect(executor.graces.get('a')).toBe(500);
    const terminated = scheduler.terminate();
    expect(executor.graces.get('a')).toBe(0);
    executor.attemptAt('a').failed('aborted');
    await terminated;
  });

  test('waits also for what has started since a stop that is not over', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    queue.submit({ id: 'before' }, nothing);
    scheduler.start();
    void scheduler.stop();
    scheduler.start();
    queue.submit({ id: 'since' }, nothing);
    await quiet();
    const terminated = scheduler.terminate();
    executor.attemptAt('before').failed('aborted');
    expect([await isKept(terminated), executor.closings]).toEqual([false, 0]);
    executor.attemptAt('since').failed('aborted');
    await terminated;
    expect(executor.closings).toBe(1);
  });

  test('is no unhandled rejection where an executor fails to close', async () => {
    const errors = unhandledRejections();
    const scheduler = new Scheduler();
    scheduler.queue('q', { executor: new Stuck() });
    void scheduler.terminate();
    await quiet();
    expect([scheduler.state, errors]).toEqual(['closed', []]);
  });
});

describe.each<[string, Interpreter]>([
  ['of its own', 'compiled'],
  ['of its own', 'xstate'],
  ['that was invoked', 'compiled'],
  ['that was invoked', 'xstate'],
])('a scheduler whose actor, %s (%s), is stopped from outside', (whose, interpreter) => {
  function stopped(executor: ManualExecutor) {
    const own = whose === 'of its own' ? new Scheduler({ interpreter }) : undefined;
    const actor = own?.actor ?? createActor(schedulerLogic, { input: { interpreter } }).start();
    const { scheduler } = actor.getSnapshot().context;
    const queue = scheduler.queue('q', { executor });
    const states: string[] = [];
    scheduler.on('scheduler', ({ state }) => void states.push(state));
    const task = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    actor.stop();
    return { scheduler, states, task };
  }

  test('is closing until what runs has ended, then closed, and posts no message after that', async () => {
    const executor = new ManualExecutor();
    const { scheduler, states, task } = stopped(executor);
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'the scheduler was stopped' });
    await quiet();
    expect(states).toEqual(['busy', 'closing']);
    executor.attemptAt('a').failed('aborted');
    await scheduler.close();
    expect([states, executor.closings]).toEqual([['busy', 'closing', 'closed'], 1]);
    const { messages } = scheduler._counts;
    await scheduler.stop();
    expect(scheduler._counts['messages']).toBe(messages);
  });

  test('has no unhandled rejection where an executor fails to close', async () => {
    const errors = unhandledRejections();
    const executor = new Stuck();
    const { scheduler } = stopped(executor);
    executor.attemptAt('a').failed('aborted');
    await quiet();
    expect([scheduler.state, errors]).toEqual(['closed', []]);
  });
});

describe('the event close.requested, sent to the actor,', () => {
  test('lets a running scheduler take nothing more, and do what was submitted', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const task = queue.submit({ id: 'a' }, nothing);
    scheduler.start();
    scheduler.actor.send({ type: 'close.requested' });
    await quiet();
    expect(refusalOf(() => queue.submit(nothing)).code).toBe('SchedulerClosed');
    expect(scheduler.state).toBe('draining');
    executor.attemptAt('a').done(1);
    await quiet();
    expect([task.state, scheduler.state]).toEqual(['done', 'closed']);
  });

  test('is an unhandled rejection where tasks are lost, as nobody else is told', async () => {
    const errors = unhandledRejections();
    const scheduler = new Scheduler();
    scheduler.queue('q').submit({ id: 'lost' }, nothing);
    scheduler.actor.send({ type: 'close.requested' });
    await quiet();
    expect(errors).toMatchObject([{ code: 'TasksFailed', tasks: ['lost'] }]);
  });
});

test('the event terminate.requested, sent to the actor, cancels what has not started and lets what runs end', async () => {
  const { scheduler, queue, executor } = manualQueue();
  const [waits, runs] = ['waits', 'runs'].map((id) => queue.submit({ id }, nothing));
  void waits?.settled();
  scheduler.start();
  scheduler.actor.send({ type: 'terminate.requested' });
  await quiet();
  expect([waits?.state, runs?.state, scheduler.state]).toEqual(['cancelled', 'running', 'closing']);
  executor.attemptAt('runs').done(1);
  await quiet();
  expect([runs?.state, scheduler.state, executor.closings]).toEqual(['done', 'closed', 1]);
});

test('what is asked of a closed scheduler is no message to its actor', async () => {
  const scheduler = new Scheduler();
  await scheduler.close();
  const { messages } = scheduler._counts;
  await Promise.all([scheduler.stop(), scheduler.close(), scheduler.terminate()]);
  expect(scheduler._counts['messages']).toBe(messages);
});
