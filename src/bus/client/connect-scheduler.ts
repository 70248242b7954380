/** Puts a queue of a pullgraph scheduler to work for a bus: the public way to the parts that do it. */
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
import { checkInteger } from '../integer-option.js';
import { jobFunctions } from './job-functions.js';
import { QueueRunner } from './queue-runner.js';
import { TimedBesides, timedJob } from './timed-job.js';

/**
 * What is needed of a `Scheduler`.
 *
 * @public
 */
export interface JobScheduler {
  queue(name: string, options: QueueOptions): Queue;
  on(type: 'task', listener: (event: SchedulerEvents['task']) => void): () => void;
}

/**
 * The options of a scheduler at a bus. `preempt`, `onEvict`, `timeoutMs` and `graceMs` are those of its queue.
 *
 * @public
 */
export interface BusSchedulerOptions
  extends ConnectOptions,
    Pick<QueuePolicy, 'preempt' | 'onEvict' | 'timeoutMs' | 'graceMs'> {
  /** The scheduler that does the work, which its owner starts and closes. */
  readonly scheduler: JobScheduler;
  /** The name of the queue that is added to it; `bus`. */
  readonly queue?: string;
  /** How many jobs run at once. */
  readonly slots: number;
  /** How many more are taken from the bus, so that the queue has a choice; four times `slots`. With 0 there is nothing to `preempt` for. */
  readonly backlog?: number;
  /** The functions that jobs may call: a module's namespace, or an object. Names are those of its properties. */
  readonly tasks?: object;
  /** What runs them; the main thread when not given. The functions must be such as it can run. */
  readonly executor?: Executor;
  /** Whether jobs are taken that only say how long they take, those of the simple protocol among them; true when not given. */
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
 * Adds a queue to a scheduler and lets a bus give it jobs. Comes back by itself when the connection is lost; what ran is then cancelled,
 * as the bus gives it to others.
 *
 * @throws SchedulerError `InvalidOption`, and what `scheduler.queue` throws.
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
  checkInteger('slots', slots, 1);
  checkInteger('backlog', backlog, 0);
  if (tasks === undefined && !timed)
    throw new SchedulerError('InvalidOption', 'without tasks there is nothing but timed jobs to take');
  const functions = tasks === undefined ? new Map<string, never>() : jobFunctions(tasks);
  const takeTime = timedJob(environment ?? systemEnvironment);
  const queue = scheduler.queue(name, {
    ...policy,
    concurrency: slots,
    executor: new TimedBesides(takeTime, executor ?? inline()),
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
