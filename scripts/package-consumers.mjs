/** Projects that use the packed package as users do, with the compiler in each of its ways to resolve, and with Node. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { manifest } from './manifest.mjs';

const OPTIONAL = Object.entries(manifest.peerDependenciesMeta).flatMap(([name, { optional }]) =>
  optional ? [name] : [],
);

const ENTRIES = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [path.replace(/^\./, manifest.name)],
);

/** What the compiler is told, by the name of the way; a project of CommonJS needs a Node that can require ES modules. */
const WAYS = [
  { module: 'node16', moduleResolution: 'node16', type: 'module' },
  { module: 'nodenext', moduleResolution: 'nodenext', type: 'module' },
  { module: 'esnext', moduleResolution: 'bundler', type: 'module' },
  { module: 'nodenext', moduleResolution: 'nodenext', type: 'commonjs' },
];

const TYPED = `
import { Scheduler, type Handle } from 'pullgraph';
import { threads, processes } from 'pullgraph/executors';
import { startBus } from 'pullgraph/bus';
import { distributed } from 'pullgraph/distributed';
import { sharedFolder } from 'pullgraph/shared-folder';
import { showProgress } from 'pullgraph/progress';
import { simulate } from 'pullgraph/testing';
import { type QueueEvent, queueMachine, schedulerMachine, type TaskEvent, taskMachine } from 'pullgraph/machines';

const queue = new Scheduler().queue('work', { executor: processes() });
export const text: Handle<string> = queue.submit((n: number) => String(n), queue.submit(() => 1));
// @ts-expect-error a string is no number
export const wrong: Handle<number> = text;
export const event: TaskEvent | QueueEvent = { type: 'close.requested' };
// @ts-expect-error no task is told that
export const unknown: TaskEvent = { type: 'nonsense' };
export const others = { threads, startBus, distributed, sharedFolder, showProgress, simulate, queueMachine, schedulerMachine, taskMachine };
`;

const SAYS_WHAT_IS_MISSING = `
import { equal, match, rejects, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Scheduler } from 'pullgraph';
import { processes, threads } from 'pullgraph/executors';
import { connectProducer, startBus } from 'pullgraph/bus';
import { distributed } from 'pullgraph/distributed';
import { statelyInspector } from 'pullgraph/inspect';
import { instrument } from 'pullgraph/opentelemetry';
import { showProgress } from 'pullgraph/progress';

for (const entry of ${JSON.stringify(ENTRIES)}) equal(await import(entry), createRequire(import.meta.url)(entry));

const missing = (name) => (error) => {
  equal(error.code, 'MissingPackage');
  match(error.message, new RegExp('npm install ' + name + '$'));
  return true;
};
writeFileSync('work.mjs', 'export const one = () => 1;');
const { one } = await import('./work.mjs');
const work = new URL('work.mjs', import.meta.url);
const scheduler = new Scheduler();
scheduler.start();
equal(await scheduler.queue('inline').submit(one).result(), 1);
const inProcesses = scheduler.queue('processes', { executor: processes(work) });
equal(await inProcesses.submit(one).result(), 1);
equal((await inProcesses.run('node', ['--print', '2']).result()).stdout, '2\\n');
await rejects(scheduler.queue('threads', { executor: threads(work) }).submit(one).result(), missing('piscina'));
const far = distributed(work, { connection: {} });
await rejects(scheduler.queue('distributed', { executor: far }).submit(one).result(), missing('bullmq'));
await rejects(startBus(), missing('ws'));
await rejects(statelyInspector({ send() {} }), missing('@statelyai/inspect'));
throws(() => showProgress(scheduler), missing('cli-progress'));
throws(() => instrument(scheduler, { tracer: { startSpan() {} } }), missing('@opentelemetry/api'));
missing('ws')(await connectProducer().ended());
await scheduler.close();
`;

const RUNS = `
import { equal } from 'node:assert/strict';
import { Scheduler } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import { startBus } from 'pullgraph/bus';
import { one } from './work.mjs';

const work = new URL('work.mjs', import.meta.url);
const scheduler = new Scheduler();
scheduler.start();
equal(await scheduler.queue('threads', { executor: threads(work) }).submit(one).result(), 1);
await (await startBus({ port: 0 })).close();
await scheduler.close();
`;

/**
 * What is wrong with the package for those who use it, each in a line and what the tool said.
 *
 * @param {string} tarball @param {string} folder for the projects; removed by the caller
 */
export function consumerFaults(tarball, folder) {
  const modules = join(folder, 'node_modules');
  const installed = join(modules, manifest.name);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  for (const name of ['xstate', '@types/node', 'undici-types']) provide(modules, name);
  const bin = join(installed, manifest.bin.pullgraph);
  return [
    ...WAYS.flatMap((way, index) => typeFaults(join(folder, `types-${index}`), way)),
    ...runFaults('a program beside xstate alone', folder, SAYS_WHAT_IS_MISSING),
    ...commandFaults(bin, ['exec', '--help'], 255, /npm install commander cli-progress\n$/),
    ...afterInstalling(modules, () => [
      ...runFaults('a program beside all packages', folder, RUNS),
      ...commandFaults(bin, ['exec', '--help'], 0, /^Usage: pullgraph exec/),
    ]),
  ];
}

/** @param {string} modules @param {() => string[]} check */
function afterInstalling(modules, check) {
  for (const name of OPTIONAL) provide(modules, name);
  return check();
}

/** Lets a package of the checkout be found as if it had been installed; what it needs it finds at home. @param {string} modules @param {string} name */
function provide(modules, name) {
  const home = resolve('node_modules', name);
  if (!existsSync(home)) throw new Error(`expected ${name} to be installed, got no ${home}`);
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(home, join(modules, name), 'junction');
}

/** @param {string} project @param {{ module: string, moduleResolution: string, type: string }} way */
function typeFaults(project, { module, moduleResolution, type }) {
  mkdirSync(project);
  // The declarations themselves are the same in every way, so one judges them for all.
  const skipLibCheck = module !== 'node16';
  const compilerOptions = {
    target: 'es2023',
    module,
    moduleResolution,
    strict: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type }));
  writeFileSync(join(project, 'index.ts'), TYPED);
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  return status === 0 ? [] : [`the types do not hold with ${module}, ${moduleResolution} and ${type}:\n${stdout}`];
}

/** @param {string} what @param {string} folder @param {string} text */
function runFaults(what, folder, text) {
  const program = join(folder, 'program.mjs');
  writeFileSync(program, text);
  const { status, stderr } = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return status === 0 ? [] : [`${what} ended with ${status}:\n${stderr}`];
}

/** @param {string} bin @param {string[]} args @param {number} code @param {RegExp} expected */
function commandFaults(bin, args, code, expected) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
  if (status === code && expected.test(stdout + stderr)) return [];
  return [`pullgraph ${args.join(' ')}: expected ${code} and ${expected}, got ${status}:\n${stdout}${stderr}`];
}
