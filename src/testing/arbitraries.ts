/**
 * Arbitraries for fast-check: graphs of chosen shapes, scenarios, and plans of faults. What is drawn are free numbers, which are mapped to
 * references that exist, so every scenario and every shrunk scenario is valid.
 */
import type { default as fastCheck, Arbitrary } from 'fast-check';
import { checkName, checkOptionNames } from '../core/option-names.js';
import { ALL_FAULTS, type FaultPlan } from './faults.js';
import { FEATURE_NAMES, type GraphShape, type ScenarioFeatures, SHAPES } from './scenario-features.js';
import type { Scenario, ScenarioControl, ScenarioQueue, ScenarioRate, ScenarioTask } from './scenario-shape.js';

/**
 * The module fast-check.
 *
 * @public
 */
export type Fc = typeof fastCheck;

/**
 * The arbitraries of the kit.
 *
 * @public
 */
export interface Arbitraries {
  /** Scenarios with those features; they shrink to fewer tasks and edges, shorter times and fewer features. */
  readonly scenarios: (features?: ScenarioFeatures) => Arbitrary<Scenario>;
  /** Plans of some of the faults of `ALL_FAULTS`; they shrink to fewer faults. */
  readonly faults: Arbitrary<FaultPlan>;
  /** Seeds of `simulate`; they do not shrink, since near seeds have nothing in common. */
  readonly seeds: Arbitrary<number>;
}

/**
 * The arbitraries, made with your fast-check.
 *
 * ```ts
 * import fc from 'fast-check';
 * const { scenarios, seeds } = arbitraries(fc);
 * ```
 *
 * @throws SchedulerError `InvalidOption`, `InvalidArgument` for features that do not exist.
 * @public
 */
export function arbitraries(fc: Fc): Arbitraries {
  return {
    scenarios: (features = {}) => {
      checkOptionNames('scenarios', features, FEATURE_NAMES);
      const { maxTasks = 12, maxQueues = 3, shapes = SHAPES } = features;
      for (const shape of shapes) checkName('a graph', 'shape', shape, SHAPES);
      return fc
        .record({
          shape: fc.constantFrom(...shapes),
          queues: fc.array(drawnQueue(fc), { minLength: 1, maxLength: maxQueues }),
          tasks: fc.array(drawnTask(fc), { minLength: 1, maxLength: maxTasks, size: 'max' }),
          pauses: fc.array(fc.tuple(fc.nat(6), fc.nat(9)), { maxLength: 3 }),
        })
        .map((drawn) => build(drawn, features));
    },
    faults: fc.subarray(Object.entries(ALL_FAULTS)).map((some): FaultPlan => Object.fromEntries(some)),
    seeds: fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  };
}

interface DrawnQueue {
  readonly concurrency: number;
  readonly mem: number;
  readonly isFifo: boolean;
  readonly evicts: 'requeue' | 'drop' | undefined;
  readonly rate: ScenarioRate | undefined;
  readonly rateByKey: ScenarioRate | undefined;
}

interface DrawnTask {
  /** Whether it is in the scenario at all: what shrinks is left out one by one. */
  readonly isKept: boolean;
  readonly queue: number;
  readonly duration: number;
  /** How far back each dependency lies, and whether its end or a partial result is needed. */
  readonly deps: readonly { readonly back: number; readonly partial: number | undefined }[];
  readonly isAfter: boolean;
  readonly mem: number;
  readonly partialAt: readonly number[];
  readonly hold: boolean;
  /** How many of the tasks that hold their slots it releases, at most. */
  readonly releases: number;
  readonly delay: number;
  readonly priority: number;
  readonly rateKey: string;
  /** How far back the task lies that it follows, and whether a partial result is meant. */
  readonly follows: { readonly back: number; readonly partial: number | undefined } | undefined;
}

interface Drawn {
  readonly shape: GraphShape;
  readonly queues: readonly DrawnQueue[];
  readonly tasks: readonly DrawnTask[];
  readonly pauses: readonly (readonly [number, number])[];
}

function drawnQueue(fc: Fc): Arbitrary<DrawnQueue> {
  return fc.record({
    concurrency: fc.integer({ min: 1, max: 3 }),
    mem: fc.integer({ min: 1, max: 4 }),
    isFifo: fc.boolean(),
    evicts: fc.constantFrom(undefined, 'requeue', 'drop'),
    rate: drawnRate(fc),
    rateByKey: drawnRate(fc),
  });
}

/** Every other time none, so that the other limits are met as well. */
function drawnRate(fc: Fc): Arbitrary<ScenarioRate | undefined> {
  const rate = fc.record({
    limit: fc.integer({ min: 1, max: 2 }),
    spacing: fc.integer({ min: 1, max: 4 }),
    burst: fc.integer({ min: 1, max: 3 }),
  });
  return fc.option(
    rate.map(({ limit, spacing, burst }) => ({ limit, interval: limit * spacing, burst })),
    { nil: undefined, freq: 2 },
  );
}

function drawnTask(fc: Fc): Arbitrary<DrawnTask> {
  // Near dependencies make chains, far ones give old tasks a new demand.
  const back = fc.oneof({ weight: 2, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(30) });
  const partial = fc.option(fc.nat(3), { nil: undefined, freq: 2 });
  return fc.record({
    isKept: fc.nat(9).map((n) => n > 0),
    queue: fc.nat(2),
    duration: fc.nat(6),
    deps: fc.array(fc.record({ back, partial }), { maxLength: 3 }),
    isAfter: fc.boolean(),
    mem: fc.nat(4),
    partialAt: fc.array(fc.nat(3), { maxLength: 3 }),
    hold: fc.nat(4).map((n) => n >= 3),
    releases: fc.nat(2),
    delay: fc.nat(4).map((n) => Math.max(0, n - 2)),
    priority: fc.integer({ min: -1, max: 2 }),
    rateKey: fc.constantFrom('a', 'b', ''),
    follows: fc.option(fc.record({ back, partial }), { nil: undefined, freq: 2 }),
  });
}

