/**
 * Records a scheduler for a trace, in memory.
 *
 * Invariant: no more is kept than the bound given, the newest of it, and what is dropped is counted.
 */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import type { Clock } from '../../core/ports.js';
import { Scheduler } from '../../runtime/scheduler.js';
import { systemEnvironment } from '../../system/environment.js';
import { TraceRecorder } from './trace-recorder.js';
import type { LeftOut, TracePeriod, TraceRecording, TraceRow, TraceSample, TraceSink } from './trace-row.js';

/**
 * The options of `recordTrace`.
 *
 * @public
 */
export interface RecordOptions {
  /** How many attempts are kept at the most, the newest: an integer from 1. Default: 100,000. As many samples of the load are kept. */
  readonly maxAttempts?: number;
  /** @internal The real one by default. */
  readonly _clock?: Clock;
}

const NAMES = { maxAttempts: true, _clock: true } satisfies Record<keyof RecordOptions, true>;

/** A recording under way. @public */
export interface RunningRecording extends TraceRecording {
  /** Ends the recording: attempts that are still running become rows that say so. Calling it again does nothing. */
  stop(): void;
}

const MAX_ATTEMPTS = 100_000;

/**
 * Records every attempt from now on, until `stop` or the scheduler is closed. `traceText` makes a file of it that Perfetto opens,
 * `traceEvents` its events. Costs a listener to each event of a task.
 *
 * @throws SchedulerError `InvalidArgument`, `InvalidOption`.
 * @public
 */
export function recordTrace(scheduler: Scheduler, options: RecordOptions = {}): RunningRecording {
  if (!(scheduler instanceof Scheduler)) {
    throw new SchedulerError('InvalidArgument', `recordTrace takes a scheduler, got ${shown(scheduler)}`);
  }
  checkOptionNames('recordTrace', options, NAMES);
  const { maxAttempts = MAX_ATTEMPTS, _clock = systemEnvironment.clock } = options;
  if (!Number.isSafeInteger(maxAttempts) || maxAttempts < 1) {
    throw new SchedulerError('InvalidOption', `maxAttempts must be an integer from 1, got ${shown(maxAttempts)}`);
  }
  return new KeptRecording(scheduler, maxAttempts, _clock);
}

/** The newest of what is added, up to a number. */
class Newest<T> {
  readonly #most: number;
  readonly #kept: T[] = [];
  #added = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get dropped(): number {
    return this.#added - this.#kept.length;
  }

  add(item: T): void {
    this.#kept[this.#added % this.#most] = item;
    this.#added += 1;
  }

  *[Symbol.iterator](): Generator<T> {
    const oldest = this.dropped === 0 ? 0 : this.#added % this.#most;
    yield* this.#kept.slice(oldest);
    yield* this.#kept.slice(0, oldest);
  }
}

class KeptRecording implements RunningRecording, TraceSink {
  readonly originMs: number;
  readonly rows: Newest<TraceRow>;
  readonly periods: Newest<TracePeriod>;
  readonly samples: Newest<TraceSample>;
  readonly #recorder: TraceRecorder;
  #partials = 0;

  constructor(scheduler: Scheduler, most: number, clock: Clock) {
    this.originMs = clock.now();
    this.rows = new Newest(most);
    this.periods = new Newest(most);
    this.samples = new Newest(most);
    this.#recorder = new TraceRecorder(scheduler, this, { clock });
  }

  get leftOut(): LeftOut {
    const samples = this.samples.dropped;
    return { attempts: this.rows.dropped, partials: this.#partials, samples, dependencies: 0 };
  }

  row(row: TraceRow): void {
    this.rows.add(row);
  }

  period(period: TracePeriod): void {
    this.periods.add(period);
  }

  sample(sample: TraceSample): void {
    this.samples.add(sample);
  }

  partialsLeftOut(count: number): void {
    this.#partials += count;
  }

  stop(): void {
    this.#recorder.stop();
  }
}
