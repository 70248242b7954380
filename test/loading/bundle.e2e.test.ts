/** A bundled program: its commands always run; its workers do where pullgraph stays out of the bundle. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));

// A program that does not end by itself is killed, and that fails its test.
const TIMEOUT_MS = 500_000;

/** Bundles the program, and the modules named `beside` as further entries; returns what runs it and gives what it prints. */
async function bundled(how: { format: 'esm' | 'cjs'; external: string[]; beside: string[] }) {
  const { format, external, beside } = how;
  const folder = temporaryFolder();
  // Where the program would be installed with its packages.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'pullgraph'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: format === 'esm' ? 'module' : 'commonjs' }));
  const names = ['bundled-program', ...beside];
  const input = Object.fromEntries(names.map((name) => [name, fixture(name)]));
  const bundle = await rolldown({ input, external, platform: 'node', logLevel: 'silent' });
  await bundle.write({ dir: folder, format, entryFileNames: '[name].js', chunkFileNames: '[name]-chunk.js' });
  await bundle.close();
  return async (...args: string[]): Promise<unknown> => {
    const program = join(folder, 'bundled-program.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { timeout: TIMEOUT_MS });
    return JSON.parse(stdout) as unknown;
  };
}

test.each(['esm', 'cjs'] as const)('runs commands, with pullgraph in the bundle, as %s', async (format) => {
  const run = await bundled({ format, external: [], beside: [] });
  expect(await run()).toEqual(['hello\n']);
});

test('what starts processes does not read import.meta, which other bundlers leave empty in CommonJS', () => {
  expect(readFileSync(join(ROOT, 'dist/chunks/execa.js'), 'utf8')).not.toContain('import.meta');
});

test.each(['threads', 'processes'])('runs functions in %s where pullgraph is external', async (workers) => {
  const run = await bundled({ format: 'esm', external: ['pullgraph', 'pullgraph/executors'], beside: ['kernels'] });
  expect(await run(workers)).toEqual(['hello\n', 7, [0, 1]]);
});

test.each(['threads', 'processes'])(
  'is told at once what to do about %s where pullgraph is in the bundle',
  async (workers) => {
    const run = await bundled({ format: 'esm', external: [], beside: ['kernels'] });
    const message = expect.stringMatching(`${workers}.*--external:pullgraph`) as string;
    expect(await run(workers)).toEqual({ code: 'WorkerFileMissing', message });
  },
);

test.each(['threads', 'processes'])(
  'is told what to do about the module of %s that is not beside it',
  async (workers) => {
    const run = await bundled({ format: 'esm', external: ['pullgraph', 'pullgraph/executors'], beside: [] });
    const message = expect.stringMatching('kernels.js.*a further entry') as string;
    expect(await run(workers)).toEqual({ code: 'ModuleNotLoaded', message });
  },
);
