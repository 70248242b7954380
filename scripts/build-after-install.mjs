/**
 * Builds dist after an install in the checkout, so that the examples find the package under its own name. An install
 * does not fail here: without the development tools there is nothing to build with, and what cannot be built is
 * reported by every command that builds, packing included. It is npm's script `dependencies` and not `prepare`, which npm 11
 * counts among the install scripts of the packed package and warns of.
 */
import { existsSync } from 'node:fs';

if (existsSync(new URL('../node_modules/rolldown', import.meta.url))) {
  process.argv.push('--code');
  try {
    await import('./build.mjs');
  } catch (error) {
    console.warn(
      `${String(error)}\npullgraph: the build failed; the install goes on, \`npm run build\` tells what is wrong`,
    );
  }
}
