/**
 * The axis of the timeline: time, with the spans left out in which nothing ran. A position on the axis is a number of time units,
 * counted without what is left out.
 *
 * Invariant: `toAxis` never decreases, and `toTime(toAxis(t))` is t outside the gaps.
 */
import type { Rows } from './rows.js';

export interface Gap {
  readonly from: number;
  readonly until: number;
}

/** Spans shorter than this part of the whole are not left out. */
const LEAST_SHARE = 0.02;
/** A gap keeps this part of the whole, so that it can be seen. */
const KEPT_SHARE = 0.008;
const BUCKETS = 4096;

/** The spans up to `until` in which no slot was taken, long enough to be worth leaving out. */
export function gapsOf(rows: Rows, until: number): Gap[] {
  const change = new Int32Array(BUCKETS + 1);
  const perBucket = Math.max(1, until) / BUCKETS;
  const bucketOf = (time: number): number => Math.min(BUCKETS - 1, Math.floor(time / perBucket));
  for (let place = 0; place < rows.count; place += 1) {
    const start = rows.start[place] ?? 0;
    if (start === 0 || start > until) continue;
    const end = rows.end[place] ?? 0;
    const last = end === 0 ? until : Math.max(end, rows.freed[place] ?? 0);
    const from = bucketOf(start);
    const to = bucketOf(last) + 1;
    change[from] = (change[from] ?? 0) + 1;
    change[to] = (change[to] ?? 0) - 1;
  }
  const gaps: Gap[] = [];
  let [taken, emptySince] = [0, -1];
  for (let bucket = 0; bucket <= BUCKETS; bucket += 1) {
    taken += bucket < BUCKETS ? (change[bucket] ?? 0) : 1;
    if (taken === 0 && emptySince < 0) emptySince = bucket;
    if (taken > 0 && emptySince >= 0) {
      if (bucket - emptySince >= BUCKETS * LEAST_SHARE)
        gaps.push({ from: emptySince * perBucket, until: bucket * perBucket });
      emptySince = -1;
    }
  }
  return gaps;
}

export class TimeScale {
  /** Length of the axis. */
  readonly length: number;
  readonly gaps: readonly Gap[];
  readonly #until: number;
  readonly #kept: number;

  constructor(until: number, gaps: readonly Gap[] = []) {
    this.gaps = gaps;
    this.#until = until;
    this.#kept = until * KEPT_SHARE;
    this.length = this.toAxis(until);
  }

  toAxis(time: number): number {
    let cut = 0;
    for (const { from, until } of this.gaps) {
      if (time <= from) break;
      const within = Math.min(time, until) - from;
      cut += within - (within * this.#kept) / Math.max(this.#kept, until - from);
    }
    return time - cut;
  }

  toTime(axis: number): number {
    let time = axis;
    for (const { from, until } of this.gaps) {
      if (time <= from) break;
      const length = until - from;
      const kept = Math.min(length, this.#kept);
      time = time < from + kept ? from + ((time - from) * length) / kept : time + length - kept;
    }
    return Math.min(Math.max(0, time), this.#until);
  }
}
