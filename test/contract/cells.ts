/**
 * Three counters that a test and the functions it submits both see: in shared memory, or in a file where the functions
 * run in processes of their own. A file is a list of changes, each appended as a whole, so that none is lost.
 */
import { appendFileSync, readFileSync } from 'node:fs';

/** Counters that begin at zero. */
export type Cells = Int32Array | { readonly file: string };

export const COUNT = 3;

export function load(cells: Cells, index: number): number {
  return valuesOf(cells)[index] ?? 0;
}

export function store(cells: Cells, index: number, value: number): void {
  if (cells instanceof Int32Array) Atomics.store(cells, index, value);
  else appendFileSync(cells.file, `${index}=${value}\n`);
}

/** Returns what it was before, or somewhat more where others add at the same time. */
export function addTo(cells: Cells, index: number, value: number): number {
  if (cells instanceof Int32Array) return Atomics.add(cells, index, value);
  appendFileSync(cells.file, `${index}+${value}\n`);
  return load(cells, index) - value;
}

export function valuesOf(cells: Cells): number[] {
  if (cells instanceof Int32Array) return Array.from({ length: COUNT }, (_, index) => Atomics.load(cells, index));
  const values = new Array<number>(COUNT).fill(0);
  for (const [, index, change, value] of readFileSync(cells.file, 'utf8').matchAll(/(\d)([=+])(-?\d+)\n/g)) {
    values[Number(index)] = Number(value) + (change === '+' ? (values[Number(index)] ?? 0) : 0);
  }
  return values;
}