function build(drawn: Drawn, features: ScenarioFeatures): Scenario {
  const queues = drawn.queues.map(
    ({ concurrency, mem, isFifo, evicts, rate, rateByKey }, place): ScenarioQueue => ({
      name: `q${place}`,
      concurrency,
      ...(features.fifo === true && isFifo ? { order: 'fifo' } : {}),
      ...(features.resources === true ? { resources: { mem } } : {}),
      ...(features.preempt === true && evicts !== undefined ? { preempt: true, onEvict: evicts } : {}),
      ...(features.rates === true && rate !== undefined ? { rate } : {}),
      ...(features.rates === true && rateByKey !== undefined ? { rateByKey } : {}),
    }),
  );
  const tasks: ScenarioTask[] = [];
  const held: string[] = [];
  let submitAt = 0;
  for (const from of drawn.tasks.filter(({ isKept }) => isKept)) {
    submitAt += features.late === true ? from.delay : 0;
    const queue: ScenarioQueue = queues[from.queue % queues.length] ?? { name: '', concurrency: 1 };
    const deps = referencesOf(drawn, tasks, from);
    const partialAt = features.partials === true ? sums(from.partialAt) : [];
    const release = held.splice(0, from.releases);
    const follows = features.follows === true && partialAt.length === 0 ? followedBy(tasks, from) : [];
    const isHolding = features.hold === true && from.hold && follows.length === 0;
    tasks.push({
      id: `t${tasks.length}`,
      queue: queue.name,
      deps: from.isAfter ? [] : deps,
      duration: (partialAt.at(-1) ?? 0) + from.duration,
      ...(features.resources === true ? { resources: { mem: from.mem % ((queue.resources?.['mem'] ?? 0) + 1) } } : {}),
      ...(partialAt.length > 0 ? { partials: partialAt.length, partialAt } : {}),
      ...(isHolding ? { hold: true } : {}),
      ...(release.length > 0 ? { release } : {}),
      ...(from.isAfter && deps.length > 0 ? { after: deps } : {}),
      ...(submitAt > 0 ? { submitAt } : {}),
      ...(features.priority === true && from.priority !== 0 ? { priority: from.priority } : {}),
      ...(follows[0] === undefined ? {} : { follows: follows[0] }),
      ...(queue.rateByKey !== undefined && from.rateKey !== '' ? { rateKey: from.rateKey } : {}),
    });
    if (isHolding) held.push(`t${tasks.length - 1}`);
  }
  if (features.stop !== true || drawn.pauses.length === 0) return { queues, tasks };
  return { queues, tasks, control: controlOf(drawn.pauses) };
}

/** A reference to that task, if there is one: to a partial result, if one is meant and it has some. */
function referenceTo(task: ScenarioTask | undefined, partial: number | undefined): string[] {
  if (task === undefined) return [];
  const partials = task.partials ?? 0;
  return [partial === undefined || partials === 0 ? task.id : `${task.id}#${partial % partials}`];
}

function followedBy(earlier: readonly ScenarioTask[], { follows }: DrawnTask): string[] {
  if (follows === undefined || earlier.length === 0) return [];
  return referenceTo(earlier.at(-1 - (follows.back % earlier.length)), follows.partial);
}

/** What the next task depends on, by the shape. */
function referencesOf({ shape, tasks: all }: Drawn, earlier: readonly ScenarioTask[], from: DrawnTask): string[] {
  const count = earlier.length;
  const at = (place: number, partial?: number): string[] => referenceTo(earlier[place], partial);
  const first = from.deps[0]?.partial;
  switch (shape) {
    case 'chain':
      return at(count - 1, first);
    case 'diamond':
      // 0 feeds 1 and 2, which feed 3, which feeds 4 and 5, and so on.
      return count % 3 === 0 ? [...at(count - 2, first), ...at(count - 1)] : at(count - (count % 3), first);
    case 'layers': {
      const begin = Math.floor(count / LAYER) * LAYER - LAYER;
      return begin < 0
        ? []
        : [...new Set(from.deps.flatMap(({ back, partial }) => at(begin + (back % LAYER), partial)))];
    }
    case 'fan':
      if (count === 0) return [];
      return count === all.filter(({ isKept }) => isKept).length - 1
        ? earlier.slice(1).map(({ id }) => id)
        : at(0, first);
    case 'random':
      return count === 0
        ? []
        : [...new Set(from.deps.flatMap(({ back, partial }) => at(count - 1 - (back % count), partial)))];
  }
}

/** Tasks of a layer. */
const LAYER = 3;

/** Stops and resumes in turns, each so long after the one before. @internal */
export function controlOf(pauses: readonly (readonly [number, number])[]): readonly ScenarioControl[] {
  let now = 0;
  return pauses.flatMap(([untilStop, untilResume]) => {
    const stop = now + untilStop;
    now = stop + untilResume;
    return [{ at: stop, do: 'stop' } as const, { at: now, do: 'resume' } as const];
  });
}

/** The sums of all steps up to each. @internal */
export function sums(steps: readonly number[]): readonly number[] {
  let total = 0;
  return steps.map((step) => (total += step));
}
