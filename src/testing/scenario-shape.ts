/**
 * The types of scenarios and simulations: plain data, as in test/vectors/README.md, plus `priority`, `order` (of a queue and of all), rates, `preempt`, `follows`,
 * `timeout`, `attempts` and `backoff`.
 */
import type { SchedulerOrder } from '../core/order/task-order.js';
import type { TraceEvent } from './trace.js';

/**
 * How often attempts may start, as `RateOptions`, in units of time.
 *
 * @public
 */
export interface ScenarioRate {
  /** An integer from 1. */
  readonly limit: number;
  /** In units: a multiple of `limit`, so that starts are regained at whole units. */
  readonly interval: number;
  /** An integer from 1, the default. */
  readonly burst?: number;
}

/**
 * A queue of a scenario. `resources` are its capacities by name.
 *
 * @public
 */
export interface ScenarioQueue {
  readonly name: string;
  readonly concurrency: number;
  /** As `QueueOptions.order`. Default: `newest`. */
  readonly order?: 'newest' | 'fifo';
  readonly resources?: Readonly<Record<string, number>>;
  /** Limits the starts of all its tasks. */
  readonly rate?: ScenarioRate;
  /** Limits the starts of the tasks of each `rateKey`. */
  readonly rateByKey?: ScenarioRate;
  /** As `QueueOptions.preempt`. Default: false. */
  readonly preempt?: boolean;
  /** As `QueueOptions.onEvict`, for queues with `preempt`. Default: `requeue`. */
  readonly onEvict?: 'requeue' | 'drop';
}

/**
 * A task of a scenario. References are ids of tasks submitted earlier, or `t3#1` for partial result 1 of task t3. Demand visits them in
 * the order `deps`, `release`, `after`.
 *
 * @public
 */
export interface ScenarioTask {
  readonly id: string;
  readonly queue: string;
  readonly deps: readonly string[];
  /** Time from start to end, in units; at least 0. */
  readonly duration: number;
  /** Demand by resource name, acquired with the slot. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Number of partial results; equals the length of `partialAt`. */
  readonly partials?: number;
  /** Time of each partial result, in units after the start; ascending, at most `duration`. */
  readonly partialAt?: readonly number[];
  /** Whether it keeps slot and resources after its end, until a releasing task has ended. */
  readonly hold?: boolean;
  /** Ids of holding tasks, whose slots and resources the end of this task frees. Also dependencies. */
  readonly release?: readonly string[];
  /** Dependencies for order only, without a value. */
  readonly after?: readonly string[];
  /**
   * An earlier task, or one of its partial results, whose handle the function returns at its end: its outcome becomes that of the task. Not a
   * dependency; the task waits for it without a slot. For tasks without partial results that hold nothing.
   */
  readonly follows?: string;
  /** Time of submission. Tasks with equal times are submitted in array order. Default: 0. */
  readonly submitAt?: number;
  /** Higher starts first. Default: 0. */
  readonly priority?: number;
  /** How long an attempt may take, in units. Default: no limit. */
  readonly timeout?: number;
  /** How many attempts may fail, the first included: an integer from 1, the default. */
  readonly attempts?: number;
  /** Pause before the second attempt, in units; each further one is twice as long. Default: 0. */
  readonly backoff?: number;
  /** For queues with `rateByKey`: the key that its starts count to. */
  readonly rateKey?: string;
}

/**
 * Stops or resumes the whole scheduler at a given time.
 *
 * @public
 */
export interface ScenarioControl {
  readonly at: number;
  readonly do: 'stop' | 'resume';
}

/**
 * The result of a simulation: all events in order, and the ids of the tasks that can never start, in submission order.
 *
 * @public
 */
export interface Simulation {
  readonly trace: readonly TraceEvent[];
  readonly stalled: readonly string[];
}

/**
 * A graph of tasks with durations, for `simulate`. `trace` and `stalled`, if present, are the expected result.
 *
 * @public
 */
export interface Scenario extends Partial<Simulation> {
  readonly name?: string;
  /** As `SchedulerOptions.order`; the `duration` of each task is what is known of how long it takes. Default: `newest`. */
  readonly order?: SchedulerOrder;
  readonly queues: readonly ScenarioQueue[];
  readonly tasks: readonly ScenarioTask[];
  readonly control?: readonly ScenarioControl[];
}
