/** The Trace Event Format, as far as we write it: what is wrong with an event, in words. */
import { expect } from 'vitest';
import type { TraceEvent } from '../../src/inspect/index.js';

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** The fields that an event of a phase must have beside `ph`, `name`, `pid` and `tid`, each with its check. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  M: { args: (value) => Object.keys(value as object).some((key) => key === 'name' || key === 'sort_index') },
  X: { ts: isTime, dur: isTime, cat: (value) => typeof value === 'string' },
  i: { ts: isTime, s: (value) => value === 't' || value === 'p' || value === 'g' },
  s: { ts: isTime, id: isCount, cat: (value) => typeof value === 'string' },
  f: { ts: isTime, id: isCount, cat: (value) => typeof value === 'string', bp: (value) => value === 'e' },
  C: { ts: isTime, args: (value) => Object.values(value as object).every((n) => typeof n === 'number') },
};

function troubleWith(event: Readonly<Record<string, unknown>>): string | undefined {
  const fields = FIELDS[String(event['ph'])];
  if (fields === undefined) return 'no such phase';
  if (typeof event['name'] !== 'string' || !isCount(event['pid']) || !isCount(event['tid'])) return 'name, pid or tid';
  return Object.entries(fields).find(([field, isValid]) => !isValid(event[field]))?.[0];
}

type Slice = Extract<TraceEvent, { ph: 'X' }>;

/** The slices of a trace whose events are all valid, which lie side by side on their tracks, and between which flows run. */
export function validSlices(events: readonly TraceEvent[]): readonly Slice[] {
  const wrong = events.filter((event) => troubleWith(event as never) !== undefined);
  expect(wrong).toEqual([]);
  const named = new Set(
    events.flatMap((event) => (event.ph === 'M' && event.name === 'thread_name' ? trackOf(event) : [])),
  );
  const slices = events.filter((event) => event.ph === 'X');
  for (const slice of slices) expect(named).toContain(trackOf(slice));
  for (const [index, slice] of slices.entries()) {
    const overlapping = slices
      .slice(index + 1)
      .filter(
        (other) =>
          trackOf(other) === trackOf(slice) && other.ts < slice.ts + slice.dur && slice.ts < other.ts + other.dur,
      );
    expect(overlapping).toEqual([]);
  }
  for (const event of events) {
    if (event.ph !== 's' && event.ph !== 'f') continue;
    const around = slices.some(
      (slice) => trackOf(slice) === trackOf(event) && slice.ts <= event.ts && event.ts <= slice.ts + slice.dur,
    );
    expect(around).toBe(true);
  }
  return slices;
}

/** The names of the tracks, as `process/thread`. */
export function trackNames(events: readonly TraceEvent[]): readonly string[] {
  const nameOf = (pid: number, tid: number | undefined): string => {
    const found = events.find(
      (event) =>
        event.ph === 'M' &&
        event.name === (tid === undefined ? 'process_name' : 'thread_name') &&
        event.pid === pid &&
        (tid === undefined || event.tid === tid),
    );
    return found?.ph === 'M' && 'name' in found.args ? found.args.name : '?';
  };
  const slices = events.filter((event) => event.ph === 'X');
  return [...new Set(slices.map(({ pid, tid }) => `${nameOf(pid, undefined)}/${nameOf(pid, tid)}`))];
}

function trackOf({ pid, tid }: { readonly pid: number; readonly tid: number }): string {
  return `${pid}/${tid}`;
}
