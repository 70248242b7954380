/**
 * The tests of one group, for Stryker: in the process of the runner, each test file and the source in one bundle that is loaded anew for each
 * mutant. A mutant costs the loading and the tests that reach it, no pool that starts.
 *
 * A test that waits for what nothing will bring is over as soon as the event loop has nothing left to do, not after a time: it has found
 * the mutant. Only a loop that goes on for ever ends by Stryker's timeout.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getFn, startTests } from '@vitest/runner';
import { rolldown } from 'rolldown';
import typescript from 'typescript';
import { manifest } from './manifest.mjs';

/** So many turns of the event loop without anything to wait for are its end. */
const IDLE_TURNS = 500;

/** What the runner itself holds: its turns, and the pipes and sockets by which Stryker speaks to it. */
const TIES = new Set(['Immediate', 'PipeWrap', 'TCPSocketWrap', 'TTYWrap']);

/** The copy that Stryker mutates; it goes there when this file is loaded. */
const root = () => process.cwd();
const bundles = () => join(root(), '.bundles');
const tests = (process.env['PULLGRAPH_MUTATION_TESTS'] ?? '').split(' ');

/** What the product imports by its own name is its source. @returns {Record<string, string>} */
const ownNames = () =>
  Object.fromEntries(
    Object.entries(manifest.exports).flatMap(([name, target]) =>
      typeof target === 'string'
        ? []
        : [[name.replace('.', 'pullgraph'), join(root(), target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts'))]],
    ),
  );

/** @param {string} file */
const bundleOf = (file) => join(bundles(), `${file.replaceAll(/\W/g, '-')}.mjs`);

/** @param {string} code */
const lowered = (code) =>
  typescript.transpileModule(code, {
    compilerOptions: { target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.ESNext },
  }).outputText;

/** Also for the runners that follow this one in the same copy. @param {string} file */
async function bundle(file) {
  if (existsSync(bundleOf(file))) return;
  const alias = ownNames();
  const build = await rolldown({
    input: join(root(), file),
    platform: 'node',
    external: (name) => isBuiltin(name) || (!/^[./]/.test(name) && !(name in alias)),
    plugins: [
      {
        name: 'as-in-the-source',
        resolveId: (name) => alias[name] ?? null,
        transform(source, id) {
          const code = source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
          // Node 20 has no `await using`.
          return { code: code.includes('await using') ? lowered(code) : code, map: null };
        },
      },
    ],
  });
  await build.write({ file: bundleOf(file), format: 'esm', codeSplitting: false });
}

/** What Vitest's assertions ask of the worker that they usually run in. */
Object.assign(globalThis, {
  __vitest_worker__: {
    config: { expect: { poll: { timeout: 60_000 } }, snapshotOptions: {}, fakeTimers: {} },
    providedContext: {},
    metaEnv: process.env,
  },
});

/** What the instrumented source shares with its runner. */
/** @type {Record<string, unknown>} */
const shared = {};
Object.assign(globalThis, { __stryker__: shared });

/** The real one, when a test has put its own in the place. */
const { setImmediate } = globalThis;

/** The turns that this file waits for. */
let turns = 0;

/** Whether anything but those, and the ties to Stryker, will go on by itself. */
const goesOn = () => {
  const awaited = process.getActiveResourcesInfo();
  return awaited.filter((kind) => kind === 'Immediate').length > turns || awaited.some((kind) => !TIES.has(kind));
};

/** @typedef {import('@vitest/runner').Task} Task @typedef {import('@vitest/runner').Test} Test */

/** What `start` brings, or a rejection when nothing is left that could bring it. @param {() => unknown} start */
async function orNothingLeft(start) {
  const state = { isOver: false };
  const over = (async () => start())().finally(() => {
    state.isOver = true;
  });
  over.catch(() => {});
  for (let idle = 0; idle < IDLE_TURNS && !state.isOver; idle += 1) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
    turns -= 1;
    if (goesOn()) idle = 0;
  }
  if (!state.isOver) throw new Error('waits for what nothing will bring');
  await over;
}

/** @param {Task} task @returns {Test[]} */
const testsOf = (task) => (task.type === 'suite' ? task.tasks.flatMap(testsOf) : [task]);

/** @param {Task} test */
const idOf = (test) => `${test.file.name}#${test.id}`;

class InProcessRunner {
  #loads = 0;

  /** Of the run that goes on, one per failed test or error outside a test. @type {string[]} */
  #failures = [];

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    for (const kind of ['uncaughtException', 'unhandledRejection']) {
      process.on(kind, (error) => this.#failures.push(String(error?.stack ?? error)));
    }
    mkdirSync(bundles(), { recursive: true });
    const setup = 'test/support/property-runs.ts';
    for (const file of [setup, ...tests]) await bundle(file);
    await import(bundleOf(setup));
  }

  async dryRun() {
    shared['activeMutant'] = undefined;
    const { files, failures } = await this.#run(tests, () => true, false);
    if (failures.length > 0) return { status: 'error', errorMessage: failures.join('\n') };
    const found = files.flatMap(testsOf).map((test) => ({
      id: idOf(test),
      name: test.fullName ?? test.name,
      fileName: test.file.filepath,
      timeSpentMs: test.result?.duration ?? 0,
      ...(test.result === undefined || test.mode !== 'run' ? { status: 2 } : { status: 0 }),
    }));
    return { status: 'complete', tests: found, mutantCoverage: shared['mutantCoverage'] };
  }

  /** @param {{ activeMutant: { id: string }, testFilter?: string[], hitLimit?: number }} options */
  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    Object.assign(shared, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const wanted = testFilter && new Set(testFilter);
    /** @param {string} id */
    const isWanted = (id) => wanted === undefined || wanted.has(id);
    const reached = tests.filter((file) => testFilter?.some((id) => id.startsWith(`${file}#`)) ?? true);
    const { failures, ran } = await this.#run(reached, isWanted, true);
    if (hitLimit !== undefined && Number(shared['hitCount']) > hitLimit) return { status: 'timeout' };
    if (failures.length === 0) return { status: 'survived', nrOfTests: ran.length };
    return { status: 'killed', killedBy: ran.slice(-1), failureMessage: failures[0], nrOfTests: ran.length };
  }

  /**
   * @param {string[]} files
   * @param {(id: string) => boolean} isWanted
   * @param {boolean} bail
   */
  async #run(files, isWanted, bail) {
    const failures = this.#failures;
    failures.length = 0;
    /** @type {string[]} */
    const ran = [];
    /** @param {any} error */
    const fail = (error) => failures.push(String(error?.stack ?? error));
    this.#loads += 1;
    const load = this.#loads;
    /** @type {import('@vitest/runner').VitestRunner} */
    const runner = {
      config: {
        root: root(),
        name: undefined,
        testNamePattern: undefined,
        chaiConfig: undefined,
        tagsFilter: undefined,
        strictTags: false,
        setupFiles: [],
        sequence: { shuffle: false, concurrent: false, seed: 0, hooks: 'stack', setupFiles: 'list' },
        maxConcurrency: 1,
        testTimeout: 0,
        hookTimeout: 0,
        retry: 0,
        passWithNoTests: true,
        includeTaskLocation: false,
        allowOnly: false,
        tags: [],
      },
      importFile: (file) => import(`${bundleOf(file.slice(root().length + 1))}?${load}`),
      onBeforeRunTask(test) {
        if (!isWanted(idOf(test)) || (bail && failures.length > 0)) test.mode = 'skip';
        else ran.push(idOf(test));
      },
      onBeforeTryTask(test) {
        shared['currentTestId'] = idOf(test);
      },
      runTask: (test) => orNothingLeft(getFn(test)),
      onTaskFinished(/** @type {Test & { onFinished?: ((context: unknown) => unknown)[] | undefined }} */ test) {
        test.onFinished = test.onFinished?.map((hook) => (context) => orNothingLeft(() => hook(context)));
      },
      onAfterRunTask(test) {
        shared['currentTestId'] = undefined;
        if (test.result?.state === 'fail') fail(`${test.fullName}: ${test.result.errors?.[0]?.stack}`);
      },
      onAfterRunSuite(suite) {
        for (const error of suite.result?.errors ?? []) fail(error);
      },
    };
    /** @type {Task[]} */
    const done = [];
    for (const file of files) {
      if (bail && failures.length > 0) break;
      const [collected] = await startTests([join(root(), file)], runner);
      if (collected === undefined) throw new Error(`${file} was not run`);
      done.push(collected);
      if (collected.result?.state === 'fail') fail(collected.result.errors?.[0]);
    }
    return { files: done, failures: [...failures], ran };
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessRunner }];
