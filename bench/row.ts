/** A part of the benchmark: it has a name, measures, and returns tables and figures. Each has its file in rows/. */
import type { Contestant } from './contestants/contestant.js';
import type { Effort } from './measure.js';
import type { Plot } from './plots.js';
import type { Table } from './report.js';
import type { Figure } from './targets.js';

/**
 * Sizes and numbers of runs: `full` measures; `quick` and `tiny` only show, to a person and to the tests, that it works.
 *
 * @internal
 */
export type Scale = 'full' | 'quick' | 'tiny';

/**
 * The input of every row.
 *
 * @internal
 */
export interface Run {
  readonly scale: Scale;
  /** The contestants in rows that compare libraries, in the order of the table. */
  readonly contestants: readonly Contestant[];
  /** Reports progress to a person. */
  progress(line: string): void;
}

/**
 * The output of a row.
 *
 * @internal
 */
export interface Measurement {
  readonly tables: readonly Table[];
  /** The figures to compare with targets. */
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

/** The number of tasks that run at once, unless a row says otherwise. @internal */
export const CONCURRENCY = 8;

/**
 * The number of repetitions at the scale of the run: at full scale at least three, then more until `budgetMs` is used up.
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
