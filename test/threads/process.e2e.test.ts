/** Pools of the built package in processes of their own: how they end, and how their threads load TypeScript. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fixture } from './run-in-threads.js';

const run = promisify(execFile);

// A process that does not end by itself is killed, and that fails its test.
const TIMEOUT_MS = 500_000;

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
const JAVASCRIPT = [PROGRAM, fixture('arithmetic.js').href];
const TYPESCRIPT = [PROGRAM, fixture('typed-arithmetic.ts').href];

test('a process ends by itself once its pool is closed, and nothing that a worker printed is lost', async () => {
  expect(await linesOf([...JAVASCRIPT, 'close'])).toEqual(EXPECTED);
});

test('a pool at rest does not keep its process alive', async () => {
  expect(await linesOf(JAVASCRIPT)).toEqual(EXPECTED);
});

test.each([
  ['with tsx imported', ['--import', 'tsx']],
  ['with the tsx command', [fileURLToPath(import.meta.resolve('tsx/cli'))]],
])('threads load TypeScript where the program was started %s', async (_, start) => {
  expect(await linesOf([...start, ...TYPESCRIPT, 'close'])).toEqual(EXPECTED);
});

test('threads load TypeScript by the name that it has as JavaScript', async () => {
  const compiled = fixture('typed-arithmetic.js').href;
  expect(await linesOf(['--import', 'tsx', PROGRAM, compiled, 'close'])).toEqual(EXPECTED);
});

test('threads load TypeScript where tsx stands in NODE_OPTIONS', async () => {
  expect(await linesOf([...TYPESCRIPT, 'close'], { NODE_OPTIONS: '--import=tsx' })).toEqual(EXPECTED);
});

const stripsTypes = Boolean(Reflect.get(process.features, 'typescript'));

test.runIf(stripsTypes)('threads load TypeScript where Node strips types by itself', async () => {
  expect(await linesOf([...TYPESCRIPT, 'close'])).toEqual(EXPECTED);
});
