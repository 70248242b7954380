import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where a machine-readable report of the run goes, for a caller that counts; a run by hand writes none. */
const reportFile = process.env['PULLGRAPH_TEST_REPORT'];

export default defineConfig({
  resolve: {
    // Exact names only, so that the shortest does not swallow the others.
    alias: [
      { find: /^pullgraph$/, replacement: here('src/index.ts') },
      { find: /^pullgraph\/executors$/, replacement: here('src/executors/index.ts') },
      { find: /^pullgraph\/shared-folder$/, replacement: here('src/shared-folder/index.ts') },
      { find: /^pullgraph\/bus$/, replacement: here('src/bus/index.ts') },
      { find: /^pullgraph\/testing$/, replacement: here('src/testing/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Worker threads inherit these: they are what lets a thread that a test starts load TypeScript.
    execArgv: ['--import', 'tsx', '--import', new URL('scripts/typescript-in-threads.mjs', import.meta.url).href],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    reporters: reportFile === undefined ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
  },
});
