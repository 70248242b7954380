/**
 * Builds dist after an install in the checkout, so that the examples find the package under its own name. An install
 * does not fail here: without the development tools there is nothing to build with, and what does not compile is
 * reported by every command that builds, packing included.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
if (existsSync(compiler)) {
  await import('./clean.mjs');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  if (status !== 0) {
    console.warn('pullgraph: the build failed; the install goes on, `npm run build` tells what is wrong');
  }
}
