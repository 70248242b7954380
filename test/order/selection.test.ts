import { expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { settleDown } from '../support/scheduler-comparison.js';

// Each of these once failed as a counterexample of the model-based test.

test('a task submitted while one of several slots is free is started at once', async () => {
  const { scheduler, queue, executor } = system(2);
  const a = queue.submit({ id: 'a' }, nothing);
  scheduler.start();
  await settleDown();
  queue.submit({ id: 'waiting', after: [a] }, nothing);
  await settleDown();
  queue.submit({ id: 'b' }, nothing);
  await settleDown();
  expect(executor.started.map(({ id }) => id)).toEqual(['a', 'b']);
});

test('a task whose releasing task was cancelled before it is done keeps nothing', async () => {
  const { scheduler, queue, executor } = system(1);
  const holder = queue.submit({ id: 'holder', hold: true }, nothing);
  const releaser = queue.submit({ id: 'releaser', release: [holder] }, nothing);
  releaser.cancel();
  queue.submit({ id: 'next', after: [holder] }, nothing);
  scheduler.start();
  await settleDown();
  executor.attemptAt('holder').done(1);
  await settleDown();
  expect(executor.started.map(({ id }) => id)).toEqual(['holder', 'next']);
});

test('each stop waits for what was running when it was called, also after a start in between', async () => {
  const { scheduler, queue, executor } = system(2);
  for (const id of ['c', 'b', 'a']) queue.submit({ id }, nothing);
  scheduler.start();
  await settleDown();
  const ended: string[] = [];
  void scheduler.stop().then(() => ended.push('first stop'));
  executor.attemptAt('a').done(1);
  scheduler.start();
  await settleDown();
  void scheduler.stop().then(() => ended.push('second stop'));
  executor.attemptAt('b').done(1);
  await settleDown();
  expect(ended).toEqual(['first stop']);
  executor.attemptAt('c').done(1);
  await settleDown();
  expect(ended).toEqual(['first stop', 'second stop']);
});

test('the scheduler is busy when the failure of a releasing task makes room for the last task', async () => {
  const { scheduler, queue, executor } = system(1);
  queue.submit({ id: 'last' }, nothing);
  const holder = queue.stream({ id: 'holder', hold: true }, () => []);
  queue.submit({ id: 'releaser', release: [holder] }, nothing, holder.at(0));
  scheduler.start();
  await settleDown();
  // It ends without the result that the releasing task needs, so that one fails.
  executor.attemptAt('holder').done(undefined);
  await settleDown();
  expect(executor.started.map(({ id }) => id)).toEqual(['holder', 'last']);
  expect(scheduler.state).toBe('busy');
});

function system(concurrency: number): {
  scheduler: Scheduler;
  queue: ReturnType<Scheduler['queue']>;
  executor: ManualExecutor;
} {
  const executor = new ManualExecutor();
  const scheduler = new Scheduler();
  return { scheduler, queue: scheduler.queue('q', { concurrency, executor }), executor };
}

function nothing(..._needed: readonly unknown[]): void {
  throw new Error('the manual executor calls no function');
}
