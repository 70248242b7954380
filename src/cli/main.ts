#!/usr/bin/env node
/** The executable of the `pullgraph` command. Checks that a package is installed before it loads what imports it. */
import { OTHER_ERROR } from './exit-codes.js';
import { missingPackages } from './needed-packages.js';

const missing = missingPackages(process.argv.slice(2));
if (missing.length > 0) {
  const what = missing.length === 1 ? 'a package that is' : 'packages that are';
  process.stderr.write(`pullgraph: this needs ${what} not installed: npm install ${missing.join(' ')}\n`);
  process.exitCode = OTHER_ERROR;
} else {
  const { program } = await import('./program.js');
  await program().parseAsync();
}
