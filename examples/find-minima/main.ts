/**
 * Finds the yearly minima of the CO2 concentration at Mauna Loa in a series that is still being measured. The search is
 * one task with many results. A task that depends on two neighbouring minima runs as soon as both are found, while the search
 * continues. The number of minima is unknown beforehand: a handle beyond the last fails with a typed error.
 */
import { DependencyFailed, PartialOutOfRange, Scheduler } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import { findMinima, type Minimum } from './minima.js';

/** Time between two measurements. */
const INTERVAL_MS = 1;

/** More than there are; the series spans fewer years. */
const MINIMA_ASKED_FOR = 80;

interface Rise {
  readonly from: string;
  readonly to: string;
  /** Rise of the concentration, in ppm a year. */
  readonly perYear: number;
}

function rise(earlier: Minimum, later: Minimum): Rise {
  const years = (Date.parse(later.date) - Date.parse(earlier.date)) / (365.25 * 24 * 3600 * 1000);
  return { from: earlier.date, to: later.date, perYear: (later.value - earlier.value) / years };
}

await using scheduler = new Scheduler();
const search = scheduler.queue('search', {
  concurrency: 1,
  executor: threads(new URL('./minima.ts', import.meta.url)),
});
const evaluate = scheduler.queue('evaluate', { concurrency: 1 });

const minima = search.submit(findMinima, INTERVAL_MS);
const rises = Array.from({ length: MINIMA_ASKED_FOR }, (_, i) => evaluate.submit(rise, minima.at(i), minima.at(i + 1)));
const count = evaluate.submit((all: readonly Minimum[]) => all.length, minima);
scheduler.start();

let duringSearch = 0;
let beyondTheEnd = 0;
const found: Rise[] = [];
for await (const handle of scheduler.asCompleted(rises)) {
  const outcome = await handle.settled();
  if (outcome.status === 'done') {
    found.push(outcome.result);
    if (minima.state === 'partial') duringSearch += 1;
  } else if (outcome.status === 'failed' && isBeyondTheEnd(outcome.error)) {
    beyondTheEnd += 1;
  }
}
const first = await minima.at(0).result();
console.log(`minima found: ${await count.result()}, the first ${first.value} ppm in ${first.date}`);
console.log(`rises computed: ${found.length}, while the search went on: ${duringSearch}`);
console.log(`asked for in vain, as there are no more minima: ${beyondTheEnd}`);
for (const { from, to, perYear } of [...found.slice(0, 3), ...found.slice(-3)]) {
  console.log(`  ${from} to ${to}: ${perYear.toFixed(2)} ppm a year`);
}
await scheduler.wait();

/** A dependency on a result that never comes fails the dependent; the first error in the chain of causes says why. */
function isBeyondTheEnd(error: unknown): boolean {
  return error instanceof DependencyFailed && error.root instanceof PartialOutOfRange;
}
