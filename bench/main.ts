/**
 * `npm run bench`: pullgraph, its peers and a hand-written floor do the same work in one run. Prints the tables; a full
 * run also writes bench/results.md. Progress goes to stderr.
 *
 * --quick                  small sizes, to see that it works
 * --only <row>             one row: matrix, chain, layered, wide, growth, …; may be repeated
 * --contestants <a,b,…>    only these
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CONTESTANTS, loadContestant } from './contestant.js';
import { asMarkdown, asText, machine, type Table } from './report.js';
import type { Run } from './row.js';
import { ROWS } from './rows/index.js';

const RESULTS = new URL('./results.md', import.meta.url);

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    contestants: { type: 'string' },
  },
});
const rows = flags.only.length === 0 ? ROWS : ROWS.filter((row) => flags.only.includes(row.name));
if (rows.length === 0) throw new Error(`no such row; there are ${ROWS.map((row) => row.name).join(', ')}`);

const names = flags.contestants?.split(',') ?? CONTESTANTS;
const run: Run = {
  quick: flags.quick,
  contestants: await Promise.all(names.map(loadContestant)),
  progress(line) {
    process.stderr.write(`[${(performance.now() / 1_000).toFixed(0).padStart(3)} s] ${line}\n`);
  },
};

const header = machine(['xstate', 'p-limit', 'p-queue', 'p-graph']);
const tables: Table[] = [];
for (const row of rows) {
  for (const table of await row.measure(run)) {
    tables.push(table);
    process.stdout.write(`${asText(table)}\n\n`);
  }
}
process.stdout.write(`${header}\n`);

const complete = !flags.quick && flags.only.length === 0 && flags.contestants === undefined;
if (complete) {
  const about = [
    '# Benchmark results',
    '',
    'Written by `npm run bench`. No-op async functions, 8 at once, submission included in the time. The floor is a',
    'hand-written loop over plain arrays in the same demand order, without actors (bench/contestants/floor.ts).',
    'Bytes per pending task count the heap and the buffers of typed arrays after a collection, when everything is',
    'submitted and nothing has run: the closure and the promise or handle of each task included.',
    '',
    header,
  ].join('\n');
  writeFileSync(RESULTS, `${[about, ...tables.map(asMarkdown)].join('\n\n')}\n`);
  run.progress('wrote bench/results.md');
}
