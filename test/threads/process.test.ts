/** Pools of the built package in processes of their own: how they end, and how their threads load TypeScript. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fixture } from './run-in-threads.js';

const run = promisify(execFile);

// A process that does not end by itself is killed, and that fails its test.
const TIMEOUT_MS = 60_000;

const EXPECTED = ['sum 5', ...Array.from({ length: 500 }, (_, number) => String(number))];

/** The lines that the program prints until it ends by itself. */
async function linesOf(nodeArgs: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const { stdout } = await run(process.execPath, nodeArgs, {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { ...inherited, ...env },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return stdout.trimEnd().split('\n');
}

const PROGRAM = fileURLToPath(fixture('pool-program.js'));

test('a process ends by itself once its pool is closed, and nothing that a worker printed is lost', async () => {
  expect(await linesOf(['--import', 'tsx', PROGRAM, 'close'])).toEqual(EXPECTED);
});

test('a pool at rest does not keep its process alive', async () => {
  expect(await linesOf(['--import', 'tsx', PROGRAM])).toEqual(EXPECTED);
});

test('threads load TypeScript where the program was started with the tsx command', async () => {
  expect(await linesOf([fileURLToPath(import.meta.resolve('tsx/cli')), PROGRAM, 'close'])).toEqual(EXPECTED);
});

test('threads load TypeScript where tsx stands in NODE_OPTIONS', async () => {
  expect(await linesOf([PROGRAM, 'close'], { NODE_OPTIONS: '--import=tsx' })).toEqual(EXPECTED);
});

const stripsTypes = Boolean(Reflect.get(process.features, 'typescript'));

test.runIf(stripsTypes)('threads load TypeScript where Node strips types by itself', async () => {
  expect(await linesOf([PROGRAM, 'close'])).toEqual(EXPECTED);
});
