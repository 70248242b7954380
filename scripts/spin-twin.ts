/**
 * Compares `explore` with an independent model of the same protocol in Promela: both count the states of ten graphs. Needs `spin` and
 * `gcc`, which it installs where apt-get can. Ends with 1 if a number differs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExploredGraph, explore } from '../src/testing/index.js';
import { graphOf, partialGraphOf } from '../test/explore/graphs.js';

const GRAPHS: readonly (readonly [string, ExploredGraph])[] = [
  ['one task', graphOf([0], 1)],
  ['a chain of two', graphOf([0, 1], 1)],
  ['two, on two slots', graphOf([0, 0], 2)],
  ['a chain of three', graphOf([0, 1, 2], 1)],
  ['a fork', graphOf([0, 1, 1], 2)],
  ['a join', graphOf([0, 0, 3], 2)],
  ['a diamond', graphOf([0, 1, 1, 6], 2)],
  ['four, on one slot', graphOf([0, 0, 0, 0], 1)],
  ['four, on two slots', graphOf([0, 0, 0, 0], 2)],
  ['a partial result of three dependents', partialGraphOf([0, 1, 1, 1], 2)],
];

const TOOLS = ['spin', 'gcc'];
const isThere = (tool: string): boolean => spawnSync('which', [tool]).status === 0;
if (!TOOLS.every(isThere)) execFileSync('apt-get', ['install', '-y', ...TOOLS], { stdio: 'inherit' });

const model = readFileSync(new URL('spin/scheduler.pml', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'pullgraph-spin-'));
try {
  let differences = 0;
  for (const [name, graph] of GRAPHS) {
    const { states, violation } = explore(graph);
    if (violation !== undefined) throw new Error(`${name}: ${violation.what}`);
    const counted = statesOf(graph);
    if (counted !== states) differences += 1;
    process.stdout.write(`${name}: explore ${states}, spin ${counted}${counted === states ? '' : '  <- differs'}\n`);
  }
  process.exitCode = differences === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** The number of states that spin visits. One more than that it counts before anything has been submitted. */
function statesOf(graph: ExploredGraph): number {
  writeFileSync(join(folder, 'model.pml'), promelaOf(graph));
  // Without `-o2`, spin leaves out what is only written, as whether a cancelled task had started, and counts fewer states.
  execFileSync('spin', ['-o2', '-a', 'model.pml'], { cwd: folder, stdio: 'inherit' });
  execFileSync('gcc', ['-O0', '-w', '-DNOREDUCE', '-DSAFETY', '-o', 'pan', 'pan.c'], { cwd: folder });
  const report = execFileSync(join(folder, 'pan'), ['-m1000000'], { cwd: folder, encoding: 'utf8' });
  if (!report.includes('errors: 0')) throw new Error(report);
  const stored = /^\s*(\d+) states, stored/m.exec(report)?.[1];
  if (stored === undefined) throw new Error(`spin reports no number of states:\n${report}`);
  return Number(stored) - 1;
}

function promelaOf({ queues, tasks }: ExploredGraph): string {
  const numbers = tasks.map((_, at) => at);
  const places = new Map(tasks.map(({ id }, at) => [id, at]));
  const pairs = (isPartial: boolean): string => {
    const found = tasks.flatMap(({ deps = [] }, at) =>
      deps
        .filter((dep) => dep.includes('#') === isPartial)
        .map((dep) => `((i_) == ${at} && (j_) == ${places.get(dep.split('#')[0] ?? '')})`),
    );
    return found.length === 0 ? 'false' : `(${found.join(' || ')})`;
  };
  const withPart = tasks.flatMap(({ partials = 0 }, at) => (partials > 0 ? [`(i_) == ${at}`] : []));
  return [
    `#define N ${tasks.length}`,
    `#define SLOTS ${queues[0]?.concurrency}`,
    `#define DEPS(i_, j_) ${pairs(false)}`,
    `#define PART(i_, j_) ${pairs(true)}`,
    `#define HAS_PART(i_) ${withPart.length === 0 ? 'false' : `(${withPart.join(' || ')})`}`,
    expanded(numbers),
  ].join('\n');
}

/** The model with the events of each task written out: a loop over tasks would be a choice of its own, and a state. */
function expanded(numbers: readonly number[]): string {
  const [, body = ''] = /inline eventsOf\(t\) \{\n(.*?)\n\}\n/s.exec(model) ?? [];
  const events = numbers.map((task) => body.replaceAll(/\bt\b/g, String(task))).join('\n');
  return model.replace(/inline eventsOf\(t\) \{\n.*?\n\}\n/s, '').replace('EVENTS', events);
}
