/** How commands are ended, and that nothing of them is left. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { processes, type ProcessesOptions } from 'pullgraph/executors';
import { type Queue, Scheduler, type SchedulerOptions } from 'pullgraph';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { gone, isAlive, written } from '../support/living-processes.js';
import { scaledRuns } from '../support/property-runs.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Longer than a test may last: what ends sooner did not wait for it.
const NEVER_MS = 1_000_000;

function open(
  options: ProcessesOptions,
  how: SchedulerOptions = {},
): { readonly scheduler: Scheduler; readonly queue: Queue } {
  const scheduler = new Scheduler(how);
  const queue = scheduler.queue('q', { concurrency: 1, executor: processes(options) });
  onTestFinished(() => scheduler.terminate());
  scheduler.start();
  return { scheduler, queue };
}

/** Writes its own number and that of a process it has started, and waits. */
const FAMILY = 'sleep 1000 & echo $$ $! > "$1"; wait';

async function familyIn(file: string): Promise<readonly [number, number]> {
  const [leader, grandchild] = (await written(file)).split(' ').map(Number);
  if (leader === undefined || grandchild === undefined) throw new Error(`expected two numbers in ${file}`);
  return [leader, grandchild];
}

describe('a cancelled command', () => {
  test('is asked to end, with all that it has started, and gives its slot to the next', async () => {
    const { queue } = open({ graceMs: NEVER_MS });
    const file = join(temporaryFolder(), 'pids');
    const task = queue.run(FAMILY, [file], { shell: true });
    const family = await familyIn(file);
    const next = queue.run('echo', ['next']);
    task.cancel('enough');
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect((await next.result()).stdout).toBe('next\n');
    expect(family.map(isAlive)).toEqual([false, false]);
  });

  test('that takes no notice of SIGTERM is killed after its grace, with all that it has started', async () => {
    const { queue } = open({ graceMs: 50 });
    const file = join(temporaryFolder(), 'pids');
    // What ignores a signal hands that on to what it starts.
    const task = queue.run(`trap "" TERM; ${FAMILY}`, [file], { shell: true });
    const family = await familyIn(file);
    const next = queue.run('echo', ['next']);
    task.cancel();
    expect((await next.result()).stdout).toBe('next\n');
    await Promise.all(family.map(gone));
  });

  test('may end in its own way before its grace is over', async () => {
    const { queue } = open({ graceMs: NEVER_MS });
    const folder = temporaryFolder();
    const script = 'trap "echo bye > $1/bye; exit" TERM; echo $$ > $1/ready; while :; do sleep 0.01; done';
    const task = queue.run(script, [folder], { shell: true });
    await written(join(folder, 'ready'));
    const next = queue.run('echo', ['next']);
    task.cancel();
    await next.result();
    expect(await written(join(folder, 'bye'))).toBe('bye');
  });

  test('whose leader ends at once leaves its grace to what it has started', async () => {
    const { queue } = open({ graceMs: NEVER_MS });
    const folder = temporaryFolder();
    const slow = 'trap "sleep 0.2; echo saved > $1/saved; exit" TERM; echo > $1/ready; while :; do sleep 0.01; done';
    const task = queue.run(`sh -c '${slow}' sh "$1" > /dev/null & wait`, [folder], { shell: true });
    await written(join(folder, 'ready'));
    const next = queue.run('cat', [join(folder, 'saved')]);
    task.cancel();
    expect((await next.result()).stdout).toBe('saved\n');
  });

  test('gives its slot back also where a process that has left the group keeps the output open', async () => {
    const { queue } = open({ graceMs: 50 });
    const file = join(temporaryFolder(), 'pid');
    // `setsid` of util-linux is not everywhere; Node can do the same.
    const away = `const { spawn } = require('node:child_process');
      const child = spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' });
      require('node:fs').writeFileSync(process.argv[1], child.pid + '\\n');`;
    const task = queue.run(process.execPath, ['-e', away, '--', file]);
    const pid = Number(await written(file));
    onTestFinished(() => {
      process.kill(pid, 'SIGKILL');
    });
    const next = queue.run('echo', ['next']);
    task.cancel();
    expect((await next.result()).stdout).toBe('next\n');
    expect(isAlive(pid)).toBe(true);
  });
});

describe('a command that takes no notice of SIGTERM', () => {
  const stubborn = `trap "" TERM; ${FAMILY}`;

  test('is killed when its time is over, and may be tried again', async () => {
    const clock = new SimulatedClock();
    const { queue } = open({ graceMs: 20 }, { _environment: { clock, random: () => 0 } });
    const file = join(temporaryFolder(), 'pids');
    const script = `if test -e "$1"; then echo again; else ${stubborn}; fi`;
    const task = queue.run({ timeoutMs: 1_000, retry: { attempts: 2 } }, script, [file], { shell: true });
    const family = await familyIn(file);
    clock.advanceTo(1_000);
    expect((await task.result()).stdout).toBe('again\n');
    await Promise.all(family.map(gone));
  });

  test('is killed at once when the scheduler is terminated', async () => {
    const { scheduler, queue } = open({ graceMs: NEVER_MS });
    const file = join(temporaryFolder(), 'pids');
    const task = queue.run(stubborn, [file], { shell: true });
    const family = await familyIn(file);
    await scheduler.terminate('the end');
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'the end' });
    await Promise.all(family.map(gone));
  });
});

