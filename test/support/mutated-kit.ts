/** The kit with a bug planted into the runtime that it runs: a bundle of its own, so that the product is left as it is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import type * as FastCheckKit from '../../src/testing/fast-check.js';
import type * as Kit from '../../src/testing/index.js';
import type { PlantedBug } from './planted-bugs.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The entries of the kit, by their files. */
interface Entries {
  readonly index: typeof Kit;
  readonly 'fast-check': typeof FastCheckKit;
}

/** Bundles and loads it. Throws where the bug's place is not found exactly once. */
export async function mutatedKit<E extends keyof Entries>(
  { file, find, replace }: PlantedBug,
  entry: E,
): Promise<Entries[E]> {
  const target = join(ROOT, 'src', file);
  const source = readFileSync(target, 'utf8');
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`expected once in src/${file}: ${find}`);
  const bundle = await rolldown({
    input: join(ROOT, `src/testing/${entry}.ts`),
    platform: 'node',
    external: /^(node:|xstate$)/,
    logLevel: 'silent',
    plugins: [
      {
        name: 'planted-bug',
        load: (id) => (id === target ? { code: parts.join(replace), moduleType: 'ts' } : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const folder = mkdtempSync(join(ROOT, 'node_modules/.planted-'));
  try {
    const path = join(folder, 'kit.mjs');
    writeFileSync(path, output[0].code);
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Entries[E];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
