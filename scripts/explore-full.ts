/**
 * Explores every graph of up to five tasks and writes the figures to docs/exploring.md; with `--four`, of up to four, and writes nothing; with
 * `--mutants`, the tables of the invariants and of the planted bugs instead. Ends with 1 as soon as an invariant is violated or a bug is not found.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type ExploreBounds, explore, tellExploration } from '../src/testing/index.js';
import { INVARIANTS } from '../src/testing/explore/invariants.js';
import { caught } from '../test/explore/catching.js';
import { graphOf, partialGraphOf, shapes } from '../test/explore/graphs.js';
import { MUTANTS } from '../test/explore/mutants.js';

interface Row {
  readonly what: string;
  readonly counts: readonly number[];
  readonly make: typeof graphOf;
  readonly bounds: ExploreBounds;
}

const ALL = 'a failure, a cancel, a stop';
const ROWS: readonly Row[] = [
  { what: ALL, counts: [1, 2, 3, 4], make: graphOf, bounds: { granularity: 'macro' } },
  { what: `${ALL}, a partial result`, counts: [2, 3, 4], make: partialGraphOf, bounds: { granularity: 'macro' } },
  { what: ALL, counts: [5], make: graphOf, bounds: { granularity: 'macro' } },
  { what: ALL, counts: [1, 2, 3, 4], make: graphOf, bounds: { granularity: 'micro' } },
  { what: `${ALL}, a partial result`, counts: [2, 3, 4], make: partialGraphOf, bounds: { granularity: 'micro' } },
  { what: 'a failure', counts: [5], make: graphOf, bounds: { granularity: 'micro', cancels: 0, stops: 0 } },
  { what: 'a failure, a cancel', counts: [5], make: graphOf, bounds: { granularity: 'micro', stops: 0 } },
  { what: 'a failure, a stop', counts: [5], make: graphOf, bounds: { granularity: 'micro', cancels: 0 } },
];

const file = new URL('../docs/exploring.md', import.meta.url);

function write(name: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const block = new RegExp(`(<!-- ${name} -->\n\n).*(<!-- end of ${name} -->)`, 's');
  if (!block.test(page)) throw new Error(`docs/exploring.md has no block ${name}`);
  writeFileSync(
    file,
    page.replace(block, (_, head: string, tail: string) => `${head}${text}\n${tail}`),
  );
}

function figures({ what, counts, make, bounds }: Row): string {
  const before = process.cpuUsage();
  let graphs = 0;
  let states = 0;
  let transitions = 0;
  for (const slots of [1, 2]) {
    for (const shape of counts.flatMap(shapes)) {
      const found = explore(make(shape, slots), { ...bounds, maxStates: 20_000_000 });
      if (found.violation !== undefined || !found.isComplete) {
        throw new Error(`${JSON.stringify(shape)}, ${slots} slots: ${tellExploration(found)}`);
      }
      graphs += 1;
      states += found.states;
      transitions += found.transitions;
    }
  }
  const { user, system } = process.cpuUsage(before);
  const tasks = counts.length > 1 ? `${counts[0]} to ${counts.at(-1)}` : String(counts[0]);
  const numbers = [graphs, states, transitions].map((number) => number.toLocaleString('en-US')).join(' | ');
  const row = `| ${bounds.granularity} | ${tasks} | ${what} | ${numbers} | ${Math.ceil((user + system) / 1e6)} |`;
  process.stdout.write(`${row}\n`);
  return row;
}

function mutantRow(mutant: (typeof MUTANTS)[number]): string {
  const found = caught(mutant);
  if (found === undefined) throw new Error(`no exploration notices when ${mutant.name}`);
  const { granularity, violation } = found;
  const inputs = violation.trace.filter(({ isInput }) => isInput).length;
  return `| ${mutant.name} | ${granularity} | ${violation.invariant} | ${inputs} | ${violation.trace.length} |`;
}

if (process.argv.includes('--mutants')) {
  const sentences = Object.entries(INVARIANTS).map(([name, sentence]) => `| \`${name}\` | ${sentence} |`);
  write('invariants', `${['| invariant | says |', '| --- | --- |', ...sentences].join('\n')}\n`);
  const head = '| planted bug | found | invariant | inputs | deliveries |\n| --- | --- | --- | ---: | ---: |';
  write('planted bugs', `${[head, ...MUTANTS.map(mutantRow)].join('\n')}\n`);
} else if (process.argv.includes('--four')) {
  for (const row of ROWS.filter(({ counts }) => Math.max(...counts) <= 4)) figures(row);
} else {
  const head =
    '| granularity | tasks | what may happen | graphs | states | transitions | CPU seconds |\n| --- | --- | --- | ---: | ---: | ---: | ---: |';
  write('figures', `${[head, ...ROWS.map(figures)].join('\n')}\n`);
}
