/** How deep the calls go between the report of an executor and the code of a user. */
import { expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { settleDown } from '../support/scheduler-comparison.js';

test('an end that is reported reaches a listener in at most 10 calls', async () => {
  const executor = new ManualExecutor();
  await using scheduler = new Scheduler();
  const queue = scheduler.queue('q', { executor });
  queue.submit({ id: 'a' }, () => 1);
  let calls: readonly string[] = [];
  scheduler.on('settled', () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 50;
    const frames = new Error('where am I?').stack?.split('\n').slice(1) ?? [];
    Error.stackTraceLimit = stackTraceLimit;
    const report = frames.findIndex((frame) => frame.includes('reportDone'));
    calls = frames.slice(1, report);
  });
  scheduler.start();
  await settleDown();
  const reportDone = (): void => executor.attemptAt('a').done(1);
  reportDone();
  expect(calls.length).toBeGreaterThan(3);
  expect(calls.slice(10)).toEqual([]);
});