/** Writes its own number where it is looked for. */
const SIGN = 'echo $$ >> "$1"';
const COMMANDS = {
  succeeds: `${SIGN}; exit 0`,
  fails: `${SIGN}; exit 3`,
  waits: `${SIGN}; sleep 1000`,
  'is stubborn': `trap "" TERM; ${SIGN}; sleep 1000`,
  'leaves something behind': `${SIGN}; sleep 1000 > /dev/null 2>&1 & echo $! >> "$1"; exit 0`,
  'kills itself': `${SIGN}; kill -KILL $$`,
} as const;
const ENDLESS: readonly string[] = ['waits', 'is stubborn'];

test('each command settles once and nothing of it is left, for any mixture of ends', async () => {
  const anyCommand = fc
    .record({
      kind: fc.constantFrom(...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])),
      cancelled: fc.constantFrom('never', 'at once', 'when it runs', 'when it has signed'),
    })
    .filter(({ kind, cancelled }) => cancelled !== 'never' || !ENDLESS.includes(kind));
  await fc.assert(
    fc.asyncProperty(fc.array(anyCommand, { minLength: 1, maxLength: 6 }), async (commands) => {
      const folder = mkdtempSync(join(tmpdir(), 'pullgraph-test-'));
      const scheduler = new Scheduler();
      const queue = scheduler.queue('q', { concurrency: 3, executor: processes({ graceMs: 30 }) });
      let settled = 0;
      scheduler.on('settled', () => {
        settled += 1;
      });
      const jobs = commands.map(({ kind, cancelled }, index) => {
        const file = join(folder, String(index));
        return { cancelled, file, task: queue.run(COMMANDS[kind], [file], { shell: true }) };
      });
      scheduler.on('task', ({ id, state }) => {
        const job = jobs.find(({ task }) => task.id === id);
        if (state === 'running' && job?.cancelled === 'when it runs') job.task.cancel();
      });
      scheduler.start();
      await Promise.all(
        jobs.map(async ({ cancelled, file, task }) => {
          if (cancelled === 'when it has signed') await written(file);
          if (cancelled === 'when it has signed' || cancelled === 'at once') task.cancel();
          await task.settled();
        }),
      );
      await scheduler.close();
      const signed = jobs.filter(({ file }) => existsSync(file)).map(({ file }) => readFileSync(file, 'utf8'));
      const pids = signed.flatMap((lines) => lines.trimEnd().split('\n')).map(Number);
      rmSync(folder, { recursive: true });
      expect(settled).toBe(commands.length);
      await Promise.all(pids.map(gone));
    }),
    { numRuns: scaledRuns(12) },
  );
});

test('what a command leaves behind when it ends by itself is ended too', async () => {
  const { queue } = open({});
  const { stdout } = await queue.run('sleep 1000 > /dev/null 2>&1 & echo $!', [], { shell: true }).result();
  expect(isAlive(Number(stdout))).toBe(false);
});

test('what a command leaves behind is ended also where it holds the output open, of which nothing is lost', async () => {
  const { queue } = open({});
  const fill = 'head -c 200000 /dev/zero | tr "\\0" x';
  // More than a pipe takes, so that some of it is still to be read when the command has ended.
  const script = `(trap "" TERM; ${fill}; echo ready > "$1"; sleep 1000) & read -r line < "$1"; echo end >&2`;
  const fifo = join(temporaryFolder(), 'fifo');
  await queue.run('mkfifo', [fifo]).result();
  const { stdout, stderr } = await queue.run(script, [fifo], { shell: true }).result();
  expect([stdout.length, stderr]).toEqual([200_000, 'end\n']);
});

test('a command that is cancelled does not wait for what has left its group with its output', async () => {
  const { queue } = open({});
  const file = join(temporaryFolder(), 'pids');
  const away = `require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' }).pid`;
  const print = `require('fs').writeFileSync(${JSON.stringify(file)}, ${away} + '\\n'); process.exit()`;
  const task = queue.run(process.execPath, ['-e', print]);
  const pid = Number(await written(file));
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  const next = queue.run('echo', ['next']);
  task.cancel();
  expect((await next.result()).stdout).toBe('next\n');
  expect(isAlive(pid)).toBe(true);
});

describe('nothing is left of commands when their process', () => {
  test.each([
    ['exits', 'exit', 3],
    ['fails', 'throw', 1],
    ['is ended by SIGTERM', 'SIGTERM', null],
    ['is ended by SIGINT', 'SIGINT', null],
  ])('%s', async (_, how, code) => {
    const file = join(temporaryFolder(), 'pids');
    const program = fileURLToPath(new URL('./fixtures/leaving-program.js', import.meta.url));
    const { NODE_OPTIONS: __, ...env } = process.env;
    const child = execFile(process.execPath, [program, file, how], { env });
    const exited = new Promise<number | null>((resolve) => {
      child.once('exit', (exitCode) => resolve(exitCode));
    });
    const family = await familyIn(file);
    if (how.startsWith('SIG')) child.kill(how as NodeJS.Signals);
    else child.stdin?.end('go\n');
    expect(await exited).toBe(code);
    await Promise.all(family.map(gone));
  });
});
