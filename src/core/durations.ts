/**
 * What is known of how long one kind of task takes: count, mean and spread by Welford's method (1962), which needs no list of
 * values, and the last durations. Plain data, as a store keeps it.
 */

/** How many of the last durations are kept. */
const MOST_LAST = 8;

/** The durations of one kind of task; times in milliseconds. @internal */
export interface DurationStats {
  /** How many attempts were done. */
  readonly count: number;
  readonly meanMs: number;
  /** The sum of the squares of the differences from the mean, in ms². */
  readonly squares: number;
  /** The newest last. */
  readonly lastMs: readonly number[];
  /** How many attempts failed or timed out. */
  readonly failures: number;
  /** How many tasks that are kept in a store were ready and started, and how long they waited in between. */
  readonly waits: number;
  readonly meanWaitMs: number;
}

/** A kind by its name, with what is known of it. @internal */
export type KnownKind = readonly [name: string, stats: DurationStats];

/** @internal */
export const NO_DURATIONS: DurationStats = {
  count: 0,
  meanMs: 0,
  squares: 0,
  lastMs: [],
  failures: 0,
  waits: 0,
  meanWaitMs: 0,
};

/** The stats with one duration more. @internal */
export function withDuration(stats: DurationStats, ms: number): DurationStats {
  const count = stats.count + 1;
  const difference = ms - stats.meanMs;
  const meanMs = stats.meanMs + difference / count;
  const squares = stats.squares + difference * (ms - meanMs);
  return { ...stats, count, meanMs, squares, lastMs: [...stats.lastMs, ms].slice(-MOST_LAST) };
}

/** The stats with one wait more. @internal */
export function withWait(stats: DurationStats, ms: number): DurationStats {
  const waits = stats.waits + 1;
  return { ...stats, waits, meanWaitMs: stats.meanWaitMs + (ms - stats.meanWaitMs) / waits };
}

/** The standard deviation of one duration, in ms; 0 as long as there are not two. @internal */
export function spreadMs({ count, squares }: DurationStats): number {
  return count < 2 ? 0 : Math.sqrt(squares / (count - 1));
}
