/** Tasks that must not run twice, and runs whose store fails. */
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { outcomeKind, Scheduler, type SchedulerOptions, TaskInterrupted } from '../../src/index.js';
import type { Store } from '../../src/core/store-port.js';
import { memoryStore, sqliteStore } from '../../src/store/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { quiet } from '../support/event-loop.js';
import { refusalOf } from '../support/refusal.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pay = (amount: number): number => amount;

function schedulerOver(store: Store, options: SchedulerOptions = {}): Scheduler {
  const scheduler = new Scheduler({ ...options, store });
  onTestFinished(() => scheduler.terminate());
  return scheduler;
}

describe('a task with onInterrupted: fail', () => {
  test('fails if it was running when an earlier run ended, until it is forgotten', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'run.db');
    const first = new Scheduler({ store: sqliteStore(path) });
    const executor = new ManualExecutor();
    first.queue('q', { executor }).submit({ key: 'pay', onInterrupted: 'fail' }, pay, 5);
    first.start();
    await quiet();
    // The mark stands in the file as soon as the function may run; a copy is what a dead process would leave.
    const copy = join(folder, 'copy.db');
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    const closed = first.terminate();
    executor.started[0]?.done(1);
    await closed;
    const second = schedulerOver(sqliteStore(copy));
    const again = second.queue('q').submit({ id: 't', key: 'pay', onInterrupted: 'fail' }, pay, 5);
    const outcome = await again.settled();
    expect(outcomeKind(outcome)).toBe('interrupted');
    expect(outcome).toMatchObject({ error: { key: 'pay', tasks: ['t'] } });
    expect(outcome.status === 'failed' && outcome.error instanceof TaskInterrupted).toBe(true);
    // A new version of the function is the same payment, another amount is another one.
    const other = second.queue('s').submit({ key: 'pay', onInterrupted: 'fail', version: 2 }, pay, 5);
    expect(outcomeKind(await other.settled())).toBe('interrupted');
    expect(second.queue('r').submit({ key: 'pay', onInterrupted: 'fail' }, pay, 6).state).toBe('ready');
  });

  test('runs again if it was ended, and not interrupted', async () => {
    const store = memoryStore();
    const first = new Scheduler({ store });
    const executor = new ManualExecutor();
    const queue = first.queue('q', { executor });
    const task = queue.submit({ key: 'pay', onInterrupted: 'fail' }, pay, 5);
    first.start();
    await quiet();
    executor.started[0]?.failed(new Error('refused'));
    await task.settled();
    await first.close();
    expect(schedulerOver(store).queue('q').submit({ key: 'pay', onInterrupted: 'fail' }, pay, 5).state).toBe('ready');
  });
});

describe('a store that cannot be written', () => {
  /** A large value needs the folder, in whose place there is a file. */
  const large = (): Uint8Array => new Uint8Array(2 ** 21);

  test('stops the run where its errors are to, and wait() says why', async () => {
    const path = join(temporaryFolder(), 'run.db');
    writeFileSync(`${path}-values`, '');
    const scheduler = schedulerOver(sqliteStore(path), { durability: 'each', onStoreError: 'stop' });
    const queue = scheduler.queue('q', { concurrency: 1 });
    const first = queue.submit({ key: 'first', priority: 1 }, large);
    const second = queue.submit(() => 2);
    scheduler.start();
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect([first.state, second.state]).toEqual(['done', 'ready']);
    rmSync(`${path}-values`);
  });

  test('stops the run, and wait() says why, if it was the last result that could not be kept', async () => {
    const path = join(temporaryFolder(), 'run.db');
    writeFileSync(`${path}-values`, '');
    const scheduler = schedulerOver(sqliteStore(path), { durability: 'each', onStoreError: 'stop' });
    scheduler.queue('q').submit({ key: 'last' }, large);
    scheduler.start();
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'StoreUnavailable' });
    rmSync(`${path}-values`);
  });

  test('tells flush(), and loses nothing when it can be written again', async () => {
    const path = join(temporaryFolder(), 'run.db');
    writeFileSync(`${path}-values`, '');
    const scheduler = schedulerOver(sqliteStore(path), { onStoreError: () => 'continue' });
    const task = scheduler.queue('q').submit({ key: 'k' }, large);
    scheduler.start();
    await task.result();
    await expect(scheduler.flush()).rejects.toMatchObject({ code: 'StoreUnavailable' });
    rmSync(`${path}-values`);
    await scheduler.flush();
    await scheduler.close();
    expect(schedulerOver(sqliteStore(path)).queue('q').submit({ key: 'k' }, large).state).toBe('done');
  });
});

test.each([
  ['store', {}, 'store must be one of pullgraph/store'],
  ['durability', 'always', 'durability must be batch or each'],
  ['onStoreError', 'ignore', 'onStoreError must be continue, stop or a function'],
])('the option %s is checked', (name, value, message) => {
  const error = refusalOf(() => new Scheduler({ [name]: value }));
  expect([error.code, error.message]).toEqual(['InvalidOption', expect.stringContaining(message)]);
});
