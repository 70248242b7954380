/**
 * A run that never ran: rows with all their times, made by arithmetic, and told as the inspector tells a real one. Everything is
 * known beforehand, so that what a page shows can be compared with it. A seed gives the same run each time.
 */
import { encodeFrame, NO_LANE, STATES } from '../../src/inspect/protocol/frames.js';
import type { Counts, InspectorMessage, State } from '../../src/inspect/protocol/messages.js';

/** Times in frame units: tenths of a millisecond plus 1; 0 for never. */
export interface SyntheticRow {
  readonly place: number;
  readonly task: number;
  readonly queue: number;
  readonly fn: number;
  readonly dependencies: readonly number[];
  readonly attempt: number;
  readonly submitted: number;
  ready: number;
  start: number;
  end: number;
  freed: number;
  lane: number;
  /** The state when it has ended. */
  outcome: 'done' | 'failed' | 'cancelled';
  isFollowed: boolean;
  partials: number[];
  cause: string | undefined;
}

export interface SyntheticRun {
  readonly rows: readonly SyntheticRow[];
  readonly tasks: number;
  readonly endsAt: number;
  readonly stopped: readonly [from: number, until: number];
}

export const QUEUES = [
  { index: 0, name: 'instrument', order: 'newest', resources: ['beam'], slots: 1, capacity: [1] },
  { index: 1, name: 'compute', order: 'newest', resources: ['memory'], slots: 6, capacity: [16] },
  { index: 2, name: 'store', order: 'fifo', resources: [], slots: 2, capacity: [] },
] as const;

export const FUNCTIONS = [
  { index: 0, name: 'acquire', isStream: true, queue: 0, ms: 9 },
  { index: 1, name: 'invert', isStream: false, queue: 1, ms: 14 },
  { index: 2, name: 'multiply', isStream: false, queue: 1, ms: 4 },
  { index: 3, name: 'save', isStream: false, queue: 2, ms: 11 },
] as const;

/** A small generator of numbers from 0 to 1 (mulberry32, public domain). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Makes a run of so many tasks: acquisitions, their inversions, products of pairs, some of them saved. */
export function syntheticRun(tasks: number, seed = 1): SyntheticRun {
  const random = numbersFrom(seed);
  const rows: SyntheticRow[] = [];
  const settledBy: { end: number; isDone: boolean; cause: string | undefined }[] = [
    { end: 1, isDone: true, cause: undefined },
  ];
  const lanes = QUEUES.map(({ slots }) => Array.from({ length: slots }, () => 1));
  const shutFrom = 1 + Math.round(tasks * 8);
  const stopped = [shutFrom, shutFrom + 1000 + tasks * 2] as const;
  const sources = Math.max(2, Math.round(tasks / 40));

  const runAttempt = (row: SyntheticRow): void => {
    const free = lanes[row.queue] ?? [];
    const lane = free.indexOf(Math.min(...free));
    const wanted = Math.max(row.ready, free[lane] ?? 1) + 1;
    row.start = wanted >= stopped[0] && wanted < stopped[1] ? stopped[1] + 1 : wanted;
    row.lane = lane;
    const length = Math.round((FUNCTIONS[row.fn]?.ms ?? 1) * 10 * (0.4 + 1.2 * random()));
    row.end = row.start + Math.max(1, length);
    row.freed = row.fn === 0 && row.task % 5 === 0 ? row.end + 40 : 0;
    free[lane] = Math.max(row.end, row.freed);
    if (row.fn === 0) row.partials = [1, 2, 3].map((part) => row.start + Math.floor((length * part) / 4));
  };

  const submit = (fn: number, dependencies: readonly number[]): number => {
    const task = settledBy.length;
    const queue = FUNCTIONS[fn]?.queue ?? 0;
    const submitted = 1 + Math.floor(task / 20);
    const row = newRow(rows.length, task, queue, fn, dependencies, 1, submitted);
    rows.push(row);
    const inputs = dependencies.map((dependency) => settledBy[dependency]);
    const lastEnd = Math.max(submitted, ...inputs.map((input) => input?.end ?? 1));
    const broken = inputs.find((input) => input?.isDone === false);
    if (broken !== undefined) {
      Object.assign(row, { end: lastEnd + 1, outcome: 'failed', cause: broken.cause });
      settledBy.push({ end: row.end, isDone: false, cause: broken.cause });
      return task;
    }
    row.ready = lastEnd;
    if (random() < 0.002) {
      Object.assign(row, { end: lastEnd + 5, outcome: 'cancelled' });
      settledBy.push({ end: row.end, isDone: false, cause: 'cancelled' });
      return task;
    }
    runAttempt(row);
    let last = row;
    if (fn === 0 && task % 11 === 0) last = retry(row);
    if (random() < (fn === 2 ? 0.004 : 0.002)) {
      Object.assign(last, {
        outcome: 'failed',
        cause: fn === 2 ? 'RangeError: matrix is singular' : 'Error: timeout of # ms',
      });
    }
    settledBy.push({ end: last.end, isDone: last.outcome === 'done', cause: last.cause });
    return task;
  };

  const retry = (row: SyntheticRow): SyntheticRow => {
    Object.assign(row, { outcome: 'failed', isFollowed: true });
    const again = newRow(rows.length, row.task, row.queue, row.fn, [], 2, row.end);
    again.ready = row.end + 20;
    rows.push(again);
    runAttempt(again);
    return again;
  };

  const acquired = Array.from({ length: sources }, () => submit(0, []));
  const inverted = acquired.map((source) => submit(1, [source]));
  for (let pair = 0; settledBy.length <= tasks; pair += 1) {
    const left = inverted[pair % sources] ?? 1;
    const right = inverted[(pair * 7 + Math.floor(pair / sources)) % sources] ?? 1;
    const product = submit(2, left === right ? [left] : [left, right]);
    if (pair % 9 === 0 && settledBy.length <= tasks) submit(3, [product]);
  }
  const endsAt = rows.reduce((latest, { end, freed }) => Math.max(latest, end, freed), 1) + 10;
  return { rows, tasks: settledBy.length - 1, endsAt, stopped };
}

