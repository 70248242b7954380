/** Functions in worker processes: what the contract of executors leaves open. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Executor, TaskFunction } from '../../src/core/ports.js';
import { processes, type ProcessesOptions } from 'pullgraph/executors';
import { Scheduler, WorkerCrashed } from 'pullgraph';
import { inShell } from '../support/in-shell.js';
import { gone, isAlive, written } from '../support/living-processes.js';
import { RecordedAttempt, type RecordedAttemptOptions } from '../support/recorded-attempt.js';
import { refusalOf } from '../support/refusal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import * as family from './fixtures/family.js';

// Longer than a test may last: what ends sooner did not wait for it.
const NEVER_MS = 1_000_000;

interface Pool {
  readonly executor: Executor;
  run(fn: TaskFunction, ...args: readonly unknown[]): RecordedAttempt;
  runWith(how: RecordedAttemptOptions, fn: TaskFunction, ...args: readonly unknown[]): RecordedAttempt;
}

/** Closes with its test, which fails if an attempt has not ended once. */
function testedPool(options: ProcessesOptions = {}): Pool {
  const executor = processes(new URL('./fixtures/family.js', import.meta.url), { size: 1, ...options });
  const attempts: RecordedAttempt[] = [];
  onTestFinished(async () => {
    await executor.close();
    for (const attempt of attempts) expect(attempt.ends).toHaveLength(1);
  });
  const runWith: Pool['runWith'] = (how, fn, ...args) => {
    const attempt = new RecordedAttempt(fn, args, how);
    attempts.push(attempt);
    executor.run(attempt);
    return attempt;
  };
  return { executor, runWith, run: (fn, ...args) => runWith({}, fn, ...args) };
}

async function familyIn(file: string): Promise<readonly [number, number]> {
  const [leader, grandchild] = (await written(file)).split(' ').map(Number);
  if (leader === undefined || grandchild === undefined) throw new Error(`expected two numbers in ${file}`);
  return [leader, grandchild];
}

describe('a worker process', () => {
  test('is another process than this one, and serves one attempt after another', async () => {
    const pool = testedPool();
    const first = await pool.run(family.pid).value();
    expect(first).not.toBe(process.pid);
    expect(await pool.run(family.pid).value()).toBe(first);
  });

  test('is given variables and arguments of Node', async () => {
    const pool = testedPool({ env: { PULLGRAPH_TEST: 'set' }, execArgv: ['--max-old-space-size=200'] });
    expect(await pool.run(family.variable, 'PULLGRAPH_TEST').value()).toBe('set');
    expect(await pool.run(family.variable, 'PATH').value()).toBe(process.env['PATH']);
    expect(await pool.run(family.ownArgs).value()).toContain('--max-old-space-size=200');
  });

  test('ends when it has had nothing to do for a while', async () => {
    const pool = testedPool({ idleMs: 10 });
    await gone(Number(await pool.run(family.pid).value()));
    expect(await pool.run(family.identity, 1).value()).toBe(1);
  });

  test('ends when the executor is closed, with what its functions have left behind', async () => {
    const pool = testedPool();
    const pids = [await pool.run(family.pid).value(), await pool.run(family.leaveBehind).value()].map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);
    await pool.executor.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('is not led astray by messages that a function sends on its own account', async () => {
    const pool = testedPool();
    expect(await pool.run(family.chatter).value()).toBe('done');
    expect(await pool.run(family.identity, 2).value()).toBe(2);
  });
});

describe('an attempt whose worker process ends', () => {
  test.each<[how: string, fn: TaskFunction, args: unknown[], cause: RegExp]>([
    ['by process.exit', family.exit, [0], /exited with code 0/],
    ['by process.exit with a code', family.exit, [7], /exited with code 7/],
    ['by SIGKILL', family.killOneself, [], /was ended by SIGKILL/],
    ['by an exception in a callback', family.throwInCallback, [], /RangeError: out of a callback/],
    ['by a rejection that nobody handles', family.rejectUnhandled, [], /RangeError: nobody listens/],
  ])('%s fails with the cause, and the pool goes on', async (_, fn, args, cause) => {
    const pool = testedPool();
    const attempt = pool.runWith({ id: 'unlucky' }, fn, ...args);
    const next = pool.run(family.identity, 'unharmed');
    const error = await attempt.error();
    expect(error).toBeInstanceOf(WorkerCrashed);
    expect(error).toMatchObject({ code: 'WorkerCrashed', tasks: ['unlucky'] });
    expect(String((error as Error).cause)).toMatch(cause);
    expect(await next.value()).toBe('unharmed');
  });

  test('by running out of memory fails, and the pool goes on', async () => {
    const pool = testedPool({ execArgv: ['--max-old-space-size=64'] });
    expect(await pool.run(family.exhaustMemory).error()).toBeInstanceOf(WorkerCrashed);
    expect(await pool.run(family.identity, 1).value()).toBe(1);
  });

  test('after it has ended is done; the next runs elsewhere, once', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const pool = testedPool();
    for (let round = 0; round < 4; round += 1) {
      const exiting = pool.run(family.exitAfterwards);
      const next = pool.run(family.pid);
      const first = await exiting.value();
      expect(first).toBeTypeOf('number');
      // Only where its function had begun by then may it have been struck.
      const end = await next.ended;
      if (end.status === 'failed') expect(end.error).toBeInstanceOf(WorkerCrashed);
      else expect(end.value).toBeTypeOf('number');
    }
  });

  test('takes with it what it has started', async () => {
    const pool = testedPool();
    const file = join(temporaryFolder(), 'pids');
    const attempt = pool.run(family.startFamily, file);
    const [leader, grandchild] = await familyIn(file);
    process.kill(leader, 'SIGKILL');
    expect(await attempt.error()).toBeInstanceOf(WorkerCrashed);
    await gone(grandchild);
  });

  test('before it comes up fails, instead of waiting for ever', async () => {
    const pool = testedPool({ execArgv: ['--no-such-option-of-node'], size: 2 });
    const attempts = Array.from({ length: 4 }, () => pool.run(family.pid));
    for (const attempt of attempts) expect(await attempt.error()).toBeInstanceOf(WorkerCrashed);
  });
});

