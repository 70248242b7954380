/**
 * Random scenarios of every kind that the vectors have. What is drawn is a list of free numbers, which `buildScenario` maps
 * to references that exist, so every scenario and every shrunk scenario is valid.
 */
import * as fc from 'fast-check';
import { controlOf, sums } from '../../src/testing/arbitraries.js';
import type { Scenario, ScenarioQueue, ScenarioTask } from '../../src/testing/scenario.js';

/** The parts of a scenario that a kind may have, beside several queues with several slots. */
interface Features {
  readonly partials?: boolean;
  readonly resources?: boolean;
  readonly after?: boolean;
  readonly late?: boolean;
  readonly stop?: boolean;
  readonly hold?: boolean;
  readonly priority?: boolean;
  readonly fifo?: boolean;
}

/** The kinds of test/vectors. */
export const scenarioKinds = ['plain', 'partial', 'resources', 'after', 'late', 'stop', 'hold', 'mixed'] as const;

export type ScenarioKind = (typeof scenarioKinds)[number];

const featuresOf: Readonly<Record<ScenarioKind, Features>> = {
  plain: {},
  partial: { partials: true },
  resources: { resources: true },
  after: { after: true },
  late: { late: true },
  stop: { stop: true },
  hold: { hold: true, resources: true },
  mixed: { partials: true, resources: true, after: true, late: true, stop: true, hold: true },
};

/** Scenarios of one kind with at most `maxTasks` tasks. */
export function scenarioOfKind(
  kind: ScenarioKind,
  maxTasks: number,
  { priority = false, fifo = false }: Pick<Features, 'priority' | 'fifo'> = {},
): fc.Arbitrary<Scenario> {
  const features: Features = { ...featuresOf[kind], priority, fifo };
  return fc
    .record({
      queues: fc.array(drawnQueue, { minLength: 1, maxLength: 3 }),
      tasks: fc.array(drawnTask, { minLength: 1, maxLength: maxTasks, size: 'max' }),
      pauses: fc.array(fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 9 })), { maxLength: 3 }),
    })
    .map((drawn) => buildScenario(drawn, features));
}

/** Scenarios of any kind. */
export function anyScenario(maxTasks: number): fc.Arbitrary<Scenario> {
  return fc.oneof(...scenarioKinds.map((kind) => scenarioOfKind(kind, maxTasks)));
}

interface DrawnQueue {
  readonly concurrency: number;
  readonly mem: number;
  readonly io: number | undefined;
  readonly isFifo: boolean;
}

interface DrawnReference {
  /** How far back the task lies, counted from the newest before. */
  readonly back: number;
  /** Which partial result of it, where it has some; undefined for the task itself. */
  readonly partial: number | undefined;
}

interface DrawnTask {
  readonly queue: number;
  readonly duration: number;
  readonly deps: readonly DrawnReference[];
  readonly after: readonly DrawnReference[];
  readonly mem: number;
  readonly io: number;
  readonly partialAt: readonly number[];
  readonly hold: boolean;
  readonly release: readonly number[];
  readonly delay: number;
  readonly priority: number;
}

interface Drawn {
  readonly queues: readonly DrawnQueue[];
  readonly tasks: readonly DrawnTask[];
  /** For each stop: units of time since the resume before, and units until its own resume. */
  readonly pauses: readonly (readonly [number, number])[];
}

const drawnQueue: fc.Arbitrary<DrawnQueue> = fc.record({
  concurrency: fc.integer({ min: 1, max: 4 }),
  mem: fc.integer({ min: 1, max: 6 }),
  io: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  isFifo: fc.boolean(),
});

// Near references make chains, far ones make diamonds and give old tasks a new demand.
const back = fc.oneof({ weight: 2, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(60) });

const drawnReferences = fc.array(fc.record({ back, partial: fc.option(fc.nat(4), { nil: undefined, freq: 2 }) }), {
  maxLength: 4,
});

