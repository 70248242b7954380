/**
 * Turns a recording into events of the Trace Event Format (Google, "Trace Event Format", 2016), which Perfetto, chrome://tracing and
 * others open. A queue is a process, a lane of it a thread, the scheduler a process of its own in front of them.
 *
 * Invariant: what memory it needs is bounded by the number of queues, of lanes and of flows: rows pass through and are not kept.
 */
import type { AttemptEnd, LeftOut, TracePeriod, TraceRecording, TraceRow, TraceSample } from './trace-row.js';

interface Placed {
  readonly pid: number;
  readonly tid: number;
}

/**
 * An event of the Trace Event Format. `ts` and `dur` are in microseconds, `ts` from the beginning of the recording.
 *
 * @public
 */
export type TraceEvent =
  | (Placed & {
      readonly ph: 'M';
      readonly name: 'process_name' | 'process_sort_index' | 'thread_name' | 'thread_sort_index';
      readonly args: { readonly name: string } | { readonly sort_index: number };
    })
  | (Placed & {
      readonly ph: 'X';
      readonly name: string;
      readonly cat: string;
      readonly ts: number;
      readonly dur: number;
      readonly args: Readonly<Record<string, unknown>>;
    })
  | (Placed & {
      readonly ph: 'i';
      readonly s: 't' | 'g';
      readonly name: string;
      readonly cat: string;
      readonly ts: number;
    })
  | (Placed & {
      readonly ph: 's' | 'f';
      readonly bp?: 'e';
      readonly id: number;
      readonly name: string;
      readonly cat: string;
      readonly ts: number;
    })
  | (Placed & {
      readonly ph: 'C';
      readonly name: string;
      readonly ts: number;
      readonly args: Readonly<Record<string, number>>;
    });

/** The scheduler's process and thread. */
const SCHEDULER = { pid: 1, tid: 1 } as const;

/** How many dependencies are drawn at the most, and of how many ended tasks the place is remembered for that. */
const MOST_FLOWS = 100_000;

/** A flow begins within the slice that it comes from: this much before its end. */
const NANOSECOND_US = 0.001;

/** Said of a slice by its name, because viewers give each name a colour of its own. */
const SUFFIX: Readonly<Record<AttemptEnd, string>> = {
  done: '',
  failed: ' (failed)',
  cancelled: ' (cancelled)',
  again: ' (to be tried again)',
  running: ' (running)',
};

/**
 * The events of a recording, one after the other.
 *
 * A slice for each attempt, on a track for each lane of each queue; an instant for each partial result; a flow for each dependency whose
 * producer ended before its consumer, up to 100,000; counters of what runs and waits in each queue; slices for the periods in which
 * the scheduler was stopped, stalled, draining or closing. What is not there is counted by a last event, `left out: …`.
 *
 * @public
 */
export function* traceEvents(recording: TraceRecording): Generator<TraceEvent> {
  const encoder = new TraceEncoder(recording.originMs);
  for (const period of recording.periods) yield* encoder.period(period);
  for (const row of recording.rows) yield* encoder.row(row);
  for (const sample of recording.samples) yield* encoder.sample(sample);
  yield* encoder.end(recording.leftOut);
}

/** Encodes what is recorded as it comes. Rows have to come in the order of their ends for dependencies to be drawn. @internal */
export class TraceEncoder {
  readonly #originMs: number;
  readonly #pids = new Map<string, number>();
  readonly #tracks = new Set<string>();
  /** Where tasks ended, the latest last. */
  readonly #ends = new Map<string, Placed & { readonly ts: number }>();
  #flows = 0;
  #flowsLeftOut = 0;
  #lastUs = 0;
  #hasBegun = false;

  constructor(originMs: number) {
    this.#originMs = originMs;
  }

