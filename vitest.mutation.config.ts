/**
 * The quick, telling tests of one group of files, for `npm run mutation`: the source in the process of the test, and only the test files
 * that scripts/mutation.mjs names.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^pullgraph$/, replacement: here('src/index.ts') },
      { find: /^pullgraph\/executors$/, replacement: here('src/executors/index.ts') },
      { find: /^pullgraph\/store$/, replacement: here('src/store/index.ts') },
      { find: /^pullgraph\/testing$/, replacement: here('src/testing/index.ts') },
      { find: /^pullgraph\/testing\/fast-check$/, replacement: here('src/testing/fast-check.ts') },
      { find: /^pullgraph\/machines$/, replacement: here('machines/index.ts') },
    ],
  },
  test: {
    isolate: false,
    include: (process.env['PULLGRAPH_MUTATION_TESTS'] ?? 'none').split(' '),
    testTimeout: 60_000,
    setupFiles: ['test/support/property-runs.ts'],
  },
});
