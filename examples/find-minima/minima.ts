/** Finding the minima of a series while it is still being measured. Runs in a worker thread. */
import { setTimeout as wait } from 'node:timers/promises';
import { readSeries } from '../data/vega-series.js';

/** A month that is lower than all within `REACH` months before and after it. */
export interface Minimum {
  readonly date: string;
  readonly value: number;
}

/** Months on either side that a minimum must undercut: less than half a year, so that each year has one. */
const REACH = 5;

/**
 * Yields the minima of the monthly CO2 concentration at Mauna Loa, in ppm, in the order of time, each as soon as the
 * measurements that tell it are there. A measurement comes every `intervalMs`.
 */
export async function* findMinima(intervalMs: number): AsyncGenerator<Minimum> {
  const { dates, values } = readSeries('co2-concentration.csv', 'CO2');
  for (let latest = 0; latest < values.length; latest += 1) {
    await wait(intervalMs);
    const centre = latest - REACH;
    const value = values[centre];
    if (centre < REACH || value === undefined) continue;
    const around = values.subarray(centre - REACH, latest + 1);
    if (around.every((other, k) => k === REACH || other > value)) yield { date: dates[centre] ?? '', value };
  }
}
