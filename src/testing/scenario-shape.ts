/**
 * What a scenario and a trace are: plain data, the same as in test/vectors/README.md, with `priority` added.
 */

/**
 * A queue of a scenario. `resources` are its capacities by name.
 *
 * @public
 */
export interface ScenarioQueue {
  readonly name: string;
  readonly concurrency: number;
  readonly resources?: Readonly<Record<string, number>>;
}

/**
 * A task of a scenario. References are ids of tasks submitted before it, or `t3#1` for the partial result 1 of task t3;
 * demand visits them in the order `deps`, `release`, `after`.
 *
 * @public
 */
export interface ScenarioTask {
  readonly id: string;
  readonly queue: string;
  readonly deps: readonly string[];
  /** Units of time from start to end, 0 or more. */
  readonly duration: number;
  /** Demand by resource name, taken with the slot. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Number of partial results, as many as `partialAt` has entries. */
  readonly partials?: number;
  /** When each partial result comes, in units after the start; never falling, at most `duration`. */
  readonly partialAt?: readonly number[];
  /** Keeps slot and resources after its end, until a releasing task has ended. */
  readonly hold?: boolean;
  /** Ids of holding tasks; at its end the task gives back what they hold. Also dependencies. */
  readonly release?: readonly string[];
  /** Dependencies that say only when, not what. */
  readonly after?: readonly string[];
  /** When it is submitted, default 0. Tasks of one time are submitted in the order of the array. */
  readonly submitAt?: number;
  /** Higher first, default 0. */
  readonly priority?: number;
}

/**
 * A stop or a resume of the whole scheduler at a time.
 *
 * @public
 */
export interface ScenarioControl {
  readonly at: number;
  readonly do: 'stop' | 'resume';
}

/**
 * One line of a trace. The id of a partial result is `t3#1`.
 *
 * @public
 */
export type TraceEvent =
  | { readonly at: number; readonly event: 'start' | 'partial' | 'done'; readonly id: string }
  | { readonly at: number; readonly event: 'stop' | 'resume' };

/**
 * What running a scenario gives: everything that happened, in order, and the ids of the tasks that can never start, in
 * submission order.
 *
 * @public
 */
export interface Simulation {
  readonly trace: readonly TraceEvent[];
  readonly stalled: readonly string[];
}

/**
 * A graph of tasks with times, to be run by `simulate`. `trace` and `stalled`, where present, are what is expected.
 *
 * @public
 */
export interface Scenario extends Partial<Simulation> {
  readonly name?: string;
  readonly queues: readonly ScenarioQueue[];
  readonly tasks: readonly ScenarioTask[];
  readonly control?: readonly ScenarioControl[];
}
