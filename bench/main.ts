/**
 * `npm run bench`: pullgraph, its peers and a hand-written floor do the same work in one run. Prints a table for each part
 * and, at the end, all targets. A full run also writes bench/results.md, the table of targets in docs/performance.md and
 * the plots in docs/plots/. Progress goes to stderr.
 *
 * --quick                  small sizes and few runs, to see that it works
 * --only <row>             one part: matrix, chain, layered, wide, cold, growth, …; may be repeated
 * --contestants <a,b,…>    only these, in the parts that compare libraries
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CONTESTANTS, loadContestant } from './contestants/index.js';
import { withMarked } from './marked.js';
import { leaveUnfinished } from './measure.js';
import { keepPlot } from './plots.js';
import { asMarkdown, asMarkdownTable, asText, machine, type Table } from './report.js';
import type { Run } from './row.js';
import { ROWS } from './rows/index.js';
import { type Figure, summary } from './targets.js';

const RESULTS = new URL('./results.md', import.meta.url);
const PERFORMANCE = new URL('../docs/performance.md', import.meta.url);

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    contestants: { type: 'string' },
  },
});
const names = ROWS.map((row) => row.name);
const unknown = flags.only.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}; there are ${names.join(', ')}`);
const rows = flags.only.length === 0 ? ROWS : ROWS.filter((row) => flags.only.includes(row.name));

const chosen = flags.contestants?.split(',') ?? CONTESTANTS;
const run: Run = {
  scale: flags.quick ? 'quick' : 'full',
  contestants: await Promise.all(chosen.map(loadContestant)),
  progress(line) {
    process.stderr.write(`[${(performance.now() / 1_000).toFixed(0).padStart(3)} s] ${line}\n`);
  },
};
// The parts about pullgraph alone run it and the floor even if they were not chosen.
const others = await Promise.all(['pullgraph', 'floor'].filter((name) => !chosen.includes(name)).map(loadContestant));
for (const contestant of [...run.contestants, ...others]) leaveUnfinished(contestant);
const isFull = !flags.quick && flags.contestants === undefined;

const tables: Table[] = [];
const figures: Figure[] = [];
for (const row of rows) {
  const measurement = await row.measure(run);
  tables.push(...measurement.tables);
  figures.push(...measurement.figures);
  for (const table of measurement.tables) process.stdout.write(`${asText(table)}\n\n`);
  if (isFull && measurement.plot !== undefined) await keepPlot(measurement.plot);
}
const targets = summary(figures, !flags.quick);
const header = machine(['xstate', 'piscina', 'bullmq', 'p-limit', 'p-queue', 'p-graph', 'async']);
process.stdout.write(`${asText(targets)}\n\n${header}\n`);
run.progress('done');

if (isFull && rows.length === ROWS.length) {
  const about = [
    '# Benchmark results',
    '',
    'Written by `npm run bench`; docs/performance.md says what each part measures. No-op async functions, 8 at once,',
    'submission included in the time, unless said otherwise. The floor is a hand-written loop over plain arrays in the',
    'same demand order, without actors (bench/contestants/floor.ts).',
    '',
    header,
  ].join('\n');
  writeFileSync(RESULTS, `${[about, ...[targets, ...tables].map(asMarkdown)].join('\n\n')}\n`);
  const page = readFileSync(PERFORMANCE, 'utf8');
  writeFileSync(PERFORMANCE, withMarked(page, 'targets', `${header}\n\n${asMarkdownTable(targets)}`));
  run.progress('wrote bench/results.md, docs/performance.md and docs/plots/');
}
