/** What a part of the benchmark is: something with a name that measures and returns its tables. One file each in rows/. */
import type { Contestant } from './contestant.js';
import type { Table } from './report.js';

/**
 * What every row is given.
 *
 * @internal
 */
export interface Run {
  /** Small sizes and few repetitions: shows that it works, not how fast. */
  readonly quick: boolean;
  /** Those who take part, in the order of the table. */
  readonly contestants: readonly Contestant[];
  /** Tells a person what is being done. */
  progress(line: string): void;
}

/**
 * A part of the benchmark, chosen by `--only <name>`.
 *
 * @internal
 */
export interface Row {
  readonly name: string;
  measure(run: Run): Promise<readonly Table[]>;
}

/** How many tasks run at once, unless a row says otherwise. @internal */
export const CONCURRENCY = 8;
