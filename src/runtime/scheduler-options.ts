/** The options of a scheduler and of a queue, and the checks of both. */
import { availableParallelism } from 'node:os';
import type { AnyActorRef } from 'xstate';
import { SchedulerError, shown } from '../core/failures.js';
import { checkOptionNames } from '../core/option-names.js';
import { SCHEDULER_ORDERS, type SchedulerOrder } from '../core/order/task-order.js';
import type { Environment, Executor, Turn } from '../core/ports.js';
import type { SettledListener } from './events/event-hub.js';
import { checkStoreOptions, type StoreOptions } from './keeping/store-options.js';
import type { OnFailure } from './lifecycle.js';
import { checkListener, checkPolicy, POLICY_NAMES, policyOf, type QueuePolicy } from './policies/queue-policy.js';
import { checkRate, type RateOptions } from './policies/rate.js';
import { checkCount, checkLimits } from './queues/queue-limits.js';
import type { QueueOrder, QueueSpec } from './queues/queue-state.js';
import type { Interpreter } from './statecharts/cells.js';
import type { Inspector } from './statecharts/inspectors.js';

/**
 * The options of a scheduler.
 *
 * @public
 */
export interface SchedulerOptions extends StoreOptions {
  /** The effect of a failed task on the rest; `continue` when not given. */
  readonly onFailure?: OnFailure;
  /**
   * Which ready task starts first. Default: `newest`. `critical-path` and `soonest` go by how long tasks take, as far as that is known.
   * See docs/orders.md.
   */
  readonly order?: SchedulerOrder;
  /**
   * The interpreter of the statecharts of tasks, queues and the scheduler: their compiled tables (`compiled`, the default), or XState's
   * own interpreter (`xstate`), with which each of them is an XState actor of its machine. The same happens in the same order;
   * `xstate` takes 10 to 20 times as long per task. See docs/actors.md.
   */
  readonly interpreter?: Interpreter;
  /** An actor to be the parent of the scheduler's, so that it is part of that actor's system. */
  readonly parent?: AnyActorRef;
  /**
   * Sees every actor, event and snapshot (XState's inspection protocol), with `parent` those of the whole system. Costs time
   * for every message.
   */
  readonly inspect?: Inspector;
  /** Called when a task of any queue has settled; see `SchedulerEvents.settled`. The same as `on('settled', …)`. */
  readonly onSettled?: SettledListener;
  /** @internal When the present burst of submissions is over; a microtask by default. */
  readonly _turn?: Turn;
  /** @internal Time and chance; the real ones by default. */
  readonly _environment?: Environment;
  /** @internal How long each task takes, by its id, in place of what is learned; the order takes every change into account then. */
  readonly _durations?: (id: string) => number;
}

/**
 * The options of a queue.
 *
 * @public
 */
export interface QueueOptions extends QueuePolicy {
  /**
   * How many tasks run at once: an integer from 1, or `Infinity`. The available parallelism when not given. With `workers`, as many as
   * the workers of its executor have slots at the time, and one while there are none; `distributed` is such an executor.
   */
  readonly concurrency?: number | 'workers';
  /** Named resources with their capacities, finite numbers from 0. Tasks take of them what their `resources` say. */
  readonly resources?: Readonly<Record<string, number>>;
  /**
   * How many of its tasks may be pending at once, that is submitted and not yet started: an integer from 1, or `Infinity`, which is
   * the same as none. `submit` beyond it throws `QueueFull`; `room` waits.
   */
  readonly bound?: number;
  /**
   * The order in which its ready tasks start. Default: that of the scheduler. `newest` is demand order; under a load that never ends its
   * oldest tasks may wait for ever. With `fifo` the tasks of equal priority start in the order in which they were submitted; one that
   * does not fit the resources left is passed over. See docs/queues.md.
   */
  readonly order?: QueueOrder;
  /** How often the queue's attempts may start. Default: no limit. Every attempt counts, retries too. */
  readonly rate?: RateOptions;
  /** How often the attempts of each `rateKey` may start, as a host or a tenant. Default: no limit. Tasks without a key are not limited by it. */
  readonly rateByKey?: RateOptions;
  /** Runs the tasks. The scheduler's default executor (`inline()`) when not given. Closed along with the scheduler. */
  readonly executor?: Executor;
}

