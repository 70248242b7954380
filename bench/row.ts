/** What a part of the benchmark is: something with a name that measures and returns what it found. One file each in rows/. */
import type { Contestant } from './contestants/contestant.js';
import type { Effort } from './measure.js';
import type { Plot } from './plots.js';
import type { Table } from './report.js';
import type { Figure } from './targets.js';

/**
 * How large and how often: `full` measures; `quick` and `tiny` only show that it works, to a person and to the tests.
 *
 * @internal
 */
export type Scale = 'full' | 'quick' | 'tiny';

/**
 * What every row is given.
 *
 * @internal
 */
export interface Run {
  readonly scale: Scale;
  /** Those who take part where libraries are compared, in the order of the table. */
  readonly contestants: readonly Contestant[];
  /** Tells a person what is being done. */
  progress(line: string): void;
}

/**
 * What a row found.
 *
 * @internal
 */
export interface Measurement {
  readonly tables: readonly Table[];
  /** What is held against a target. */
  readonly figures: readonly Figure[];
  readonly plot?: Plot;
}

/**
 * A part of the benchmark, chosen by `--only <name>`.
 *
 * @internal
 */
export interface Row {
  readonly name: string;
  measure(run: Run): Promise<Measurement>;
}

/** How many tasks run at once, unless a row says otherwise. @internal */
export const CONCURRENCY = 8;

/**
 * How often to repeat at the scale of the run; at full scale at least three times, then until `budgetMs` is used up.
 *
 * @internal
 */
export function effortOf({ scale }: Run, budgetMs: number): Effort {
  switch (scale) {
    case 'full':
      return { warmUpTasks: 20_000, warmUpMs: 1_000, minRepetitions: 3, maxRepetitions: 15, budgetMs };
    case 'quick':
      return { warmUpTasks: 5_000, warmUpMs: 100, minRepetitions: 2, maxRepetitions: 3, budgetMs: 500 };
    case 'tiny':
      return { warmUpTasks: 1, warmUpMs: 1_000, minRepetitions: 1, maxRepetitions: 1, budgetMs: 0 };
  }
}
