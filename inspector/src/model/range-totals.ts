/** What happened within a span of time: what started and settled, by function, and how much of the slots was used. */
import { STATES } from '../../../src/inspect/protocol/frames.js';
import { DONE, type Rows } from './rows.js';

export interface FunctionInRange {
  readonly fn: number;
  /** Attempts that ran at some time within the span, and for how long within it, in milliseconds. */
  ran: number;
  busyMs: number;
}

export interface RangeTotals {
  readonly started: number;
  /** Tasks that settled within the span, in the order of STATES. */
  readonly settled: readonly number[];
  readonly partials: number;
  readonly functions: readonly FunctionInRange[];
}

export function totalsOfRange(rows: Rows, from: number, until: number, at: number): RangeTotals {
  const functions = new Map<number, FunctionInRange>();
  const settled = STATES.map(() => 0);
  let started = 0;
  for (let place = 0; place < rows.count; place += 1) {
    const end = rows.end[place] ?? 0;
    const state = rows.state[place] ?? 0;
    if (end >= from && end <= until && end <= at && state >= DONE && rows.superseded[place] === 0) {
      settled[state] = (settled[state] ?? 0) + 1;
    }
    const start = rows.start[place] ?? 0;
    if (start === 0 || start > Math.min(until, at)) continue;
    if (start >= from) started += 1;
    const last = end === 0 || end > at ? at : end;
    if (last < from) continue;
    const fn = rows.fn[place] ?? 0;
    let total = functions.get(fn);
    if (total === undefined) functions.set(fn, (total = { fn, ran: 0, busyMs: 0 }));
    total.ran += 1;
    total.busyMs += (Math.min(last, until) - Math.max(start, from)) / 10;
  }
  return {
    started,
    settled,
    partials: partialsWithin(rows, from, Math.min(until, at)),
    functions: [...functions.values()],
  };
}

function partialsWithin(rows: Rows, from: number, until: number): number {
  const { values, count } = rows.partialTimes;
  let within = 0;
  for (let i = 0; i < count; i += 1) {
    const time = values[i] ?? 0;
    if (time >= from && time <= until) within += 1;
  }
  return within;
}
