/**
 * Simulates random scenarios with faults, each twice, and compares: both traces must be the same, byte for byte, and every invariant must hold.
 * Every eighth runs the second time with the interpreter `xstate`.
 *
 *     npm run simulate -- [--runs 1000] [--seed 1] [--progress]
 *
 * What goes wrong is printed with its seed and the command line that repeats it, and the exit code is 1.
 */
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { ALL_FEATURES, arbitraries } from '../src/testing/fast-check.js';
import { ALL_FAULTS, check, INVARIANTS, reportText, type Scenario, simulate } from '../src/testing/index.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    progress: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const first = Number(values.seed);

/** Every how many seeds the second run is that of the other interpreter. */
const OTHER_EVERY = 8;

const { scenarios } = arbitraries(fc);
const any = fc.oneof(
  scenarios(ALL_FEATURES),
  scenarios({ ...ALL_FEATURES, fifo: false, priority: false }),
  scenarios({ maxTasks: 25, priority: true }),
);

const counts = new Map<string, number>();
let events = 0;
let failed = 0;

for (let seed = first; seed < first + runs; seed += 1) {
  const [scenario] = fc.sample(any, { seed, numRuns: 1 });
  const trouble = scenario === undefined ? 'no scenario was drawn' : troubleWith(scenario, seed);
  if (values.progress && (seed - first) % 1_000 === 0) process.stderr.write(`${seed - first} of ${runs}\n`);
  if (trouble === undefined) continue;
  failed += 1;
  console.log(`seed ${seed}: ${trouble}\nrepeat it: npm run simulate -- --seed ${seed} --runs 1\n`);
}

const rare = Object.keys(INVARIANTS).map((name) => `${name} ${counts.get(name) ?? 0}`);
console.log(
  `${runs} simulations, each twice, ${events} events: ${failed === 0 ? 'all invariants hold' : `${failed} failed`}`,
);
console.log(`asked for: ${rare.join(', ')}`);
process.exitCode = failed === 0 ? 0 : 1;

function troubleWith(scenario: Scenario, seed: number): string | undefined {
  try {
    const once = simulate(scenario, { seed, faults: ALL_FAULTS });
    const interpreter = seed % OTHER_EVERY === 0 ? 'xstate' : 'compiled';
    const twice = simulate(scenario, { seed, faults: ALL_FAULTS, interpreter });
    const report = check(once.trace, once.scenario);
    events += report.events;
    for (const { name, checked } of report.invariants) counts.set(name, (counts.get(name) ?? 0) + checked);
    if (!report.holds) return `an invariant is broken\n${reportText(report)}`;
    return JSON.stringify(once) === JSON.stringify(twice) ? undefined : `the second run (${interpreter}) differs`;
  } catch (error) {
    return String(error instanceof Error ? error.stack : error);
  }
}
