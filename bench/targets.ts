/** The project's targets, in the order of the table, and the verdict on each measured figure. */
import type { Repeated } from './measure.js';
import { ABSENT, figure, range, type Table } from './report.js';

/** At most the limit, exactly the limit, or at most the limit as an aim that is not counted. */
type Bound = 'at most' | 'exactly' | 'aim';

interface Target {
  readonly title: string;
  readonly bound: Bound;
  readonly limit: number;
  readonly unit?: string;
}

const TARGETS = {
  matrix: { title: 'matrix, time / p-limit', bound: 'at most', limit: 0.8 },
  chain: { title: 'chain 100k, time / p-limit', bound: 'at most', limit: 1 },
  layered: { title: 'layered 100k, time / p-limit', bound: 'at most', limit: 0.8 },
  wide: { title: 'wide 1M, time / p-limit', bound: 'at most', limit: 0.4 },
  'cold matrix': { title: 'matrix, cold: CPU time / p-limit', bound: 'at most', limit: 1 },
  'cold chain': { title: 'chain 100k, cold: CPU time / p-limit', bound: 'at most', limit: 1.3 },
  'cold layered': { title: 'layered 100k, cold: CPU time / p-limit', bound: 'at most', limit: 0.6 },
  'cold wide': { title: 'wide 1M, cold: CPU time / p-limit', bound: 'at most', limit: 0.4 },
  stream: { title: 'stream, 100k results: time per result / layered per task', bound: 'at most', limit: 1 },
  append: { title: 'append, 100k tasks one by one: time / chain 100k', bound: 'at most', limit: 1.5 },
  'growth layered': { title: 'growth, layered: time per task at 1M / at 10k', bound: 'at most', limit: 1.3 },
  'growth wide': { title: 'growth, wide: time per task at 1M / at 10k', bound: 'at most', limit: 1.3 },
  heap: { title: 'heap per pending task, 1M wide', bound: 'at most', limit: 400, unit: 'bytes' },
  'matrix / floor': { title: 'matrix, time / floor', bound: 'aim', limit: 3 },
  'chain / floor': { title: 'chain 100k, time / floor', bound: 'aim', limit: 3 },
  'layered / floor': { title: 'layered 100k, time / floor', bound: 'aim', limit: 3 },
  'wide / floor': { title: 'wide 1M, time / floor', bound: 'aim', limit: 3 },
  'stream / floor': { title: 'stream, time per result / floor, layered per task', bound: 'aim', limit: 3 },
  'append / floor': { title: 'append, time / floor, chain 100k', bound: 'aim', limit: 3 },
  'first result tasks': {
    title: 'matrix on one slot, tasks run until the first final result',
    bound: 'exactly',
    limit: 3,
    unit: 'tasks',
  },
  'first result share': {
    title: 'matrix on one slot, time to the first final result / to the last',
    bound: 'at most',
    limit: 1,
    unit: '%',
  },
  'threads cpu': {
    title: 'threads, 10k tasks of 1 ms on 2 threads: time / raw piscina',
    bound: 'at most',
    limit: 1.05,
  },
  'threads no-op': { title: 'threads, 50k no-op tasks: time / raw piscina', bound: 'at most', limit: 1.2 },
  'threads share': {
    title: 'threads, 80 KB arrays through 1,000 dependents: time with share / without',
    bound: 'at most',
    limit: 0.7,
  },
  'distributed no-op': {
    title: 'distributed, 10k no-op tasks on 8 slots: time / raw BullMQ with 8 jobs out',
    bound: 'at most',
    limit: 1.1,
  },
  soak: { title: 'soak, 10M tasks: heap at the end / after the first 100k', bound: 'at most', limit: 1.05 },
  'event loop': { title: 'event-loop delay p99 during 100k no-op tasks', bound: 'at most', limit: 20, unit: 'ms' },
  inspection: { title: 'matrix with an inspection observer: time / without', bound: 'at most', limit: 2 },
  inspect: { title: 'layered 100k with an open inspector: CPU time / without', bound: 'at most', limit: 1.2 },
  'store kept': { title: 'store, 100k no-op tasks: time kept / not kept', bound: 'aim', limit: 4 },
  'store more': {
    title: 'store, 100k no-op tasks: time kept - not kept, per task',
    bound: 'aim',
    limit: 15,
    unit: 'µs',
  },
  'store restored': { title: 'store, 100k no-op tasks: time restored / kept', bound: 'aim', limit: 0.6 },
} satisfies Record<string, Target>;

/** @internal */
export type TargetId = keyof typeof TARGETS;

/** Every target, in the order of the table. @internal */
export const TARGET_IDS = Object.keys(TARGETS) as readonly TargetId[];

/**
 * The measurement for one target, in its unit.
 *
 * @internal
 */
export interface Figure extends Repeated {
  readonly target: TargetId;
  /** The reason, as a phrase, for the work being incomplete; such a figure never reaches its target. */
  readonly shortfall?: string;
}

/** @internal */
export function isReached({ target, spread, shortfall }: Figure): boolean {
  const { bound, limit }: Target = TARGETS[target];
  if (shortfall !== undefined) return false;
  // An exact count must be the same every time.
  return bound === 'exactly' ? spread.min === limit && spread.max === limit : spread.median <= limit;
}

/**
 * The table of all targets that have a figure.
 *
 * @param isFull - whether the run was at full scale, for which the targets are meant.
 * @internal
 */
export function summary(figures: readonly Figure[], isFull: boolean): Table {
  const ordered = TARGET_IDS.flatMap((id) => figures.filter(({ target }) => target === id));
  const judged = ordered.filter(({ target }) => TARGETS[target].bound !== 'aim');
  const shortfalls = ordered.flatMap((each) =>
    each.shortfall === undefined ? [] : [`${TARGETS[each.target].title}: ${each.shortfall}.`],
  );
  return {
    title: 'Targets',
    columns: ['figure', 'median', 'min … max', 'runs', 'target', 'reached'],
    rows: ordered.map((each) => [
      TARGETS[each.target].title,
      figure(each.spread.median),
      each.repetitions > 1 ? range(each.spread) : ABSENT,
      String(each.repetitions),
      wanted(TARGETS[each.target]),
      isReached(each) ? 'yes' : 'no',
    ]),
    notes: [
      `${judged.filter(isReached).length} of ${judged.length} targets reached, aims not counted. Ratios of times are medians of paired, interleaved runs.`,
      ...shortfalls,
      ...(isFull ? [] : ['Small sizes and few runs: this shows that the benchmark works, and judges nothing.']),
    ],
  };
}

function wanted({ bound, limit, unit }: Target): string {
  const amount = unit === undefined ? String(limit) : `${limit} ${unit}`;
  switch (bound) {
    case 'at most':
      return `≤ ${amount}`;
    case 'exactly':
      return `= ${amount}`;
    case 'aim':
      return `aim ≤ ${amount}`;
  }
}