/** @throws SchedulerError `InvalidOption`. @internal */
export function checkSchedulerOptions(options: SchedulerOptions): void {
  checkOptionNames('new Scheduler', options, SCHEDULER_NAMES);
  const { onFailure, interpreter, onSettled, parent, inspect, order } = options;
  if (parent !== undefined && !isActor(parent)) {
    throw new SchedulerError('InvalidOption', `parent must be an actor, got ${shown(parent)}`);
  }
  const isObserver = typeof inspect === 'function' || (typeof inspect === 'object' && inspect !== null);
  if (inspect !== undefined && !isObserver) {
    throw new SchedulerError('InvalidOption', `inspect must be a function or an observer, got ${shown(inspect)}`);
  }
  if (order !== undefined && !SCHEDULER_ORDERS.includes(order)) {
    throw new SchedulerError('InvalidOption', `order must be newest, critical-path or soonest, got ${shown(order)}`);
  }
  checkListener(onSettled);
  checkStoreOptions(options);
  if (interpreter !== undefined && interpreter !== 'compiled' && interpreter !== 'xstate') {
    throw new SchedulerError('InvalidOption', `interpreter must be compiled or xstate, got ${shown(interpreter)}`);
  }
  if (onFailure !== undefined && onFailure !== 'continue' && onFailure !== 'stop' && onFailure !== 'abort') {
    throw new SchedulerError('InvalidOption', `onFailure must be continue, stop or abort, got ${shown(onFailure)}`);
  }
}

/** Whatever was given in its place. */
function isActor(parent: AnyActorRef): boolean {
  try {
    return 'system' in parent && 'send' in parent;
  } catch {
    return false;
  }
}

const SCHEDULER_NAMES = {
  onFailure: true,
  order: true,
  interpreter: true,
  parent: true,
  inspect: true,
  onSettled: true,
  store: true,
  durability: true,
  onStoreError: true,
  _turn: true,
  _environment: true,
  _durations: true,
} satisfies Record<keyof SchedulerOptions, true>;

const QUEUE_NAMES = {
  concurrency: true,
  resources: true,
  bound: true,
  order: true,
  rate: true,
  rateByKey: true,
  executor: true,
  ...POLICY_NAMES,
} satisfies Record<keyof QueueOptions, true>;

/** @throws SchedulerError `InvalidOption`. @internal */
export function checkQueueOptions(name: string, options: QueueOptions, ofScheduler: SchedulerOrder): void {
  checkOptionNames('queue', options, QUEUE_NAMES);
  if (typeof name !== 'string' || name === '') {
    throw new SchedulerError('InvalidOption', `a queue's name must be a string that is not empty, got ${shown(name)}`);
  }
  const { concurrency, resources } = options;
  checkLimits(name, { concurrency: concurrency === 'workers' ? 1 : concurrency, resources });
  checkCount(name, 'bound', options.bound);
  const { order } = options;
  if (order !== undefined && order !== 'newest' && order !== 'fifo') {
    const message = `the order of queue ${name} must be newest or fifo, got ${shown(order)}`;
    throw new SchedulerError('InvalidOption', message, { queue: name });
  }
  if (order === 'newest' && ofScheduler !== 'newest') {
    const message = `queue ${name} cannot have the order newest in a scheduler with the order ${ofScheduler}: leave it out, or use fifo`;
    throw new SchedulerError('InvalidOption', message, { queue: name });
  }
  checkRate('rate', options.rate);
  checkRate('rateByKey', options.rateByKey);
  checkPolicy(options);
  if (options.executor !== undefined) checkExecutor(name, options.executor);
  if (concurrency === 'workers' && options.executor?.watchSlots === undefined) {
    const message = `the concurrency of queue ${name} is workers, which is for executors such as distributed()`;
    throw new SchedulerError('InvalidOption', message, { queue: name });
  }
}

/** @throws SchedulerError `InvalidOption` unless it has all that the runtime calls. */
function checkExecutor(queue: string, executor: unknown): void {
  const trouble = troubleWith(executor);
  if (trouble === undefined) return;
  throw new SchedulerError('InvalidOption', `the executor of queue ${queue} ${trouble}`, { queue });
}

function troubleWith(executor: unknown): string | undefined {
  if (typeof executor === 'function') return 'is a function: call it, as in threads(url), and give what it returns';
  if (typeof executor !== 'object' || executor === null) return `must be an object, got ${shown(executor)}`;
  const missing = ['run', 'abort', 'close'].find((method) => typeof Reflect.get(executor, method) !== 'function');
  return missing === undefined ? undefined : `must have the methods run, abort and close: ${missing} is missing`;
}

/** The definition of the queue; `fallback` is the executor of queues that name none. @internal */
export function queueSpec(name: string, options: QueueOptions, fallback: () => Executor): QueueSpec {
  const resources = Object.entries(options.resources ?? {});
  return {
    name,
    concurrency: options.concurrency === 'workers' ? 1 : (options.concurrency ?? availableParallelism()),
    resourceNames: resources.map(([resource]) => resource),
    capacity: resources.map(([, capacity]) => capacity),
    executor: options.executor ?? fallback(),
    order: options.order,
    rate: options.rate,
    rateByKey: options.rateByKey,
    policy: policyOf(options),
    maxPending: options.bound === Number.POSITIVE_INFINITY ? undefined : options.bound,
  };
}