function newRow(
  place: number,
  task: number,
  queue: number,
  fn: number,
  dependencies: readonly number[],
  attempt: number,
  submitted: number,
): SyntheticRow {
  return {
    place,
    task,
    queue,
    fn,
    dependencies,
    attempt,
    submitted,
    ready: 0,
    start: 0,
    end: 0,
    freed: 0,
    lane: NO_LANE,
    outcome: 'done',
    isFollowed: false,
    partials: [],
    cause: undefined,
  };
}

/** The state of a row at a time, by the times themselves; undefined for one that is not there or was followed by another attempt. */
export function stateOf(row: SyntheticRow, at: number): State | undefined {
  if (row.submitted > at) return undefined;
  if (row.end !== 0 && row.end <= at) return row.isFollowed ? undefined : row.outcome;
  if (row.start !== 0 && row.start <= at) return row.partials.some((time) => time <= at) ? 'partial' : 'running';
  return row.ready !== 0 && row.ready <= at ? 'ready' : 'pending';
}

export function countsOf(rows: Iterable<SyntheticRow>, at: number): Counts {
  const counts = { pending: 0, ready: 0, running: 0, partial: 0, done: 0, failed: 0, cancelled: 0 };
  for (const row of rows) {
    const state = stateOf(row, at);
    if (state !== undefined) counts[state] += 1;
  }
  return counts;
}

const upTo = (time: number, at: number): number => (time <= at ? time : 0);

const changedIn = (row: SyntheticRow, from: number, at: number): boolean =>
  [row.ready, row.start, row.end].some((time) => time > from && time <= at);

/** The frames that tell everything that happened after `from` (0 for all) until `at`. */
export function framesOf(run: SyntheticRun, from: number, at: number): Uint8Array<ArrayBuffer>[] {
  const added = run.rows.filter(({ submitted }) => submitted > from && submitted <= at);
  const moved = run.rows.filter((row) => row.submitted <= at && changedIn(row, from, at));
  const partials = run.rows
    .flatMap(({ place, partials: times }) => times.map((time) => ({ place, at: time })))
    .filter((partial) => partial.at > from && partial.at <= at);
  const freed = run.rows.filter((row) => row.freed > from && row.freed <= at);
  const column = <T>(items: readonly T[], of: (item: T) => number): number[] => items.map(of);
  return [
    encodeFrame(
      'added',
      at,
      added.length,
      {
        place: column(added, (row) => row.place),
        task: column(added, (row) => row.task),
        submitted: column(added, (row) => row.submitted),
        queue: column(added, (row) => row.queue),
        fn: column(added, (row) => row.fn),
        edges: column(added, (row) => row.dependencies.length),
      },
      added.flatMap((row) => row.dependencies),
    ),
    encodeFrame('moved', at, moved.length, {
      place: column(moved, (row) => row.place),
      ready: column(moved, (row) => upTo(row.ready, at)),
      start: column(moved, (row) => upTo(row.start, at)),
      end: column(moved, (row) => upTo(row.end, at)),
      lane: column(moved, (row) => (row.start !== 0 && row.start <= at ? row.lane : NO_LANE)),
      attempt: column(moved, (row) => row.attempt),
      state: column(moved, (row) => STATES.indexOf(stateOf(row, at) ?? row.outcome)),
    }),
    encodeFrame('partials', at, partials.length, {
      place: column(partials, (partial) => partial.place),
      at: column(partials, (partial) => partial.at),
    }),
    encodeFrame('freed', at, freed.length, {
      place: column(freed, (row) => row.place),
      at: column(freed, (row) => row.freed),
    }),
  ];
}

/** The queues, functions and those ids that users gave: every eighth product has one, and one is markup. */
export function namesOf(run: SyntheticRun): InspectorMessage[] {
  return [
    {
      type: 'names',
      queues: QUEUES.map(({ index, name, order, resources }) => ({ index, name, order, resources })),
      functions: FUNCTIONS.map(({ index, name, isStream }) => ({ index, name, isStream })),
    },
    {
      type: 'ids',
      ids: run.rows
        .filter(({ fn, task, attempt }) => fn === 2 && task % 8 === 0 && attempt === 1)
        .map(({ task }, index) => [task, index === 0 ? '<img src=x onerror=alert(1)>' : `product-${task}`]),
    },
  ];
}
