/** A folder that is unavailable for a while: who waits for how long, who is told, and what has run is not lost. */
import { renameSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { asItRan, isFolderLost } from '../../src/cli/shared-lines.js';
import { CommandResult } from '../../src/core/command-result.js';
import { Scheduler, SchedulerError } from '../../src/index.js';
import { FolderRetry } from '../../src/shared-folder/folder-retry.js';
import { sharedFolder } from '../../src/shared-folder/index.js';
import { unpublishedEnd } from '../../src/shared-folder/unpublished.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PATIENCE_MS = 30_000;
const CHECK_MS = 1_000;

/** A folder that is there or not, a clock that is put forward, and what is told of it. */
function folder() {
  const state = { nowMs: 0, isThere: true, steps: 0 };
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  const told: (string | undefined)[] = [];
  const clock = {
    now: () => state.nowMs,
    after: (delayMs: number, callback: () => void) => {
      const timer = { dueMs: state.nowMs + delayMs, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const retry = new FolderRetry(clock, {
    patienceMs: PATIENCE_MS,
    checkMs: CHECK_MS,
    onOutage: (error) => told.push(error?.code),
  });
  const step = (): Promise<string> =>
    retry
      .through(async () => {
        state.steps += 1;
        if (!state.isThere) throw new SchedulerError('FolderUnavailable', 'gone');
        return 'done';
      })
      .catch((error: unknown) => (error instanceof SchedulerError ? error.code : 'another error'));
  const pass = async (ms: number): Promise<void> => {
    for (const endMs = state.nowMs + ms; state.nowMs < endMs; state.nowMs += CHECK_MS) {
      await new Promise(setImmediate);
      for (const timer of [...timers].filter(({ dueMs }) => dueMs <= state.nowMs)) {
        timers.delete(timer);
        timer.callback();
      }
    }
    await new Promise(setImmediate);
  };
  return { state, told, step, pass };
}

describe('an outage of the folder', () => {
  test('is waited for once, by however many steps, and told once', async () => {
    const { state, told, step, pass } = folder();
    state.isThere = false;
    const first = step();
    await pass(PATIENCE_MS - 5 * CHECK_MS);
    const second = step();
    await pass(7 * CHECK_MS);
    // Whoever comes later has waited with those who came first.
    expect(await Promise.all([first, second])).toEqual(['FolderUnavailable', 'FolderUnavailable']);
    const { steps } = state;
    expect(await step()).toBe('FolderUnavailable');
    expect(state.steps).toBe(steps + 1);
    expect(told).toEqual(['FolderUnavailable']);
  });

  test('is over with the first step that succeeds, which is told too; the next is another', async () => {
    const { state, told, step, pass } = folder();
    state.isThere = false;
    const first = step();
    await pass(2 * CHECK_MS);
    state.isThere = true;
    await pass(2 * CHECK_MS);
    expect(await first).toBe('done');
    state.isThere = false;
    const second = step();
    await pass(PATIENCE_MS - 2 * CHECK_MS);
    state.isThere = true;
    await pass(2 * CHECK_MS);
    expect(await second).toBe('done');
    expect(told).toEqual(['FolderUnavailable', undefined, 'FolderUnavailable', undefined]);
  });

  test('that nobody has met for long has its own time', async () => {
    const { state, step, pass } = folder();
    state.isThere = false;
    const first = step();
    await pass(PATIENCE_MS + 2 * CHECK_MS);
    expect(await first).toBe('FolderUnavailable');
    await pass(3 * PATIENCE_MS);
    const second = step();
    await pass(5 * CHECK_MS);
    state.isThere = true;
    await pass(2 * CHECK_MS);
    expect(await second).toBe('done');
  });
});

/** Submits a task during which the folder goes; resolves with its outcome. */
async function outcomeWithoutFolder(fn: () => unknown) {
  const path = temporaryFolder();
  const told: unknown[] = [];
  const shared = sharedFolder(path, { patienceMs: 0, onOutage: (error) => told.push(error?.code) });
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  const queue = scheduler.queue('work', shared.over());
  scheduler.start();
  const outcome = await queue
    .submit({ id: 'a' }, () => {
      renameSync(path, `${path}-aside`);
      writeFileSync(path, '');
      return fn();
    })
    .settled();
  return { outcome, told, shared };
}

describe('a task that has run while the folder went', () => {
  test('fails, and its result can be had', async () => {
    const { outcome, told, shared } = await outcomeWithoutFolder(() => 7);
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'FolderUnavailable', tasks: ['a'] } });
    expect(told).toEqual(['FolderUnavailable']);
    expect(shared.unpublished).toEqual(['a']);
    expect(outcome.status === 'failed' && unpublishedEnd(outcome.error)).toEqual({ kind: 'done', value: 7 });
  });

  test('has failed with its own error, and that can be had too', async () => {
    const { outcome } = await outcomeWithoutFolder(() => {
      throw new RangeError('no');
    });
    const end = outcome.status === 'failed' ? unpublishedEnd(outcome.error) : undefined;
    expect(end).toMatchObject({ kind: 'failed', error: { name: 'RangeError', message: 'no' } });
  });

  test('is to the command a line that ended as it did here', async () => {
    const given = {
      exitCode: 0,
      signal: undefined,
      stdout: Buffer.from('out'),
      stderr: Buffer.from(''),
      truncated: false,
    };
    const { outcome } = await outcomeWithoutFolder(() => new CommandResult(given));
    const own = asItRan(outcome as Parameters<typeof asItRan>[0]);
    expect(own).toMatchObject({ status: 'done', result: { exitCode: 0, stdout: 'out' } });
    expect(isFolderLost(own)).toBe(false);
    const notRun = new SchedulerError('FolderUnavailable', 'gone');
    expect(isFolderLost(asItRan({ status: 'failed', error: notRun }))).toBe(true);
  });
});

test('a process is warned once of an outage that nobody listens for', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const path = temporaryFolder();
  const scheduler = new Scheduler();
  const queue = scheduler.queue('work', sharedFolder(path, { patienceMs: 0 }).over({ concurrency: 1 }));
  renameSync(path, `${path}-aside`);
  const tasks = ['a', 'b', 'c'].map((id) => queue.submit({ id }, () => id));
  scheduler.start();
  for (const task of tasks) expect(await task.settled()).toMatchObject({ error: { code: 'FolderUnavailable' } });
  expect(warn.mock.calls.map(([, options]) => options)).toEqual([{ code: 'PULLGRAPH_FOLDER_UNAVAILABLE' }]);
  await scheduler.close();
});
