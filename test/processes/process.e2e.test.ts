/** Worker processes and the process that has started them: which ends with which. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { inheritedArgs } from '../../src/executors/processes/inherited-args.js';
import { gone, written } from '../support/living-processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('./fixtures/pool-program.js', import.meta.url));
const WATCHED_PROGRAM = fileURLToPath(new URL('./fixtures/watched-program.js', import.meta.url));
const KILLED_PROGRAM = fileURLToPath(new URL('./fixtures/killed-program.js', import.meta.url));

// A process that does not end by itself is killed, and that fails its test.
const TIMEOUT_MS = 500_000;

function environment(): NodeJS.ProcessEnv {
  // What the test runner adds for its own processes is not part of what is tested.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}

test('a process ends by itself while its workers rest, and they with it', async () => {
  const run = promisify(execFile)(process.execPath, [PROGRAM], { env: environment(), timeout: TIMEOUT_MS });
  expect((await run).stdout).toBe('1\n2\n3\n');
});

test('workers of a process that runs a script from its command line do not run it themselves', async () => {
  const family = JSON.stringify(new URL('./fixtures/family.js', import.meta.url).href);
  const script = `
    import { Scheduler } from 'pullgraph';
    import { processes } from 'pullgraph/executors';
    import { identity } from ${family};
    // What a worker would do that runs it, without the workers of its own that it would start.
    if (process.send !== undefined) process.exit();
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { executor: processes(${family}, { size: 1 }) });
    scheduler.start();
    console.log(await queue.submit(identity, 'once').result());
    await scheduler.close();`;
  const args = ['--input-type=module', '-e', script];
  const run = promisify(execFile)(process.execPath, args, { env: environment(), timeout: TIMEOUT_MS });
  expect((await run).stdout).toBe('once\n');
});

test('a signal ends a process in which the package is loaded twice, and the groups of both', async () => {
  const href = new URL('../../src/executors/processes/living-groups.ts', import.meta.url).href;
  const script = `
    for (const copy of ['one', 'other']) {
      const { noteGroup } = await import(${JSON.stringify(href)} + '?' + copy);
      noteGroup({ kill: () => console.log('killed ' + copy) });
    }
    console.log('ready');
    setInterval(() => {}, 1_000);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (printed === '') child.kill('SIGTERM');
    printed += text;
  });
  await once(child, 'close');
  expect([child.signalCode, printed]).toEqual(['SIGTERM', 'ready\nkilled one\nkilled other\n']);
});

test.each([
  [
    ['-e', 'f()', '--import', 'tsx'],
    ['--import', 'tsx'],
  ],
  [['--eval=f()', '--no-warnings', '--input-type', 'module'], ['--no-warnings']],
  [['-p', '--no-warnings'], ['--no-warnings']],
  [['--max-old-space-size=256', '--print', '1', '--inspect=0'], ['--max-old-space-size=256']],
])('of the arguments %j workers are given %j', (own, given) => {
  expect(inheritedArgs(own)).toEqual(given);
});

test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGKILL'])(
  'workers and what they have started end when their process is ended by %s',
  async (signal) => {
    const file = join(temporaryFolder(), 'pids');
    const child = spawn(process.execPath, [PROGRAM, file], { env: environment(), stdio: 'ignore' });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const pids = (await written(file)).split(' ').map(Number);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
    await Promise.all(pids.map(gone));
  },
);

// Of none of these can the process hear, or none is listened to.
test.each<NodeJS.Signals>(['SIGKILL', 'SIGQUIT', 'SIGABRT', 'SIGSEGV'])(
  'commands, spinning workers, and what they have started end when their process is ended by %s',
  async (signal) => {
    const folder = temporaryFolder();
    const files = ['command', 'worker'].map((name) => join(folder, name));
    const child = spawn(process.execPath, [KILLED_PROGRAM, ...files], { env: environment(), stdio: 'ignore' });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const texts = await Promise.all(files.map(written));
    const pids = texts.flatMap((text) => text.split(' ').map(Number));
    expect(pids).toHaveLength(4);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
    await Promise.all(pids.map(gone));
  },
);

test('one process watches over all groups, ends with this one, and is replaced when it is killed', async () => {
  const args = ['--import', 'tsx', WATCHED_PROGRAM];
  const child = spawn(process.execPath, args, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await once(child, 'close');
  const [others, ...pids] = printed.trim().split(' ').map(Number);
  expect([others, pids.length]).toEqual([0, 4]);
  await Promise.all(pids.map(gone));
});
