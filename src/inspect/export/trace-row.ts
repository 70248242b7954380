/**
 * What a trace is made of: rows, one per attempt at a task, and what went on beside them. Whatever records a scheduler can give them.
 *
 * Times are in milliseconds of one clock, from any moment.
 */

/**
 * How an attempt ended. `again`: the task will be attempted once more, after a failure, an eviction or a stop; `running`: it had not
 * ended when the recording did.
 *
 * @public
 */
export type AttemptEnd = 'done' | 'failed' | 'cancelled' | 'again' | 'running';

/**
 * One attempt at a task.
 *
 * @public
 */
export interface TraceRow {
  readonly id: string;
  /** What the function or the program is called; the trace shows the id where it is missing. */
  readonly name?: string | undefined;
  readonly queue: string;
  /** The place among the attempts that run in the queue at the same time, from 0. Attempts of one lane never overlap. */
  readonly lane: number;
  /** When the task became ready, where that is known. */
  readonly readyMs?: number | undefined;
  readonly startMs: number;
  /** Not before `startMs`. */
  readonly endMs: number;
  /** From 1. */
  readonly attempt: number;
  readonly end: AttemptEnd;
  /** What a failed task failed of. */
  readonly error?: string | undefined;
  /** When partial results were delivered, in order. */
  readonly partialsMs?: readonly number[] | undefined;
  /** The ids of the tasks whose results it needed. */
  readonly needs?: readonly string[] | undefined;
  /** Whether it began before the recording, at whose beginning it is shown to start. */
  readonly isCut?: boolean | undefined;
}

/**
 * A period in which the scheduler was in a state worth showing.
 *
 * @public
 */
export interface TracePeriod {
  readonly state: 'stopped' | 'stalled' | 'draining' | 'closing';
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The load of a queue at a moment: how many of its attempts run, and how many of its tasks wait.
 *
 * @public
 */
export interface TraceSample {
  readonly queue: string;
  readonly atMs: number;
  readonly running: number;
  readonly waiting: number;
}

/**
 * What a recording or a trace does not have because of its bounds: numbers of attempts, of partial results, of samples, of dependencies.
 *
 * @public
 */
export interface LeftOut {
  readonly attempts: number;
  readonly partials: number;
  readonly samples: number;
  readonly dependencies: number;
}

/**
 * A recording of a scheduler. The rows come in the order in which the attempts ended.
 *
 * @public
 */
export interface TraceRecording {
  /** When it began. */
  readonly originMs: number;
  readonly rows: Iterable<TraceRow>;
  readonly periods: Iterable<TracePeriod>;
  readonly samples: Iterable<TraceSample>;
  readonly leftOut: LeftOut;
}

/** Takes what is recorded, as it happens. @internal */
export interface TraceSink {
  row(row: TraceRow): void;
  period(period: TracePeriod): void;
  sample(sample: TraceSample): void;
  /** That many partial results are in no row. */
  partialsLeftOut(count: number): void;
}
