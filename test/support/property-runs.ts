/**
 * How often each property is tried. A number of runs that a test names is for `PULLGRAPH_RUNS=1`, which is what `npm test`
 * takes; `npm run test:deep` multiplies it. Loading this file multiplies the number that fast-check takes by itself.
 */
const DEFAULT_RUNS = 100;

const factor = Number(process.env['PULLGRAPH_RUNS'] ?? 1);
if (!(factor > 0)) throw new Error(`PULLGRAPH_RUNS must be a number above 0, got ${process.env['PULLGRAPH_RUNS']}`);

/** The number of runs for a property that `npm test` tries `count` times; at least 1. */
export function scaledRuns(count: number): number {
  return Math.max(1, Math.round(count * factor));
}

/** Where a mutant is to be found by every run or by none, properties draw the same cases each time. */
const seed = process.env['PULLGRAPH_SEED'];

// Most files have no properties, and are spared the loading of fast-check.
if (factor !== 1 || seed !== undefined) {
  const fc = await import('fast-check');
  const fixed = seed === undefined ? {} : { seed: Number(seed) };
  fc.configureGlobal({ ...fc.readConfigureGlobal(), ...fixed, numRuns: scaledRuns(DEFAULT_RUNS) });
}
