/**
 * Tells of a scheduler what a trace shows: it only listens.
 *
 * Invariants: attempts of one lane never overlap; a queue is sampled at most once per `SAMPLE_MS`; what is held here is bounded by what is
 * ready or runs.
 */
import { nameOfWork } from '../../core/command.js';
import { shown } from '../../core/failures.js';
import type { Clock } from '../../core/ports.js';
import type { TaskState } from '../../core/outcome.js';
import type { SchedulerState } from '../../runtime/events/event-hub.js';
import type { Scheduler } from '../../runtime/scheduler.js';
import type { TaskRecord } from '../../runtime/tasks/task-record.js';
import type { AttemptEnd, TraceRow, TraceSink } from './trace-row.js';

/** The most partial results of an attempt that are noted. */
const MOST_PARTIALS = 1_000;

const SAMPLE_MS = 10;

const MOST_NAME = 200;

/** A row that has not ended: the very object that the sink gets, so that none is made for it twice. */
class OpenAttempt implements TraceRow {
  readonly id: string;
  readonly name: string | undefined;
  readonly queue: string;
  readonly lane: number;
  readonly readyMs: number | undefined;
  readonly startMs: number;
  readonly attempt: number;
  readonly isCut: boolean | undefined;
  endMs = 0;
  end: AttemptEnd = 'running';
  error: string | undefined = undefined;
  partialsMs: number[] | undefined = undefined;

  constructor(
    { id, queue, attempt }: TaskRecord,
    name: string | undefined,
    lane: number,
    readyMs: number | undefined,
    startMs: number,
    isCut: boolean,
  ) {
    this.id = id;
    this.name = name;
    this.queue = queue.name;
    this.lane = lane;
    this.readyMs = readyMs;
    this.startMs = startMs;
    this.attempt = attempt;
    this.isCut = isCut ? true : undefined;
  }
}

/** The lanes of a queue: how many there are, and which of them are free. */
interface Lanes {
  readonly free: number[];
  count: number;
}

const isLive = (state: TaskState): boolean => state === 'running' || state === 'partial';

/** Tells a sink what goes on in a scheduler, as it happens. @internal */
export class TraceRecorder {
  readonly #scheduler: Scheduler;
  readonly #sink: TraceSink;
  readonly #clock: Clock;
  readonly #nameOf: ((id: string) => string | undefined) | undefined;
  readonly #originMs: number;
  readonly #unlisten: readonly (() => void)[];
  readonly #open = new Map<string, OpenAttempt>();
  readonly #readyMs = new Map<string, number>();
  readonly #lanes = new Map<string, Lanes>();
  readonly #changed = new Set<string>();
  #state: SchedulerState;
  #stateMs: number;
  #cancelSample: (() => void) | undefined;
  #isStopped = false;

  /** `nameOf` tells what a task is called when it starts, in place of its function's or command's name. */
  constructor(
    scheduler: Scheduler,
    sink: TraceSink,
    { clock, nameOf }: { readonly clock: Clock; readonly nameOf?: ((id: string) => string | undefined) | undefined },
  ) {
    this.#scheduler = scheduler;
    this.#sink = sink;
    this.#clock = clock;
    this.#nameOf = nameOf;
    this.#originMs = clock.now();
    this.#state = scheduler.state;
    this.#stateMs = this.#originMs;
    const { hub } = scheduler._engine;
    hub.traces.add(this);
    this.#unlisten = [
      () => hub.traces.delete(this),
      scheduler.on('partial', ({ id }) => this.#delivered(id)),
      scheduler.on('scheduler', ({ state }) => this.#went(state)),
    ];
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const unlisten of this.#unlisten) unlisten();
    const nowMs = this.#clock.now();
    for (const open of this.#open.values()) this.#close(open, nowMs, 'running');
    this.#cancelSample?.();
    this.#sample();
    this.#endPeriod();
  }

  moved(task: TaskRecord, previous: TaskState, state: TaskState): void {
    const { id, queue, outcome } = task;
    const nowMs = this.#clock.now();
    if (isLive(previous) && !isLive(state)) {
      // One that is not open began before the recording did.
      const open = this.#open.get(id) ?? this.#begin(task, this.#originMs, true);
      this.#close(open, nowMs, endOf(state), outcome?.status === 'failed' ? outcome.error : undefined);
    }
    if (state === 'ready') this.#readyMs.set(id, nowMs);
    else if (state === 'running') this.#begin(task, nowMs, false);
    else if (state !== 'partial') this.#readyMs.delete(id);
    this.#changed.add(queue.name);
    this.#cancelSample ??= this.#clock.after(SAMPLE_MS, () => this.#sample());
  }

  #begin(task: TaskRecord, startMs: number, isCut: boolean): OpenAttempt {
    const { id, queue } = task;
    const readyMs = this.#readyMs.get(id);
    if (readyMs !== undefined) this.#readyMs.delete(id);
    const lanes = this.#lanesOf(queue.name);
    // On another lane there may have been something since the recording began.
    const lane = (isCut ? undefined : lanes.free.pop()) ?? lanes.count++;
    const open = new OpenAttempt(task, this.#nameOf?.(id) ?? ownName(task), lane, readyMs, startMs, isCut);
    this.#open.set(id, open);
    return open;
  }

  #close(open: OpenAttempt, endMs: number, end: AttemptEnd, error?: unknown): void {
    this.#open.delete(open.id);
    this.#lanesOf(open.queue).free.push(open.lane);
    open.endMs = endMs;
    open.end = end;
    if (error !== undefined) open.error = shown(error);
    this.#sink.row(open);
  }

  #delivered(id: string): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    const partialsMs = (open.partialsMs ??= []);
    if (partialsMs.length < MOST_PARTIALS) partialsMs.push(this.#clock.now());
    else this.#sink.partialsLeftOut(1);
  }

  #lanesOf(queue: string): Lanes {
    const known = this.#lanes.get(queue);
    if (known !== undefined) return known;
    const lanes: Lanes = { free: [], count: 0 };
    this.#lanes.set(queue, lanes);
    return lanes;
  }

  #sample(): void {
    this.#cancelSample = undefined;
    for (const name of this.#changed) {
      const queue = this.#scheduler.queues.get(name);
      const { running = 0, size: waiting = 0 } = queue ?? {};
      this.#sink.sample({ queue: name, atMs: this.#clock.now(), running, waiting });
    }
    this.#changed.clear();
  }

  #went(state: SchedulerState): void {
    this.#endPeriod();
    this.#state = state;
    this.#stateMs = this.#clock.now();
    if (state === 'closed') this.stop();
  }

  #endPeriod(): void {
    const state = this.#state;
    if (state !== 'stopped' && state !== 'stalled' && state !== 'draining' && state !== 'closing') return;
    this.#sink.period({ state, startMs: this.#stateMs, endMs: this.#clock.now() });
  }
}

/** A task that has settled has no function any more. */
function ownName(task: TaskRecord): string | undefined {
  return task.isSettled ? undefined : nameOfWork(task).slice(0, MOST_NAME) || undefined;
}

function endOf(state: TaskState): AttemptEnd {
  return state === 'done' || state === 'failed' || state === 'cancelled' ? state : 'again';
}
