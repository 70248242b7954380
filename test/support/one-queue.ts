/** A scheduler with one queue, as most tests of behaviour need it. */
import { onTestFinished } from 'vitest';
import { type Queue, type QueueOptions, Scheduler, type SchedulerOptions } from '../../src/index.js';
import { quiet } from './event-loop.js';
import { ManualExecutor } from './manual-executor.js';

export interface OneQueue {
  readonly scheduler: Scheduler;
  /** Named `q`, of one slot unless told otherwise. */
  readonly queue: Queue;
}

/** For a test that failed before it let its tasks end, for which closing waits. */
const CLOSE_WITHIN_MS = 60_000;

/** Ended when the test is over. */
export function oneQueue(options: QueueOptions & Omit<SchedulerOptions, 'store' | 'order'> = {}): OneQueue {
  const { onFailure, _environment, ...queueOptions } = options;
  const scheduler = new Scheduler({
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(_environment === undefined ? {} : { _environment }),
  });
  const { executor } = queueOptions;
  onTestFinished(async () => {
    const closed = scheduler.terminate();
    await quiet();
    if (executor instanceof ManualExecutor) for (const attempt of executor.started) attempt.done(undefined);
    await closed;
  }, CLOSE_WITHIN_MS);
  return { scheduler, queue: scheduler.queue('q', { concurrency: 1, ...queueOptions }) };
}

/** One queue whose tasks a test begins and ends by hand. */
export function manualQueue(
  options: Omit<QueueOptions & Omit<SchedulerOptions, 'store' | 'order'>, 'executor'> = {},
): OneQueue & {
  readonly executor: ManualExecutor;
  /** Ids of the tasks that were started, in the order of their starts. */
  readonly started: () => string[];
} {
  const executor = new ManualExecutor();
  const started = (): string[] => executor.started.map(({ id }) => id);
  return { ...oneQueue({ ...options, executor }), executor, started };
}
