/** The port between the bus scheduler and the runner of its jobs. */
import type { JobPayload } from '../protocol/payload.js';
import type { JobReport } from '../protocol/messages.js';

/** Why a run failed. @internal */
export type RunFailure = Extract<JobReport, { cmd: 'failed' }>['reason'];

/**
 * The reports of a run: `started`, `partial` and `evicted` any number of times, then one of the others once. Later reports are
 * ignored.
 *
 * @internal
 */
export interface RunReports {
  started(): void;
  /** Resolves when the next one can be sent. */
  partial(value: unknown): Promise<void>;
  /** The job made room for another and will be restarted here. */
  evicted(): void;
  /** The job made room for another and will not be restarted. */
  dropped(): void;
  done(value: unknown): void;
  /** The runner accepts no jobs any more; another scheduler may run this one. */
  refused(): void;
  failed(reason: RunFailure, error: unknown): void;
}

/** @internal */
export interface JobRun {
  /** Whether the job has been started at least once. */
  readonly hasStarted: boolean;
  /** Cancels the run. It need not report any more. */
  cancel(reason: string): void;
}

/** @internal */
export interface JobRunner {
  /** The named tasks that it can run; at most 256. */
  readonly tasks: readonly string[];
  /** Whether it runs timed jobs. */
  readonly timed: boolean;
  /** Starts a job. Must not throw; failures are reported. */
  begin(name: string, payload: JobPayload, reports: RunReports): JobRun;
}
