/**
 * How many tasks were in each state at a moment, by function and queue: one scan of the four times of the rows.
 *
 * Invariants: a task counts once, by the row that was its newest at that moment. The counts of the present moment are those of the
 * inspector (`totals`), which leave nothing out; at an earlier moment, what has made room since is added as it ended, which is
 * exact from `exactFrom` on.
 */
import { STATES } from '../../../src/inspect/protocol/frames.js';
import type { Counts } from '../../../src/inspect/protocol/messages.js';
import type { Recording } from './recording.js';
import { DONE, PARTIAL, PENDING, READY, RUNNING, type Rows } from './rows.js';

/** A row that was not there yet, or that a further attempt had followed by then. */
export const ABSENT = 7;

/** Counts of one function in one queue, in the order of STATES. */
export interface Group {
  readonly queue: number;
  readonly fn: number;
  readonly counts: number[];
}

export interface CountsAt {
  readonly groups: readonly Group[];
  readonly total: readonly number[];
}

/** The state of a row at a time: a number of STATES, or 7 for none. Time 0 is never given. */
export function stateAt(rows: Rows, place: number, at: number): number {
  const submitted = rows.submitted[place] ?? 0;
  if (submitted > at) return ABSENT;
  const end = rows.end[place] ?? 0;
  if (end !== 0 && end <= at) return rows.superseded[place] === 1 ? ABSENT : (rows.state[place] ?? 0);
  const start = rows.start[place] ?? 0;
  if (start !== 0 && start <= at) {
    const partial = rows.firstPartial[place] ?? 0;
    return partial !== 0 && partial <= at ? PARTIAL : RUNNING;
  }
  const ready = rows.ready[place] ?? 0;
  return ready !== 0 && ready <= at ? READY : PENDING;
}

/** The counts by function and queue at a time, of the rows that are there. */
function countRows(rows: Rows, at: number): Map<number, Group> {
  const groups = new Map<number, Group>();
  let last: Group | undefined;
  for (let place = 0; place < rows.count; place += 1) {
    const state = stateAt(rows, place, at);
    if (state === ABSENT) continue;
    const queue = rows.queue[place] ?? 0;
    const fn = rows.fn[place] ?? 0;
    if (last === undefined || last.queue !== queue || last.fn !== fn) last = groupOf(groups, queue, fn);
    last.counts[state] = (last.counts[state] ?? 0) + 1;
  }
  return groups;
}

function groupOf(groups: Map<number, Group>, queue: number, fn: number): Group {
  const key = queue * 65_536 + fn;
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = { queue, fn, counts: STATES.map(() => 0) }));
  return group;
}

/** Counts as an array in the order of STATES. */
export const listOf = (counts: Counts): number[] => STATES.map((state) => counts[state]);

export function sumOf(lists: Iterable<readonly number[]>): number[] {
  const sum = STATES.map(() => 0);
  for (const list of lists) for (const [state, count] of list.entries()) sum[state] = (sum[state] ?? 0) + count;
  return sum;
}

/** The counts at a time, or now for null. */
export function countsAt(recording: Recording, at: number | null): CountsAt {
  const { totals, rows } = recording;
  const live = (totals?.functions ?? []).map(({ queue, fn, counts }) => ({ queue, fn, counts: listOf(counts) }));
  if (at === null || totals === undefined) return { groups: live, total: sumOf(live.map(({ counts }) => counts)) };
  const then = countRows(rows, at);
  if (rows.replaced > 0 || recording.missing.rows > 0) {
    // What is no longer there: by how much the totals exceed the rows.
    const kept = countRows(rows, rows.now);
    for (const { queue, fn, counts } of live) {
      const group = groupOf(then, queue, fn);
      const rest = kept.get(queue * 65_536 + fn)?.counts;
      for (let state = DONE; state < counts.length; state += 1) {
        group.counts[state] = (group.counts[state] ?? 0) + Math.max(0, (counts[state] ?? 0) - (rest?.[state] ?? 0));
      }
    }
  }
  const groups = [...then.values()];
  return { groups, total: sumOf(groups.map(({ counts }) => counts)) };
}

/** From when on the counts of past moments are exact; 0 when they all are. */
export function exactFrom(recording: Recording): number {
  const { rows, missing } = recording;
  if (missing.rows <= rows.replaced) return rows.replacedUntil;
  let earliest = Number.POSITIVE_INFINITY;
  for (let place = 0; place < rows.count; place += 1) {
    const end = rows.end[place] ?? 0;
    if (end !== 0 && end < earliest) earliest = end;
  }
  return Math.max(rows.replacedUntil, earliest === Number.POSITIVE_INFINITY ? 0 : earliest);
}
