/** What scenarios that are drawn may have. */

/**
 * How the tasks of a graph depend on each other: each on the one before (`chain`), two between a first and a last over and over (`diamond`), each
 * on several of the layer before (`layers`), all on the first and the last on all (`fan`), or on any earlier ones (`random`).
 *
 * @public
 */
export type GraphShape = 'chain' | 'diamond' | 'layers' | 'fan' | 'random';

/**
 * What the scenarios of `scenarios` have. All but `maxTasks`, `maxQueues` and `shapes` are off by default.
 *
 * @public
 */
export interface ScenarioFeatures {
  /** At most so many tasks, from 1. Default: 12. */
  readonly maxTasks?: number;
  /** At most so many queues, from 1. Default: 3. */
  readonly maxQueues?: number;
  /** One of these is drawn. Default: all. */
  readonly shapes?: readonly GraphShape[];
  readonly partials?: boolean;
  readonly resources?: boolean;
  readonly hold?: boolean;
  readonly late?: boolean;
  readonly stop?: boolean;
  readonly priority?: boolean;
  readonly fifo?: boolean;
  /** Queues that evict. */
  readonly preempt?: boolean;
  /** Tasks that return the handle of another one. */
  readonly follows?: boolean;
  /** Rates of queues and of keys. */
  readonly rates?: boolean;
}

/**
 * Every feature.
 *
 * @public
 */
export const ALL_FEATURES = {
  partials: true,
  resources: true,
  hold: true,
  late: true,
  stop: true,
  priority: true,
  fifo: true,
  preempt: true,
  follows: true,
  rates: true,
} as const satisfies ScenarioFeatures;

/** The names of the options of `scenarios`. @internal */
export const FEATURE_NAMES = { maxTasks: true, maxQueues: true, shapes: true, ...ALL_FEATURES } satisfies Record<
  keyof ScenarioFeatures,
  true
>;

/** @internal */
export const SHAPES: readonly GraphShape[] = ['random', 'chain', 'diamond', 'layers', 'fan'];
