/** The steps of the stop-resume pipeline: each writes one file, which must not be there yet, and returns what it did. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readSeries } from '../data/vega-series.js';

/** One month of weather in short; temperatures in °C. */
export interface MonthSummary {
  readonly month: string;
  readonly days: number;
  readonly mean: number;
  readonly highest: number;
}

const { dates, values } = readSeries('seattle-weather.csv', 'temp_max');

/** The months of the data, as `2012-01`, in the order of time. */
export function listMonths(): readonly string[] {
  return [...new Set(dates.map(monthOf))];
}

/** Writes the highest temperature of each day of `month` to `<month>.txt`, a line a day, and returns the path. */
export async function splitMonth(folder: string, month: string): Promise<string> {
  const lines = [...values].filter((_, day) => monthOf(dates[day] ?? '') === month);
  return writeNew(join(folder, `${month}.txt`), lines.join('\n'));
}

/** Reads what `splitMonth` wrote and writes its summary to `<month>.json` beside it. */
export async function summariseMonth(path: string): Promise<MonthSummary> {
  const temperatures = (await readFile(path, 'utf8')).split('\n').map(Number);
  const summary: MonthSummary = {
    month: basename(path, '.txt'),
    days: temperatures.length,
    mean: temperatures.reduce((sum, value) => sum + value, 0) / temperatures.length,
    highest: Math.max(...temperatures),
  };
  await writeNew(path.replace(/\.txt$/, '.json'), JSON.stringify(summary));
  return summary;
}

/** Writes all summaries to `report.csv`, in the order given, and returns the path. */
export async function writeReport(folder: string, summaries: readonly MonthSummary[]): Promise<string> {
  const lines = summaries.map(({ month, days, mean, highest }) => [month, days, mean.toFixed(1), highest].join(','));
  return writeNew(join(folder, 'report.csv'), ['month,days,mean,highest', ...lines, ''].join('\n'));
}

function monthOf(date: string): string {
  return date.slice(0, 7);
}

async function writeNew(path: string, text: string): Promise<string> {
  await writeFile(path, text, { flag: 'wx' });
  return path;
}
