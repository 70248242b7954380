/** What a client of the bus asks of whoever runs its jobs, and what it is told in return: the port between the two. */
import type { JobPayload } from '../protocol/payload.js';
import type { JobReport } from '../protocol/messages.js';

/** Why a job failed where it ran. @internal */
export type RunFailure = Extract<JobReport, { cmd: 'failed' }>['reason'];

/**
 * Where a run says how it fares: `started`, `partial` and `evicted` any number of times, and then one of the others once. What comes
 * after that is ignored.
 *
 * @internal
 */
export interface RunReports {
  started(): void;
  /** Resolves when the next one may follow. */
  partial(value: unknown): Promise<void>;
  /** It had to make room and will be started again here. */
  evicted(): void;
  /** It had to make room and will not be started again. */
  dropped(): void;
  done(value: unknown): void;
  /** It cannot be run here, nor can others; somebody else may. */
  refused(): void;
  failed(reason: RunFailure, error: unknown): void;
}

/** A job under way. @internal */
export interface JobRun {
  /** Whether any of it has been done. */
  readonly hasStarted: boolean;
  /** It is no longer wanted; nothing has to be reported. */
  cancel(reason: string): void;
}

/** @internal */
export interface JobRunner {
  /** The named tasks that it runs; at most 256. */
  readonly tasks: readonly string[];
  /** Whether it runs jobs that only take their time. */
  readonly timed: boolean;
  /** Begins a job. Must not throw: what goes wrong is reported. */
  begin(name: string, payload: JobPayload, reports: RunReports): JobRun;
}
