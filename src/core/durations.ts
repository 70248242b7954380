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

/** Stats that go on being counted. @internal */
export type RunningStats = { -readonly [Name in keyof Omit<DurationStats, 'lastMs'>]: number } & {
  readonly lastMs: number[];
};

/** Of a kind that has not been seen, or as they were kept. @internal */
export function runningStats(kept?: DurationStats): RunningStats {
  const none = { count: 0, meanMs: 0, squares: 0, failures: 0, waits: 0, meanWaitMs: 0 };
  return { ...none, ...kept, lastMs: [...(kept?.lastMs ?? [])] };
}

/** Counts one duration more. @internal */
export function addDuration(stats: RunningStats, ms: number): void {
  stats.count += 1;
  const difference = ms - stats.meanMs;
  stats.meanMs += difference / stats.count;
  stats.squares += difference * (ms - stats.meanMs);
  if (stats.lastMs.push(ms) > MOST_LAST) stats.lastMs.shift();
}

/** Counts one wait more. @internal */
export function addWait(stats: RunningStats, ms: number): void {
  stats.waits += 1;
  stats.meanWaitMs += (ms - stats.meanWaitMs) / stats.waits;
}

/** The standard deviation of one duration, in ms; 0 as long as there are not two. @internal */
export function spreadMs({ count, squares }: DurationStats): number {
  return count < 2 ? 0 : Math.sqrt(squares / (count - 1));
}
