/**
 * Real measurements for the examples: columns of the CSV files that come in the npm package vega-datasets. Its entry
 * module fetches over the network; the files are in the package, so they are read from there.
 */
import { readFileSync } from 'node:fs';

/** Measurements in the order in which they were taken; `dates[i]` (as written in the file) belongs to `values[i]`. */
export interface Series {
  readonly dates: readonly string[];
  readonly values: Float64Array;
}

/**
 * One column of `data/<file>` of vega-datasets. The first column of the file must be the date.
 *
 * @throws Error when the file has no such column, quotes a field, or holds something that is not a number there.
 */
export function readSeries(file: string, column: string): Series {
  const entry = import.meta.resolve('vega-datasets');
  const text = readFileSync(new URL(`../data/${file}`, entry), 'utf8');
  // Quoted fields may hold commas and line ends; these files have none, and a file that has must not be read wrongly.
  if (text.includes('"')) throw new Error(`${file}: quoted fields are not supported`);
  const [header = [], ...rows] = text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(','));
  const place = header.indexOf(column);
  if (place < 1) throw new Error(`${file}: no column ${column} among ${header.join(', ')}`);
  const values = Float64Array.from(rows, (row, index) => {
    const field = row[place]?.trim();
    const value = field ? Number(field) : Number.NaN;
    if (row.length !== header.length || !Number.isFinite(value)) {
      throw new Error(`${file}, line ${index + 2}: no number in column ${column}`);
    }
    return value;
  });
  return { dates: rows.map((row) => row[0] ?? ''), values };
}
