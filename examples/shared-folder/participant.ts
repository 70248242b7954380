/** One participant: submits all the work, does a part of it, and has all results. With `hang` it stays in its first task. */
import { Scheduler } from 'pullgraph';
import { sharedFolder } from 'pullgraph/shared-folder';
import { readSeries } from '../data/vega-series.js';
import type { Message } from './messages.js';

const [folder = '', mode] = process.argv.slice(2);
const { dates, values } = readSeries('co2-concentration.csv', 'CO2');

// In this example everything is quick. With the defaults a participant is given up after half a minute.
const shared = sharedFolder(folder, { beatMs: 200, expireMs: 2_000, checkMs: 100 });
await using scheduler = new Scheduler();
const queue = scheduler.queue('years', shared.over({ concurrency: 1 }));

let runs = 0;

interface Year {
  readonly year: string;
  readonly mean: number;
}

async function meanOf(year: string): Promise<Year> {
  if (mode === 'hang') await hang();
  runs += 1;
  const ofYear = [...values].filter((_, index) => dates[index]?.startsWith(year));
  return { year, mean: ofYear.reduce((sum, value) => sum + value, 0) / ofYear.length };
}

function steepestRise(years: readonly Year[]): string {
  runs += 1;
  const rises = years
    .slice(1)
    .map((year, index) => ({ ...year, rise: year.mean - (years[index]?.mean ?? Number.NaN) }));
  const [steepest] = rises.sort((one, other) => other.rise - one.rise);
  return `${years.length} years, the steepest rise in ${steepest?.year}: ${steepest?.rise.toFixed(2)} ppm`;
}

function hang(): Promise<never> {
  // Not longer than the program that is going to kill it.
  process.once('disconnect', () => process.exit(1));
  tell({ kind: 'hanging' });
  return new Promise(() => {});
}

function tell(message: Message): void {
  process.send?.(message);
}

const years = [...new Set(dates.map((date) => date.slice(0, 4)))];
const means = years.map((year) => queue.submit({ id: `mean of ${year}` }, meanOf, year));
const report = queue.submit({ id: 'steepest rise' }, steepestRise, means);
scheduler.start();
const text = await report.result();
tell({ kind: 'done', runs, report: text });
process.disconnect();
