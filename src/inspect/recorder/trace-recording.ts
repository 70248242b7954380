/** A recording as a trace is made of it. */
import { STATE } from '../protocol/frames.js';
import type { AttemptEnd, TracePeriod, TraceRecording, TraceRow, TraceSample } from '../export/trace-row.js';
import { KEPT_PARTIALS } from './history.js';
import { BEFORE, type Recorder } from './recorder.js';
import type { Recording } from './recording.js';
import { BYTE, FIELD, HALF, valueAt } from './row-store.js';
import { placeOf } from './task-index.js';

const TENTHS = 10;
const SHOWN: ReadonlySet<string> = new Set<TracePeriod['state']>(['stopped', 'stalled', 'draining', 'closing']);

const isShown = (state: string): state is TracePeriod['state'] => SHOWN.has(state);

/** What is recorded by now. Making it is O(rows); its rows are made as they are read. @internal */
export function traceRecording(recorder: Recorder): TraceRecording {
  const { recording, partials } = recorder;
  const now = recorder.now();
  return {
    originMs: BEFORE / TENTHS,
    rows: rowsOf(recorder, now),
    periods: periodsOf(recorder, now),
    samples: samplesOf(recorder),
    leftOut: {
      attempts: recording.rows.dropped,
      partials: Math.max(0, partials.count - KEPT_PARTIALS),
      samples: 0,
      dependencies: 0,
    },
  };
}

function* rowsOf({ recording, partials }: Recorder, now: number): Generator<TraceRow> {
  const { rows, books } = recording;
  const column = (place: number, name: 'start' | 'end'): number => rows.get(place, FIELD[name]);
  const started = Array.from({ length: rows.count }, (_, place) => place).filter(
    (place) => column(place, 'start') !== 0,
  );
  const endOf = (place: number): number => column(place, 'end') || now;
  started.sort((a, b) => endOf(a) - endOf(b));
  const delivered = new Map<number, number[]>();
  const { place: places, at } = partials.read(0, KEPT_PARTIALS);
  for (const [index, place] of places.entries()) {
    const times = delivered.get(place);
    if (times === undefined) delivered.set(place, [valueAt(at, index)]);
    else times.push(valueAt(at, index));
  }
  for (const place of started) {
    const task = rows.get(place, FIELD.task);
    const start = rows.get(place, FIELD.start);
    const ready = rows.get(place, FIELD.ready);
    const use = recording.useAt(place);
    // A place may have been another row's before.
    const partialsMs = delivered.get(place)?.flatMap((time) => (time >= start ? [time / TENTHS] : []));
    const needs = recording.edges.of(place);
    yield {
      id: recording.idOf(task),
      name: books.functions[use.fn]?.name,
      queue: use.book.name,
      lane: rows.half(place, HALF.lane),
      readyMs: ready === 0 ? undefined : ready / TENTHS,
      startMs: start / TENTHS,
      endMs: Math.max(start, endOf(place)) / TENTHS,
      attempt: rows.byte(place, BYTE.attempt),
      end: endName(recording, place, task),
      partialsMs,
      needs: needs.length === 0 ? undefined : [...needs].map((dependency) => recording.idOf(dependency)),
      isCut: start === BEFORE ? true : undefined,
    };
  }
}

function endName({ rows, index }: Recording, place: number, task: number): AttemptEnd {
  const state = rows.byte(place, BYTE.state);
  if (state < STATE.done) return 'running';
  if (state === STATE.done) return 'done';
  if (placeOf(index.get(task)) !== place) return 'again';
  return state === STATE.failed ? 'failed' : 'cancelled';
}

function* periodsOf({ history: { periods } }: Recorder, now: number): Generator<TracePeriod> {
  for (const [index, { at, state }] of periods.entries()) {
    const end = periods[index + 1]?.at ?? now;
    if (isShown(state) && end > at) yield { state, startMs: at / TENTHS, endMs: end / TENTHS };
  }
}

function* samplesOf({ history, recording: { books } }: Recorder): Generator<TraceSample> {
  for (const { at, slotsTaken, waiting } of history.samples) {
    for (const [index, running] of slotsTaken.entries()) {
      const queue = books.queues[index]?.name;
      if (queue !== undefined) yield { queue, atMs: at / TENTHS, running, waiting: waiting[index] ?? 0 };
    }
  }
}
