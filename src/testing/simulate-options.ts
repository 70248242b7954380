/** The options and the result of a simulation with a seed. */
import type { Scheduler } from '../runtime/scheduler.js';
import type { SchedulerOptions } from '../runtime/scheduler-options.js';
import type { FaultPlan } from './faults.js';
import type { Scenario, Simulation } from './scenario-shape.js';

/**
 * The options of `simulate`.
 *
 * @public
 */
export interface SimulateOptions extends Pick<SchedulerOptions, 'interpreter'> {
  /** An integer. With it, chance decides what of one time happens first; the same seed gives the same trace. */
  readonly seed?: number;
  /** What goes wrong, and how often: `ALL_FAULTS`, or shares of your own. Needs a seed. Default: nothing. */
  readonly faults?: FaultPlan;
  /** @internal Called with the scheduler before anything happens to it. */
  readonly _watch?: (scheduler: Scheduler) => void;
}

/**
 * The result of a simulation with a seed: a full trace, and the scenario that was played, with the times, timeouts and retries that the
 * faults have set; `check(trace, scenario)` judges it.
 *
 * @public
 */
export interface SeededSimulation extends Simulation {
  readonly scenario: Scenario;
}

/** The names of the options. @internal */
export const SIMULATE_NAMES = { seed: true, faults: true, interpreter: true, _watch: true } satisfies Record<
  keyof SimulateOptions,
  true
>;
