/**
 * Runs the jobs of a bus as tasks of a queue, which owns order, slots, eviction and deadlines. This file only translates: jobs to
 * tasks, and task events and outcomes to reports.
 *
 * Invariant: no two tasks have the same priority, so jobs that are equally urgent start oldest first. The queue alone would start the
 * newest first, and an old job would wait for as long as others keep arriving.
 */
import { SchedulerError } from '../../core/failures.js';
import { outcomeKind } from '../../core/outcome.js';
import type { SchedulerEvents } from '../../runtime/events/event-hub.js';
import { type Handle, StreamHandle } from '../../runtime/tasks/handle.js';
import type { Queue } from '../../runtime/queue.js';
import type { SubmitOptions } from '../../runtime/submission/submit-options.js';
import type { JobFunction } from './job-functions.js';
import type { JobRun, JobRunner, RunReports } from './job-runner.js';
import type { JobPayload } from '../protocol/payload.js';

/** @internal */
export interface QueueRunnerParts {
  readonly queue: Queue;
  readonly functions: ReadonlyMap<string, JobFunction>;
  /** The function of timed jobs; undefined if they are not accepted. */
  readonly timed: ((runtime: number) => Promise<void>) | undefined;
}

/** More jobs than a scheduler ever accepts. With 11 levels of urgency, every priority is a safe integer. */
const JOBS_PER_LEVEL = 2 ** 40;

interface QueueRun {
  readonly reports: RunReports;
  hasStarted: boolean;
}

/** @internal */
export class QueueRunner implements JobRunner {
  readonly #parts: QueueRunnerParts;
  /** By task id. */
  readonly #runs = new Map<string, QueueRun>();
  #accepted = 0;

  constructor(parts: QueueRunnerParts) {
    this.#parts = parts;
  }

  get tasks(): readonly string[] {
    return [...this.#parts.functions.keys()];
  }

  get timed(): boolean {
    return this.#parts.timed !== undefined;
  }

  begin(name: string, payload: JobPayload, reports: RunReports): JobRun {
    const run: QueueRun = { reports, hasStarted: false };
    this.#runs.set(name, run);
    let handle: Handle<unknown> | undefined;
    try {
      handle = this.#submit(name, payload);
    } catch (error) {
      this.#runs.delete(name);
      const code = error instanceof SchedulerError ? error.code : undefined;
      if (code === 'SchedulerClosed') reports.refused();
      else reports.failed(code === 'FunctionNotFound' ? 'unknown-task' : 'error', error);
    }
    // An unexpected error must fail the job, not leave it open or crash the process.
    if (handle !== undefined)
      this.#follow(name, handle, reports).catch((error: unknown) => reports.failed('error', error));
    return {
      get hasStarted() {
        return run.hasStarted;
      },
      cancel: (reason) => {
        handle?.cancel(reason);
      },
    };
  }

  /** Call with every event of the queue's tasks. */
  hear({ id, previous, state }: SchedulerEvents['task']): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    const wasRunning = previous === 'running' || previous === 'partial';
    if (state === 'running') {
      run.hasStarted = true;
      run.reports.started();
    } else if (wasRunning && state === 'ready') {
      // The queue has no retry policy, so only an eviction leads from running to ready.
      run.reports.evicted();
    }
  }

  #submit(id: string, payload: JobPayload): Handle<unknown> {
    const { queue, functions, timed } = this.#parts;
    const { timeoutMs, trace } = payload;
    this.#accepted += 1;
    // In the protocol lower is more urgent, and the priority of a simple job need not be an integer.
    const priority = -Math.round(payload.priority) * JOBS_PER_LEVEL - this.#accepted;
    const options: SubmitOptions = {
      id,
      priority,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(trace === undefined ? {} : { trace }),
    };
    if ('task' in payload) {
      const fn = functions.get(payload.task);
      if (fn !== undefined) return queue.submit(options, fn, ...payload.args);
      throw new SchedulerError('FunctionNotFound', `there is no task ${payload.task.slice(0, 80)}`);
    }
    if (timed === undefined) throw new SchedulerError('FunctionNotFound', 'this scheduler does not accept timed jobs');
    return queue.submit(options, timed, payload.runtime);
  }

  async #follow(name: string, handle: Handle<unknown>, reports: RunReports): Promise<void> {
    if (handle instanceof StreamHandle) {
      try {
        for await (const value of handle) await reports.partial(value);
      } catch {
        // The outcome below has the same error.
      }
    }
    const outcome = await handle.settled();
    this.#runs.delete(name);
    if (outcome.status === 'done') {
      reports.done(handle instanceof StreamHandle ? undefined : outcome.result);
      return;
    }
    const error = outcome.status === 'failed' ? outcome.error : outcome.reason;
    const kind = outcomeKind(outcome);
    switch (kind) {
      case 'evicted':
        reports.dropped();
        return;
      case 'timed-out':
      case 'worker-crashed':
      case 'cancelled':
        reports.failed(kind, error);
        return;
      case 'done':
      case 'failed':
      case 'interrupted':
      case 'dependency-failed':
        reports.failed('error', error);
        return;
    }
  }
}