const drawnTask: fc.Arbitrary<DrawnTask> = fc.record({
  queue: fc.nat(2),
  duration: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) },
  ),
  deps: drawnReferences,
  after: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: drawnReferences }),
  mem: fc.nat(6),
  io: fc.nat(6),
  partialAt: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(4), { maxLength: 5 }) },
  ),
  hold: fc.nat(15).map((n) => n === 15),
  release: fc.array(fc.nat(9), { maxLength: 2 }),
  delay: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
  priority: fc.integer({ min: -2, max: 3 }),
});

function buildScenario(drawn: Drawn, features: Features): Scenario {
  const queues = drawn.queues.map((queue, place): ScenarioQueue => buildQueue(queue, place, features));
  const tasks: ScenarioTask[] = [];
  // Each holding task is released by at most one other.
  const held: string[] = [];
  let submitAt = 0;
  for (const from of drawn.tasks) {
    submitAt += features.late === true ? from.delay : 0;
    const task = buildTask(from, { queues, earlier: tasks, held, submitAt, features });
    if (task.hold === true) held.push(task.id);
    tasks.push(task);
  }
  if (features.stop !== true) return { queues, tasks };
  return { queues, tasks, control: controlOf(drawn.pauses) };
}

function buildQueue(from: DrawnQueue, place: number, features: Features): ScenarioQueue {
  const order = features.fifo === true && from.isFifo ? ({ order: 'fifo' } as const) : {};
  const queue = { name: `q${place}`, concurrency: from.concurrency, ...order };
  if (features.resources !== true) return queue;
  return { ...queue, resources: from.io === undefined ? { mem: from.mem } : { mem: from.mem, io: from.io } };
}

interface Environment {
  readonly queues: readonly ScenarioQueue[];
  readonly earlier: readonly ScenarioTask[];
  /** Ids of the holding tasks that no task releases yet; what is taken is removed. */
  readonly held: string[];
  readonly submitAt: number;
  readonly features: Features;
}

function buildTask(from: DrawnTask, around: Environment): ScenarioTask {
  const { features, earlier, queues } = around;
  const queue = pick(queues, from.queue);
  const offsets = features.partials === true ? sums(from.partialAt) : [];
  const lastOffset = offsets.at(-1) ?? 0;
  return {
    id: `t${earlier.length}`,
    queue: queue?.name ?? '',
    deps: references(from.deps, earlier),
    duration: lastOffset + from.duration,
    ...(features.resources === true ? { resources: buildDemand(from, queue?.resources ?? {}) } : {}),
    ...(offsets.length > 0 ? { partials: offsets.length, partialAt: offsets } : {}),
    ...(features.hold === true && from.hold ? { hold: true } : {}),
    ...(features.hold === true ? { release: takeHeld(from.release, around.held) } : {}),
    ...(features.after === true ? { after: references(from.after, earlier) } : {}),
    ...(features.late === true ? { submitAt: around.submitAt } : {}),
    ...(features.priority === true ? { priority: from.priority } : {}),
  };
}

function buildDemand(from: DrawnTask, capacities: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const wanted: Readonly<Record<string, number>> = { mem: from.mem, io: from.io };
  return Object.fromEntries(
    Object.entries(capacities).map(([name, capacity]) => [name, (wanted[name] ?? 0) % (capacity + 1)]),
  );
}

function references(drawn: readonly DrawnReference[], earlier: readonly ScenarioTask[]): readonly string[] {
  if (earlier.length === 0) return [];
  const found = drawn.map(({ back: steps, partial }) => {
    const task = earlier[earlier.length - 1 - (steps % earlier.length)];
    const count = task?.partials ?? 0;
    return partial === undefined || count === 0 ? `${task?.id}` : `${task?.id}#${partial % count}`;
  });
  return [...new Set(found)];
}

function takeHeld(drawn: readonly number[], held: string[]): readonly string[] {
  return drawn.slice(0, held.length).flatMap((place) => held.splice(place % held.length, 1));
}

function pick<T>(from: readonly T[], place: number): T | undefined {
  return from[place % from.length];
}