describe('an aborted attempt', () => {
  test('whose function asked for its signal is told why, and keeps its worker', async () => {
    const pool = testedPool({ graceMs: NEVER_MS });
    const before = await pool.run(family.pid).value();
    const file = join(temporaryFolder(), 'asked');
    const attempt = pool.run(family.reasonOfAbort, file);
    await written(file);
    pool.executor.abort(attempt, { code: 7 });
    expect(await attempt.value()).toEqual({ reason: { code: 7 } });
    expect(await pool.run(family.pid).value()).toBe(before);
  });

  test('whose function takes no notice is ended after its grace', async () => {
    const pool = testedPool({ graceMs: 50 });
    const file = join(temporaryFolder(), 'asked');
    const attempt = pool.run(family.ignoreSignal, file);
    await written(file);
    pool.executor.abort(attempt, 'enough');
    expect(await attempt.error()).toMatchObject({ code: 'TaskCancelled', cause: 'enough' });
  });

  test('has the grace that is given with it, and none when it is aborted again with none', async () => {
    const pool = testedPool({ graceMs: 50 });
    const folder = temporaryFolder();
    const attempt = pool.run(family.ignoreSignal, join(folder, 'asked'));
    await written(join(folder, 'asked'));
    pool.executor.abort(attempt, 'enough', NEVER_MS);
    await written(join(folder, 'asked-told'));
    expect(attempt.ends).toEqual([]);
    pool.executor.abort(attempt, 'enough', 0);
    expect(await attempt.error()).toMatchObject({ code: 'TaskCancelled' });
  });

  test('whose function did not ask is ended at once, with what it has started', async () => {
    const pool = testedPool({ graceMs: NEVER_MS });
    const file = join(temporaryFolder(), 'pids');
    const attempt = pool.run(family.startFamily, file);
    const pids = await familyIn(file);
    pool.executor.abort(attempt, 'enough');
    expect(await attempt.error()).toMatchObject({ code: 'TaskCancelled', tasks: [attempt.id] });
    await Promise.all(pids.map(gone));
  });

  test('that spins and ignores SIGTERM, as do its children, is killed with them', async () => {
    const pool = testedPool({ graceMs: 50 });
    const file = join(temporaryFolder(), 'pids');
    const attempt = pool.run(family.spinWithFamily, file);
    const pids = await familyIn(file);
    pool.executor.abort(attempt, 'enough');
    expect(await attempt.error()).toMatchObject({ code: 'TaskCancelled' });
    await Promise.all(pids.map(gone));
    expect(await pool.run(family.identity, 'next').value()).toBe('next');
  });

  test('that waits for a worker never begins', async () => {
    const pool = testedPool({ graceMs: NEVER_MS });
    const folder = temporaryFolder();
    const attempt = pool.run(family.reasonOfAbort, join(folder, 'first'));
    const waiting = pool.run(family.reasonOfAbort, join(folder, 'second'));
    await written(join(folder, 'first'));
    pool.executor.abort(waiting, 'enough');
    expect(await waiting.error()).toMatchObject({ code: 'TaskCancelled' });
    pool.executor.abort(attempt, 'enough');
    await attempt.ended;
    expect(existsSync(join(folder, 'second'))).toBe(false);
  });
});