  *row(row: TraceRow): Generator<TraceEvent> {
    const pid = yield* this.#process(row.queue);
    const place = { pid, tid: row.lane + 1 };
    yield* this.#thread(place);
    const ts = this.#us(row.startMs);
    const dur = Math.max(0, this.#us(row.endMs) - ts);
    yield {
      ph: 'X',
      name: (row.name ?? row.id) + SUFFIX[row.end],
      cat: 'attempt',
      ts,
      dur,
      ...place,
      args: argsOf(row),
    };
    for (const [index, atMs] of (row.partialsMs ?? []).entries()) {
      yield { ph: 'i', s: 't', name: `result ${index}`, cat: 'partial', ts: this.#us(atMs), ...place };
    }
    for (const id of new Set(row.needs)) yield* this.#flow(this.#ends.get(id), { ...place, ts });
    if (row.end === 'done') this.#ended(row.id, { ...place, ts: Math.max(ts, ts + dur - NANOSECOND_US) });
  }

  *period({ state, startMs, endMs }: TracePeriod): Generator<TraceEvent> {
    yield* this.#begin();
    const ts = this.#us(startMs);
    yield {
      ph: 'X',
      name: state,
      cat: 'scheduler',
      ts,
      dur: Math.max(0, this.#us(endMs) - ts),
      ...SCHEDULER,
      args: {},
    };
  }

  *sample({ queue, atMs, running, waiting }: TraceSample): Generator<TraceEvent> {
    const pid = yield* this.#process(queue);
    const ts = this.#us(atMs);
    yield { ph: 'C', name: 'running', ts, pid, tid: 0, args: { running } };
    yield { ph: 'C', name: 'waiting', ts, pid, tid: 0, args: { waiting } };
  }

  /** Says what is not there; `recorded` is what the recording lacks. */
  *end(recorded: LeftOut): Generator<TraceEvent> {
    yield* this.#begin();
    const missing = leftOutWords(this.leftOut(recorded));
    if (missing === undefined) return;
    yield { ph: 'i', s: 'g', name: `left out: ${missing}`, cat: 'scheduler', ts: this.#lastUs, ...SCHEDULER };
  }

  /** What the trace lacks so far. */
  leftOut(recorded: LeftOut): LeftOut {
    return { ...recorded, dependencies: recorded.dependencies + this.#flowsLeftOut };
  }

  *#begin(): Generator<TraceEvent> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    yield { ph: 'M', name: 'process_name', ...SCHEDULER, args: { name: 'scheduler' } };
    yield { ph: 'M', name: 'process_sort_index', ...SCHEDULER, args: { sort_index: 0 } };
    yield { ph: 'M', name: 'thread_name', ...SCHEDULER, args: { name: 'state' } };
  }

  *#process(queue: string): Generator<TraceEvent, number> {
    yield* this.#begin();
    const known = this.#pids.get(queue);
    if (known !== undefined) return known;
    const pid = SCHEDULER.pid + 1 + this.#pids.size;
    this.#pids.set(queue, pid);
    yield { ph: 'M', name: 'process_name', pid, tid: 0, args: { name: `queue ${queue}` } };
    yield { ph: 'M', name: 'process_sort_index', pid, tid: 0, args: { sort_index: pid } };
    return pid;
  }

  *#thread(place: Placed): Generator<TraceEvent> {
    const key = `${place.pid}/${place.tid}`;
    if (this.#tracks.has(key)) return;
    this.#tracks.add(key);
    yield { ph: 'M', name: 'thread_name', ...place, args: { name: `slot ${place.tid}` } };
    yield { ph: 'M', name: 'thread_sort_index', ...place, args: { sort_index: place.tid } };
  }

  *#flow(
    from: (Placed & { readonly ts: number }) | undefined,
    to: Placed & { readonly ts: number },
  ): Generator<TraceEvent> {
    if (from === undefined || this.#flows === MOST_FLOWS) {
      this.#flowsLeftOut += 1;
      return;
    }
    this.#flows += 1;
    const flow = { id: this.#flows, name: 'needs', cat: 'dependency' };
    yield { ph: 's', ...flow, ...from };
    yield { ph: 'f', bp: 'e', ...flow, ...to };
  }

  #ended(id: string, place: Placed & { readonly ts: number }): void {
    this.#ends.delete(id);
    this.#ends.set(id, place);
    if (this.#ends.size <= MOST_FLOWS) return;
    for (const [oldest] of this.#ends) {
      this.#ends.delete(oldest);
      return;
    }
  }

  /** In microseconds with three decimals, since the beginning; what was before that is at the beginning. */
  #us(ms: number): number {
    const us = Math.max(0, Math.round((ms - this.#originMs) * 1_000_000) / 1_000);
    this.#lastUs = Math.max(this.#lastUs, us);
    return us;
  }
}

function argsOf({ id, attempt, end, error, readyMs, startMs, isCut }: TraceRow): Readonly<Record<string, unknown>> {
  return {
    id,
    attempt,
    end,
    ...(readyMs === undefined ? {} : { waitedMs: Math.round((startMs - readyMs) * 1_000) / 1_000 }),
    ...(error === undefined ? {} : { error }),
    ...(isCut === true ? { beganBeforeTheRecording: true } : {}),
  };
}

/** In words, undefined if nothing is missing. @internal */
export function leftOutWords({ attempts, partials, samples, dependencies }: LeftOut): string | undefined {
  const parts = [
    [attempts, 'attempts'],
    [partials, 'partial results'],
    [samples, 'samples of the load'],
    [dependencies, 'dependencies'],
  ] as const;
  const missing = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return missing.length === 0 ? undefined : missing.join(', ');
}
