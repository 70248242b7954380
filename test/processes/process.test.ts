/** Worker processes and the process that has started them: which ends with which. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { gone, written } from '../support/living-processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('./fixtures/pool-program.ts', import.meta.url));
const ARGS = ['--import', 'tsx', PROGRAM];

// A process that does not end by itself is killed, and that fails its test.
const TIMEOUT_MS = 100_000;

function environment(): NodeJS.ProcessEnv {
  // What the test runner adds for its own processes is not part of what is tested.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}

test('a process ends by itself while its workers rest, and they with it', async () => {
  const run = promisify(execFile)(process.execPath, ARGS, { env: environment(), timeout: TIMEOUT_MS });
  expect((await run).stdout).toBe('1\n2\n3\n');
});

test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGKILL'])(
  'workers and what they have started end when their process is ended by %s',
  async (signal) => {
    const file = join(temporaryFolder(), 'pids');
    const child = spawn(process.execPath, [...ARGS, file], { env: environment(), stdio: 'ignore' });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const pids = (await written(file)).split(' ').map(Number);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
    await Promise.all(pids.map(gone));
  },
);