test('a generator does not run ahead of a scheduler that is busy', async () => {
  const pool = testedPool();
  const file = join(temporaryFolder(), 'count');
  let last = 0;
  const attempt = pool.runWith(
    {
      stream: true,
      onPartial: (_, index) => {
        last = index;
        if (index === 100) pool.executor.abort(attempt, 'enough', 0);
        // Blocks this process, and with it the taking of results.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      },
    },
    family.endless,
    file,
  );
  await attempt.ended;
  expect(readFileSync(file, 'utf8').trimEnd().split('\n').length - 1 - last).toBeLessThanOrEqual(64);
});

describe('what cannot cross', () => {
  test.each<[path: string, what: string, arg: unknown]>([
    ['args[0]', 'the function parseInt', parseInt],
    ['args[0].a[1]', 'a SharedArrayBuffer', { a: [1, new SharedArrayBuffer(4)] }],
    ['args[0].get("k")', 'a WeakMap', new Map([['k', new WeakMap()]])],
  ])('fails its attempt with the path %s', async (path, what, arg) => {
    const pool = testedPool();
    const error = await pool.runWith({ id: 't' }, family.identity, arg).error();
    const message = `task t: ${path} cannot be sent to another process, it is ${what}`;
    expect(error).toMatchObject({ code: 'NotCloneable', message });
  });

  test('back is named by its path in the result', async () => {
    const pool = testedPool();
    const error = await pool.runWith({ id: 't' }, family.badResult).error();
    expect(error).toMatchObject({ code: 'NotCloneable' });
    expect((error as Error).message).toContain('result.deep[1] cannot be sent to another process');
  });

  test('by a getter that throws fails with that error', async () => {
    const pool = testedPool();
    const value = Object.defineProperty({}, 'bad', {
      enumerable: true,
      get: () => {
        throw new RangeError('on purpose');
      },
    });
    expect(await pool.run(family.identity, value).error()).toMatchObject({ name: 'RangeError', message: 'on purpose' });
  });
});

test('functions are refused at submission where there is no module', () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { executor: processes() });
  expect(refusalOf(() => queue.submit(family.pid))).toMatchObject({ code: 'FunctionNotFound' });
});

test('options that no pool can work with are refused', () => {
  const misspelt: object = { maxByte: 5 };
  expect(refusalOf(() => processes(misspelt)).message).toMatch(
    'processes has no option maxByte; did you mean maxBytes?',
  );
  expect(refusalOf(() => processes('file:///a.js', misspelt))).toMatchObject({ code: 'InvalidOption' });
  expect(refusalOf(() => processes('relative.js'))).toMatchObject({ code: 'InvalidOption' });
  expect(refusalOf(() => processes('file:///a.js', { size: 0 }))).toMatchObject({ code: 'InvalidOption' });
  expect(refusalOf(() => processes('file:///a.js', { idleMs: -1 }))).toMatchObject({ code: 'InvalidOption' });
});

test('a system without room for as many workers is waited for, and fewer do all the work', async () => {
  const program = fileURLToPath(new URL('./fixtures/crowded-program.js', import.meta.url));
  const printed = await inShell('ulimit -n 64; "$NODE" "$PROGRAM" | sort | uniq -c', { PROGRAM: program });
  expect(printed.trim()).toBe('60 done');
});
