/** Small parts of the behaviour that have no file of their own. */
import { expect, test } from 'vitest';
import { type Attempt, type Executor, Handle, Scheduler } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;

test('a kind that is no text is refused', () => {
  const queue = new Scheduler().queue('q');
  for (const kind of ['', 7]) {
    const refusal = refusalOf(() => queue.submit({ kind: kind as string }, nothing));
    expect(refusal).toMatchObject({ code: 'InvalidOption', message: expect.stringContaining('a kind') as string });
  }
});

test('the tasks of one burst share one turn, and those that come after it have another', async () => {
  const turns: (() => void)[] = [];
  const executor = new ManualExecutor();
  const scheduler = new Scheduler({ _turn: (callback) => void turns.push(callback) });
  const queue = scheduler.queue('q', { executor, concurrency: 2 });
  scheduler.start();
  for (const id of ['a', 'b']) queue.submit({ id }, nothing);
  expect([turns.length, executor.started.length]).toEqual([1, 0]);
  turns.pop()?.();
  expect(executor.started.length).toBe(2);
  queue.submit({ id: 'c' }, nothing);
  expect(turns.length).toBe(1);
  const closed = scheduler.terminate();
  for (const attempt of executor.started) attempt.failed('aborted');
  await closed;
});

test('a queue follows the slots of an executor that has them elsewhere, and has one at least', () => {
  let tell: (slots: number) => void = nothing;
  const executor: Executor = Object.assign(new ManualExecutor(), {
    watchSlots(changed: (slots: number) => void) {
      tell = changed;
    },
  });
  const queue = new Scheduler().queue('q', { executor, concurrency: 'workers' });
  const seen = [queue.concurrency];
  for (const slots of [5, 0, 2]) {
    tell(slots);
    seen.push(queue.concurrency);
  }
  expect(seen).toEqual([1, 5, 1, 2]);
});

test('an executor is told what identifies the work of a task that is kept, and nothing of others', async () => {
  const scheduler = new Scheduler({ store: memoryStore() });
  const executor = new ManualExecutor();
  const queue = scheduler.queue('q', { executor, concurrency: 2 });
  queue.submit({ id: 'kept', key: 'the key', version: 1 }, nothing);
  queue.submit({ id: 'other' }, nothing);
  scheduler.start();
  await quiet();
  expect(executor.attemptAt('kept').kept).toEqual({ key: 'the key', fn: expect.any(String) as string });
  expect(executor.attemptAt('other').kept).toBeUndefined();
  for (const attempt of executor.started) attempt.done(1);
  await scheduler.close();
});

test('an attempt that has ended does not begin, and is not aborted', async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { executor });
  const handle = queue.submit({ id: 't' }, nothing);
  scheduler.start();
  await quiet();
  const attempt: Attempt = executor.attemptAt('t');
  attempt.done(1);
  expect(attempt.begins?.()).toBe(false);
  expect(handle.cancel()).toBe(false);
  expect(executor.aborted.size).toBe(0);
});

test('what comes from an earlier attempt, or after the end of a task, is counted and changes nothing', async () => {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler();
  const task = scheduler.queue('q', { executor }).submit({ id: 't' }, nothing);
  const { record } = Handle._target(task);
  scheduler.start();
  await quiet();
  record.send({ type: 'attempt.done', attempt: 7, result: 'of another' });
  expect([task.state, scheduler._counts['staleReports']]).toEqual(['running', 1]);
  executor.attemptAt('t').done('own');
  record.send({ type: 'cancel.requested', reason: 'too late' });
  expect([await task.result(), scheduler._counts['staleReports']]).toEqual(['own', 2]);
  await scheduler.close();
});

test('what is learned of more than 1,000 kinds of tasks is learned of the rest together', async () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { concurrency: 64 });
  scheduler.start();
  for (let kind = 0; kind < 1_010; kind += 1) queue.submit({ kind: `kind ${kind}` }, nothing);
  await scheduler.wait();
  await scheduler.stop();
  queue.submit({ kind: 'kind 1005' }, nothing);
  queue.submit({ kind: 'never seen' }, nothing);
  // Both are of those that have no place of their own, of which some have run.
  expect(scheduler.estimate()).toMatchObject({ unknown: 0 });
  await scheduler.terminate();
});

test('a task that is cancelled by who hears of its grant does not begin, and its slot goes to the next', async () => {
  const scheduler = new Scheduler();
  const executor = new ManualExecutor();
  const queue = scheduler.queue('q', { executor, concurrency: 1 });
  const [next, last] = [queue.submit({ id: 'next' }, nothing), queue.submit({ id: 'last' }, nothing)];
  const returned: string[] = [];
  scheduler.on('slot', ({ id, change }) => {
    if (change === 'returned') returned.push(id);
    if (change === 'taken' && id === 'last') last.cancel();
  });
  scheduler.start();
  await quiet();
  expect(executor.started.map(({ id }) => id)).toEqual(['next']);
  expect([last.state, next.state, returned]).toEqual(['cancelled', 'running', ['last']]);
  executor.attemptAt('next').done(1);
  await scheduler.wait();
  expect([scheduler.state, queue.running, returned]).toEqual(['idle', 0, ['last', 'next']]);
});
