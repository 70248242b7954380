import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where a machine-readable report of the run goes, for a caller that counts; a run by hand writes none. */
const reportFile = process.env['PULLGRAPH_TEST_REPORT'];

/** By how much the runs of each property are multiplied. */
const runsFactor = (mode: string): number => Number(process.env['PULLGRAPH_RUNS'] ?? (mode === 'deep' ? 20 : 1));

/** A guard against what hangs; nothing that is tested depends on it. */
const hangMs = (mode: string): number => 300_000 * Math.max(1, runsFactor(mode));

/** For tests that wait for processes, threads and timers of their own most of the time. */
const MANY = 3 * availableParallelism();

/** The entry of another xstate than the installed one, for scripts/compat.mjs. */
const otherXstate = process.env['PULLGRAPH_XSTATE'];

export default defineConfig(({ mode }) => ({
  test: {
    pool: 'forks',
    // All processors: what vitest leaves free for itself is the only one of a small machine.
    maxWorkers: '100%',
    testTimeout: hangMs(mode),
    hookTimeout: hangMs(mode),
    // As generous as the timeouts of the browser, for the same reason.
    expect: { poll: { timeout: 60_000 } },
    env: { PULLGRAPH_RUNS: String(runsFactor(mode)) },
    // Asked for by `npm run coverage`.
    coverage: {
      provider: 'v8',
      include: ['src/core/**', 'src/runtime/**', 'machines/**'],
      reporter: ['text-summary', 'html', 'json'],
      thresholds: { branches: 98 },
    },
    reporters: reportFile === undefined ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
    projects: [
      {
        // The source, in the process of the test.
        extends: true,
        resolve: {
          // Exact names only, so that the shortest does not swallow the others.
          alias: [
            ...(otherXstate === undefined ? [] : [{ find: /^xstate$/, replacement: otherXstate }]),
            { find: /^pullgraph$/, replacement: here('src/index.ts') },
            { find: /^pullgraph\/executors$/, replacement: here('src/executors/index.ts') },
            { find: /^pullgraph\/shared-folder$/, replacement: here('src/shared-folder/index.ts') },
            { find: /^pullgraph\/bus$/, replacement: here('src/bus/index.ts') },
            { find: /^pullgraph\/distributed$/, replacement: here('src/distributed/index.ts') },
            { find: /^pullgraph\/inspect$/, replacement: here('src/inspect/index.ts') },
            { find: /^pullgraph\/opentelemetry$/, replacement: here('src/opentelemetry/index.ts') },
            { find: /^pullgraph\/progress$/, replacement: here('src/progress/index.ts') },
            { find: /^pullgraph\/store$/, replacement: here('src/store/index.ts') },
            { find: /^pullgraph\/testing$/, replacement: here('src/testing/index.ts') },
            { find: /^pullgraph\/testing\/fast-check$/, replacement: here('src/testing/fast-check.ts') },
            { find: /^pullgraph\/machines$/, replacement: here('machines/index.ts') },
          ],
        },
        test: {
          name: 'unit',
          // One load of the source for all files of a worker: loading it again for each took a third of the run.
          isolate: false,
          include: ['test/**/*.test.ts', 'bridges/*/test/**/*.test.ts'],
          exclude: [
            'test/**/*.e2e.test.ts',
            'test/bench/**',
            '**/node_modules/**',
            // They have an XState of their own.
            ...(otherXstate === undefined ? [] : ['bridges/**']),
          ],
          setupFiles: ['test/support/property-runs.ts'],
        },
      },
      {
        // The built package, by its own name: threads, processes, the command, the examples and the pages.
        extends: true,
        test: {
          name: 'e2e',
          maxWorkers: MANY,
          sequence: { groupOrder: 1 },
          // As for the unit tests (it spares 0.5 s of CPU a file); what these look at are mostly processes that they start.
          isolate: false,
          include: ['test/**/*.e2e.test.ts'],
          // Loaded by Node itself, so that a function which a test submits is the very one that its executor finds.
          server: { deps: { external: [here('dist/'), /\/test\/.+\/fixtures\/[^/]+\.js$/] } },
        },
      },
      {
        // The built package under tsx, as `npm run bench` measures it.
        extends: true,
        test: {
          name: 'bench',
          maxWorkers: MANY,
          sequence: { groupOrder: 1 },
          include: ['test/bench/**/*.test.ts'],
          execArgv: ['--import', 'tsx'],
          server: { deps: { external: [here('dist/')] } },
        },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            // The native compiler, which takes a fifth of the time; it is not on the path.
            checker: here('node_modules/typescript-native/bin/tsc'),
            include: ['test/**/*.test-d.ts'],
            tsconfig: './test/types/tsconfig.json',
          },
        },
      },
    ],
  },
}));
