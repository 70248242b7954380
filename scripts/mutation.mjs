/**
 * Mutation testing by Stryker: `npm run mutation -- order` changes the files of the group `order` in one place at a time and runs its tests
 * each time; without a name, all groups one after the other. `npm run mutation -- order src/core/order/walk.ts` mutates those files only.
 * Prints the score of each file and its survivors, and leaves the report of each group in .cache/mutation/.
 */
import { mkdirSync } from 'node:fs';
import { Stryker } from '@stryker-mutator/core';
import { GROUPS } from './mutation-groups.mjs';

const [only, ...files] = process.argv.slice(2);
if (only !== undefined && !(only in GROUPS)) {
  throw new Error(`there is no group ${only}; the groups are ${Object.keys(GROUPS).join(', ')}`);
}
// Each mutant is found by every run or by none.
process.env['PULLGRAPH_SEED'] = '1';
mkdirSync('.cache/mutation', { recursive: true });

for (const [name, { mutate, tests, runs = 0.1 }] of Object.entries(GROUPS)) {
  if (only !== undefined && name !== only) continue;
  process.env['PULLGRAPH_RUNS'] = String(runs);
  process.env['PULLGRAPH_MUTATION_TESTS'] = tests.join(' ');
  const stryker = new Stryker({
    mutate: files.length > 0 ? files : mutate,
    plugins: [new URL('./mutation-runner.mjs', import.meta.url).href],
    testRunner: 'in-process',
    maxTestRunnerReuse: 200,
    coverageAnalysis: 'perTest',
    // A mutant that is in place while the module loads is seen by all tests, or by none that asks for it later.
    ignoreStatic: name !== 'machines',
    concurrency: 1,
    timeoutMS: 5_000,
    timeoutFactor: 2,
    reporters: ['progress-append-only', 'clear-text', 'json'],
    clearTextReporter: { reportTests: false, reportMutants: true, logTests: false, allowColor: false },
    jsonReporter: { fileName: `.cache/mutation/${name}.json` },
    tempDirName: '.cache/stryker',
    ignorePatterns: ['dist', 'inspector', 'examples', 'docs/pictures', 'docs/plots', '.cache', 'coverage'],
    checkers: [],
    allowConsoleColors: false,
    disableTypeChecks: false,
  });
  await stryker.runMutationTest();
}
