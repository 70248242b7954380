/**
 * What the rows say about speed at a moment: how long functions ran and waited, how fast tasks settle, and from both the time that
 * is left, as a range.
 */
import type { CountsAt } from './counts.js';
import type { Recording } from './recording.js';
import { DONE, FAILED, PENDING, READY, type Rows } from './rows.js';

/** Rates are those of the last ten seconds, in the time of frames. */
const RATE_WINDOW = 100_000;

/** The attempts of one function in one queue that had ended by then. */
export interface RunTimes {
  ran: number;
  ranMs: number;
  ranSquaredMs: number;
  waitedMs: number;
  /** Tasks that settled within the window. */
  settledLately: number;
}

export type RunTimesByGroup = ReadonlyMap<number, RunTimes>;

export const groupKey = (queue: number, fn: number): number => queue * 65_536 + fn;

/** The length of the window in seconds: shorter when the recording is. */
export const windowSeconds = (at: number): number => Math.max(1, Math.min(RATE_WINDOW, at - 1)) / 10_000;

export function runTimesAt(rows: Rows, at: number): RunTimesByGroup {
  const groups = new Map<number, RunTimes>();
  for (let place = 0; place < rows.count; place += 1) {
    const end = rows.end[place] ?? 0;
    if (end === 0 || end > at) continue;
    const key = groupKey(rows.queue[place] ?? 0, rows.fn[place] ?? 0);
    let group = groups.get(key);
    if (group === undefined) {
      groups.set(key, (group = { ran: 0, ranMs: 0, ranSquaredMs: 0, waitedMs: 0, settledLately: 0 }));
    }
    // Time 1 is that of what had ended before the recording began.
    if (end > 1 && end > at - RATE_WINDOW && rows.superseded[place] === 0) group.settledLately += 1;
    const start = rows.start[place] ?? 0;
    if (start === 0) continue;
    const ms = (end - start) / 10;
    group.ran += 1;
    group.ranMs += ms;
    group.ranSquaredMs += ms * ms;
    group.waitedMs += (start - (rows.ready[place] ?? start)) / 10;
  }
  return groups;
}

/** How long it may take until everything that is there has settled. */
export type TimeLeft =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'range'; readonly lowMs: number; readonly highMs: number; readonly unknownTasks: number };

/**
 * The range: at best all slots stay busy with what is left, at its mean run time less two standard errors; at worst the mean is as
 * much longer, or tasks go on settling only as fast as lately. Tasks of functions that have not run yet are left out and counted.
 */
export function timeLeft(recording: Recording, { groups }: CountsAt, times: RunTimesByGroup, at: number): TimeLeft {
  const queues = new Map<number, { workMs: number; variance: number }>();
  let [remaining, unknownTasks, settledLately] = [0, 0, 0];
  for (const { queue, fn, counts } of groups) {
    const time = times.get(groupKey(queue, fn));
    settledLately += time?.settledLately ?? 0;
    const waiting = sum(counts.slice(PENDING, DONE));
    if (waiting === 0) continue;
    if (time === undefined || time.ran === 0) {
      unknownTasks += waiting;
      continue;
    }
    remaining += waiting;
    const mean = time.ranMs / time.ran;
    const spread = Math.max(0, time.ranSquaredMs / time.ran - mean * mean);
    // What runs is half done on average.
    const running = sum(counts.slice(READY + 1, DONE));
    const queueWork = queues.get(queue) ?? { workMs: 0, variance: 0 };
    queueWork.workMs += (waiting - running / 2) * mean;
    queueWork.variance += spread * (waiting + (waiting * waiting) / time.ran);
    queues.set(queue, queueWork);
  }
  if (remaining === 0) return unknownTasks === 0 ? { kind: 'nothing' } : { kind: 'unknown' };
  let [lowMs, highMs] = [0, 0];
  for (const [queue, { workMs, variance }] of queues) {
    const slots = recording.totals?.queues.find((use) => use.queue === queue)?.slots ?? remaining;
    const error = 2 * Math.sqrt(variance);
    lowMs = Math.max(lowMs, Math.max(0, workMs - error) / Math.max(1, slots));
    highMs = Math.max(highMs, (workMs + error) / Math.max(1, slots));
  }
  if (settledLately > 0) highMs = Math.max(highMs, (remaining / settledLately) * windowSeconds(at) * 1000);
  return { kind: 'range', lowMs, highMs, unknownTasks };
}

const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);

/** Slots taken by each queue at a time: running, or held after the end. */
export function slotsTakenAt(rows: Rows, at: number): number[] {
  const taken: number[] = [];
  for (let place = 0; place < rows.count; place += 1) {
    const start = rows.start[place] ?? 0;
    if (start === 0 || start > at) continue;
    const end = rows.end[place] ?? 0;
    if (end !== 0 && Math.max(end, rows.freed[place] ?? 0) <= at) continue;
    const queue = rows.queue[place] ?? 0;
    taken[queue] = (taken[queue] ?? 0) + 1;
  }
  return taken;
}

/** Tasks settled in each of `bins` equal spans up to `at`: those done, and those that failed. */
export function settledOverTime(
  rows: Rows,
  at: number,
  bins: number,
): { readonly done: number[]; readonly failed: number[] } {
  const done = new Array<number>(bins).fill(0);
  const failed = new Array<number>(bins).fill(0);
  for (let place = 0; place < rows.count; place += 1) {
    const end = rows.end[place] ?? 0;
    if (end <= 1 || end > at || rows.superseded[place] === 1) continue;
    const bin = Math.min(bins - 1, Math.floor(((end - 1) / Math.max(1, at - 1)) * bins));
    if (rows.state[place] === DONE) done[bin] = (done[bin] ?? 0) + 1;
    else if (rows.state[place] === FAILED) failed[bin] = (failed[bin] ?? 0) + 1;
  }
  return { done, failed };
}
