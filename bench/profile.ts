/**
 * Finds hot spots: `npm run bench:profile -- <workload> [--size n] [--times n] [--contestant name] [--heap | --garbage]
 * [--docs]` warms up, runs one workload under the inspector and prints the self time by function. With `--heap` it prints
 * the memory in use by allocating function instead, after everything is submitted and before anything runs; with
 * `--garbage` all memory allocated from the first submission to the end, collected or not. `--docs` also writes the table
 * into docs/performance.md, which must have marks for that workload.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import type { HeapProfiler, Profiler, Runtime } from 'node:inspector';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { noop } from './contestants/contestant.js';
import { loadContestant } from './contestants/index.js';
import { leaveUnfinished, settleHeap, timePerTask } from './measure.js';
import { withMarked } from './marked.js';
import { asMarkdownTable, asText, type Table } from './report.js';
import { CONCURRENCY } from './row.js';
import { shapeOf } from './rows/shapes.js';

const TOP = 25;
const TOP_IN_DOCS = 15;
const PERFORMANCE = new URL('../docs/performance.md', import.meta.url);

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string' },
    times: { type: 'string', default: '3' },
    contestant: { type: 'string', default: 'pullgraph' },
    heap: { type: 'boolean', default: false },
    garbage: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
});
const shape = shapeOf(positionals[0] ?? 'chain');
const contestant = await loadContestant(flags.contestant);
const graph = shape.build(flags.size === undefined ? shape.sizes.full : Number(flags.size));
for (let time = 0; time < 3; time += 1) {
  await timePerTask(contestant, shape.build(shape.sizes.quick), CONCURRENCY);
}
leaveUnfinished(contestant);
await settleHeap();
const session = new Session();
session.connect();
if (flags.heap) await printInUse();
else if (flags.garbage) await printAllocated();
else await printSelfTimes();
session.disconnect();

async function printSelfTimes(): Promise<void> {
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  const times: number[] = [];
  for (let time = 0; time < Number(flags.times); time += 1)
    times.push(await timePerTask(contestant, graph, CONCURRENCY));
  const { profile } = await session.post('Profiler.stop');
  const perTask = times.reduce((sum, each) => sum + each, 0) / times.length;
  print(
    `${contestant.name}, ${shape.name}: ${perTask.toFixed(2)} µs per task under the profiler`,
    selfTimes(profile),
    perTask,
    'µs',
  );
}

function selfTimes(profile: Profiler.Profile): Map<string, number> {
  const placeOf = new Map(profile.nodes.map((node) => [node.id, place(node.callFrame)]));
  const sums = new Map<string, number>();
  for (const [at, id] of (profile.samples ?? []).entries()) {
    add(sums, placeOf.get(id) ?? '?', profile.timeDeltas?.[at] ?? 0);
  }
  return sums;
}

async function printInUse(): Promise<void> {
  await session.post('HeapProfiler.enable');
  await session.post('HeapProfiler.startSampling', { samplingInterval: 4_096 });
  const run = contestant.submit({ graph, concurrency: CONCURRENCY, task: noop });
  printBytes('in use per pending task', (await session.post('HeapProfiler.stopSampling')).profile);
  await run();
}

async function printAllocated(): Promise<void> {
  await session.post('HeapProfiler.enable');
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 4_096,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await timePerTask(contestant, graph, CONCURRENCY);
  printBytes('allocated per task', (await session.post('HeapProfiler.stopSampling')).profile);
}

function printBytes(what: string, profile: HeapProfiler.SamplingHeapProfile): void {
  const sums = new Map<string, number>();
  const visit = [profile.head];
  for (let node = visit.pop(); node !== undefined; node = visit.pop()) {
    add(sums, place(node.callFrame), node.selfSize);
    visit.push(...node.children);
  }
  const total = [...sums.values()].reduce((sum, each) => sum + each, 0);
  const perTask = total / graph.dependencies.length;
  print(`${contestant.name}, ${shape.name}: ${perTask.toFixed(0)} bytes ${what}`, sums, perTask, 'bytes');
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

/** Function, file and line, with only the package or the file's own directory as the path. */
function place({ functionName, url, lineNumber }: Runtime.CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? basename(url.slice(0, url.lastIndexOf('/')));
  return `${name}  ${owner}/${basename(url)}:${lineNumber + 1}`;
}

/** Prints the largest shares; `perTask` is the sum of all shares for one task. */
function print(title: string, sums: ReadonlyMap<string, number>, perTask: number, unit: string): void {
  const total = [...sums.values()].reduce((sum, each) => sum + each, 0);
  const rows = [...sums.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, TOP)
    .map(([key, amount]) => [key, `${((100 * amount) / total).toFixed(1)} %`, ((perTask * amount) / total).toFixed(3)]);
  const table: Table = { title, columns: ['function', 'self', `${unit} per task`], rows, notes: [] };
  process.stdout.write(`${asText(table)}\n`);
  if (!flags.docs) return;
  const few = asMarkdownTable({ ...table, rows: rows.slice(0, TOP_IN_DOCS) });
  writeFileSync(
    PERFORMANCE,
    withMarked(readFileSync(PERFORMANCE, 'utf8'), `profile ${shape.name}`, `${title}.\n\n${few}`),
  );
}
