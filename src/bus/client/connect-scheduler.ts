/** Connects a queue of a pullgraph scheduler to a bus. */
import { SchedulerError } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import type { Executor } from '../../core/ports.js';
import { inline } from '../../executors/inline.js';
import type { SchedulerEvents } from '../../runtime/events/event-hub.js';
import type { Queue } from '../../runtime/queue.js';
import type { QueuePolicy } from '../../runtime/policies/queue-policy.js';
import type { QueueOptions } from '../../runtime/scheduler-options.js';
import { systemEnvironment } from '../../system/environment.js';
import { BusScheduler } from './bus-scheduler.js';
import { checkConnectOptions, CONNECT_OPTION_NAMES, type ConnectOptions } from './connect-options.js';
import { MAX_BACKLOG, MAX_SLOTS } from '../protocol/defaults.js';
import { checkInteger } from '../integer-option.js';
import { jobFunctions } from './job-functions.js';
import { QueueRunner } from './queue-runner.js';
import { InlineTimed, timedJob } from './timed-job.js';

/**
 * The part of a `Scheduler` that the connection uses.
 *
 * @public
 */
export interface JobScheduler {
  queue(name: string, options: QueueOptions): Queue;
  on(type: 'task', listener: (event: SchedulerEvents['task']) => void): () => void;
}

/**
 * The options of `connectScheduler`. `preempt`, `onEvict`, `timeoutMs` and `graceMs` are passed to its queue.
 *
 * @public
 */
export interface BusSchedulerOptions
  extends ConnectOptions,
    Pick<QueuePolicy, 'preempt' | 'onEvict' | 'timeoutMs' | 'graceMs'> {
  /** The scheduler that runs the jobs. Its owner starts and closes it. */
  readonly scheduler: JobScheduler;
  /** The name of the queue to add. Default: `bus`. */
  readonly queue?: string;
  /** How many jobs run at once: 1 to 10,000. */
  readonly slots: number;
  /** How many more are accepted, up to 100,000, for the queue to choose from. With 0, `preempt` has no effect. Default: four times `slots`. */
  readonly backlog?: number;
  /** The functions that jobs can call, by property name: a module namespace or an object. */
  readonly tasks?: object;
  /** Runs the functions, which it must support. Default: inline, on the main thread. */
  readonly executor?: Executor;
  /** Whether to accept timed jobs, including those of the simple protocol. Default: true. */
  readonly timed?: boolean;
}

const OPTION_NAMES = {
  ...CONNECT_OPTION_NAMES,
  scheduler: true,
  queue: true,
  slots: true,
  backlog: true,
  tasks: true,
  executor: true,
  timed: true,
  preempt: true,
  onEvict: true,
  timeoutMs: true,
  graceMs: true,
} satisfies Record<keyof BusSchedulerOptions, true>;

/**
 * Adds a queue to a scheduler and runs jobs of a bus on it. Reconnects when the connection is lost; running jobs are then cancelled,
 * because the bus gives them to other schedulers.
 *
 * @throws SchedulerError `InvalidOption`, and the errors of `scheduler.queue`.
 * @public
 */
export function connectScheduler(options: BusSchedulerOptions): BusScheduler {
  checkOptionNames('connectScheduler', options, OPTION_NAMES);
  const {
    scheduler,
    queue: name = 'bus',
    slots,
    backlog = 4 * slots,
    tasks,
    executor,
    timed = true,
    ...rest
  } = options;
  const { url, token, reconnect, onTrouble, environment, ...policy } = rest;
  checkConnectOptions(options);
  checkInteger('slots', slots, 1, MAX_SLOTS);
  checkInteger('backlog', backlog, 0, MAX_BACKLOG);
  if (tasks === undefined && !timed)
    throw new SchedulerError('InvalidOption', 'timed: false needs tasks, or there are no jobs to accept');
  const functions = tasks === undefined ? new Map<string, never>() : jobFunctions(tasks);
  const takeTime = timedJob(environment ?? systemEnvironment);
  const queue = scheduler.queue(name, {
    ...policy,
    concurrency: slots,
    executor: new InlineTimed(takeTime, executor ?? inline()),
  });
  const runner = new QueueRunner({ queue, functions, timed: timed ? takeTime : undefined });
  scheduler.on('task', (event) => {
    if (event.queue === name) runner.hear(event);
  });
  return new BusScheduler({
    runner,
    slots,
    backlog,
    ...(url === undefined ? {} : { url }),
    ...(token === undefined ? {} : { token }),
    ...(reconnect === undefined ? {} : { reconnect }),
    ...(onTrouble === undefined ? {} : { onTrouble }),
    ...(environment === undefined ? {} : { environment }),
  });
}
