/** The end of a pool, and of workers that have nothing to do. */
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import { threads } from 'pullgraph/executors';
import { RecordedAttempt } from '../support/recorded-attempt.js';
import { whichThread } from './fixtures/arithmetic.js';
import * as contexts from './fixtures/contexts.js';
import * as gates from './fixtures/gates.js';
import { fixture, reaches, sharedCells, testedPool } from './run-in-threads.js';

test('a pool that was never used closes', async () => {
  await expect(threads(fixture('arithmetic.js')).close()).resolves.toBeUndefined();
});

test('closing ends what still runs, and what waits', async () => {
  const executor = threads(fixture('contexts.js'), { size: 1 });
  const cells = sharedCells(1);
  const spinning = new RecordedAttempt(contexts.spin, [cells]);
  const waiting = new RecordedAttempt(contexts.whoAmI);
  executor.run(spinning);
  executor.run(waiting);
  await reaches(cells, 0, 1);
  await executor.close();
  expect(spinning.ends).toMatchObject([{ status: 'failed', error: { code: 'WorkerCrashed' } }]);
  expect(waiting.ends).toMatchObject([{ status: 'failed', error: { code: 'SchedulerClosed' } }]);
});

test('closing while the module loads fails what was early', async () => {
  const executor = threads(fixture('gates.js'));
  const cells = sharedCells(2);
  const early = new RecordedAttempt(gates.takeTicket, [cells]);
  executor.run(early);
  await executor.close();
  expect(await early.error()).toMatchObject({ code: 'SchedulerClosed' });
  expect(Atomics.load(cells, 0)).toBe(0);
});

test('closing while workers are on their way leaves none behind', async () => {
  const executor = threads(fixture('gates.js'), { size: 2 });
  const cells = sharedCells(2);
  const attempts = Array.from({ length: 3 }, () => new RecordedAttempt(gates.takeTicket, [cells]));
  // The first is waited for so that the module is loaded; the others find one worker at rest and start another.
  for (const [index, attempt] of attempts.entries()) {
    executor.run(attempt);
    if (index === 0) await attempt.value();
  }
  await executor.close();
  for (const attempt of attempts) expect(attempt.ends).toHaveLength(1);
});

test('after closing nothing runs', async () => {
  const executor = threads(fixture('arithmetic.js'));
  await executor.close();
  const late = new RecordedAttempt(whichThread);
  executor.run(late);
  expect(late.ends).toMatchObject([{ status: 'failed', error: { code: 'SchedulerClosed', tasks: [late.id] } }]);
});

test('a worker without work is let go after its idle time, and another is started when there is some', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate');
  onTestFinished(() => terminate.mockRestore());
  const pool = testedPool('arithmetic.js', { size: 1, idleMs: 0 });
  const first = await pool.run(whichThread).value();
  expect(terminate).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(terminate).toHaveBeenCalled(), { timeout: 500_000 });
  expect(await pool.run(whichThread).value()).not.toBe(first);
});
