/**
 * The graph that is explored: a scenario whose times are left out, with references as numbers. Tasks and queues are numbered in the
 * order in which they are listed, tasks in the order of their submission.
 */
import { SchedulerError, shown } from '../../core/failures.js';
import { WHOLE } from '../../core/order/graph-node.js';
import { demandOf } from '../../core/order/resource-ledger.js';
import { readArray, readInteger, readRecord, readString } from '../scenario-fields.js';
import { parseScenario } from '../scenario.js';
import type { Scenario, ScenarioQueue, ScenarioTask } from '../scenario-shape.js';

/** Every set of tasks is a bit set in one number, and the states of more tasks could not be counted anyway. */
const MOST_TASKS = 12;

/**
 * A task of a graph to explore: as in a scenario, without times. What they would decide is what an exploration leaves open.
 *
 * @public
 */
export interface ExploredTask extends Omit<ScenarioTask, 'duration' | 'deps' | 'partialAt' | 'submitAt'> {
  readonly deps?: readonly string[];
  /** The task is not submitted at the start, but by a program that waits for another one: when it `is` done, or has settled in any way. */
  readonly submittedWhen?: { readonly task: string; readonly is: 'done' | 'settled' };
}

/**
 * A graph to explore. A scenario is one too; its times are ignored.
 *
 * @public
 */
export interface ExploredGraph {
  readonly name?: string;
  readonly queues: readonly ScenarioQueue[];
  readonly tasks: readonly ExploredTask[];
}

/** A dependency: of a task on another, or on a partial result of it. @internal */
export interface Dependency {
  readonly task: number;
  /** Index of the partial result, or `WHOLE`. */
  readonly index: number;
}

/** One task. @internal */
export interface TaskPlan {
  readonly id: string;
  readonly queue: number;
  readonly deps: readonly Dependency[];
  readonly demand: readonly number[];
  readonly priority: number;
  readonly partials: number;
  readonly attempts: number;
  readonly hold: boolean;
  readonly release: readonly number[];
  readonly follows: number | undefined;
  readonly submittedWhen: { readonly task: number; readonly is: 'done' | 'settled' } | undefined;
}

/** One queue. @internal */
export interface QueuePlan {
  readonly name: string;
  readonly slots: number;
  readonly resourceNames: readonly string[];
  readonly capacity: readonly number[];
  readonly isFifo: boolean;
}

/** A graph as the exploration works with it. @internal */
export interface Plan {
  readonly tasks: readonly TaskPlan[];
  readonly queues: readonly QueuePlan[];
  /** For each task: the tasks that depend on it, and which of their dependencies that is. */
  readonly dependents: readonly (readonly { readonly task: number; readonly place: number }[])[];
}

/**
 * Checks that `value`, read from a file for example, is a graph to explore.
 *
 * @throws SchedulerError as `parseScenario`, and `InvalidArgument` for a field that scenarios do not have.
 * @public
 */
export function checkGraph(value: unknown): asserts value is ExploredGraph {
  planOf(value);
}

/** @throws SchedulerError as `checkGraph`. @internal */
export function planOf(graph: unknown): Plan {
  const conditions = readConditions(graph);
  const scenario = parseScenario({ ...readRecord(graph, 'graph'), ...untimed(graph) });
  const { order = 'newest' } = scenario;
  if (order !== 'newest') throw invalid(`order: a graph is explored in the order newest, got ${shown(order)}`);
  const { length } = scenario.tasks;
  if (length > MOST_TASKS) throw invalid(`a graph to explore has at most ${MOST_TASKS} tasks, this one has ${length}`);
  const places = new Map(scenario.tasks.map(({ id }, place) => [id, place]));
  const placeOf = (id: string, where: string): number => {
    const place = places.get(id);
    if (place === undefined) throw invalid(`${where}: there is no task ${id}`);
    return place;
  };
  const queues = scenario.queues.map(queuePlan);
  const tasks = scenario.tasks.map((task, at) => taskPlan(task, at, scenario, queues, placeOf, conditions[at]));
  const dependents = tasks.map((_, at) =>
    tasks.flatMap(({ deps }, task) => deps.flatMap((dep, place) => (dep.task === at ? [{ task, place }] : []))),
  );
  return { tasks, queues, dependents };
}

type Condition = ExploredTask['submittedWhen'];

/** The field that scenarios do not have, of each task in the order listed. */
function readConditions(graph: unknown): readonly Condition[] {
  return readArray(readRecord(graph, 'graph')['tasks'], 'tasks').map((value, place) => {
    const at = `tasks[${place}]`;
    const { submittedWhen } = readRecord(value, at);
    return submittedWhen === undefined ? undefined : readCondition(submittedWhen, `${at}.submittedWhen`);
  });
}

function readCondition(value: unknown, at: string): Condition {
  const { task, is } = readRecord(value, at);
  if (is === 'done' || is === 'settled') return { task: readString(task, `${at}.task`), is };
  throw invalid(`${at}.is: expected "done" or "settled", got ${shown(is)}`);
}

/** The tasks with the times that a scenario asks for; they are not looked at. */
function untimed(graph: unknown): { readonly tasks: readonly unknown[] } {
  const tasks = readArray(readRecord(graph, 'graph')['tasks'], 'tasks').map((value, place) => {
    const fields = readRecord(value, `tasks[${place}]`);
    const partials =
      fields['partials'] === undefined ? 0 : readInteger(fields['partials'], `tasks[${place}].partials`, 0);
    return {
      deps: [],
      ...fields,
      submitAt: 0,
      duration: 0,
      ...(partials === 0 ? {} : { partialAt: new Array<number>(partials).fill(0) }),
    };
  });
  return { tasks };
}

function queuePlan({ name, concurrency, order, resources = {}, ...rest }: ScenarioQueue): QueuePlan {
  if (rest.preempt === true) throw invalid(`queue ${name}: preempt is not explored`);
  if (rest.rate !== undefined || rest.rateByKey !== undefined)
    throw invalid(`queue ${name}: a rate is not explored, as no time passes`);
  return {
    name,
    slots: concurrency,
    resourceNames: Object.keys(resources),
    capacity: Object.values(resources),
    isFifo: order === 'fifo',
  };
}

function taskPlan(
  task: ScenarioTask,
  place: number,
  scenario: Scenario,
  queues: readonly QueuePlan[],
  placeOf: (id: string, where: string) => number,
  submittedWhen: Condition,
): TaskPlan {
  const { id, release = [], after = [], partials = 0, hold = false, priority = 0, attempts = 1, follows } = task;
  const queue = scenario.queues.findIndex(({ name }) => name === task.queue);
  const plan = queues[queue];
  if (plan === undefined) throw invalid(`task ${id}: there is no queue ${task.queue}`);
  const deps = [...task.deps, ...release, ...after].map((reference) => {
    const [of = '', index] = reference.split('#');
    return { task: placeOf(of, `task ${id}`), index: index === undefined ? WHOLE : Number(index) };
  });
  const earlier = (other: string, field: string): number => {
    const found = placeOf(other, `task ${id}.${field}`);
    if (found >= place) throw invalid(`task ${id}.${field}: task ${other} is not listed before it`);
    return found;
  };
  return {
    id,
    queue,
    deps: deps.filter(
      (dep, at) => deps.findIndex((other) => other.task === dep.task && other.index === dep.index) === at,
    ),
    demand: demandOf(task.resources, plan),
    priority,
    partials,
    attempts,
    hold,
    release: release.map((of) => placeOf(of, `task ${id}`)),
    follows: follows === undefined ? undefined : earlier(follows, 'follows'),
    submittedWhen:
      submittedWhen === undefined
        ? undefined
        : { task: earlier(submittedWhen.task, 'submittedWhen'), is: submittedWhen.is },
  };
}

function invalid(message: string): SchedulerError {
  return new SchedulerError('InvalidArgument', message);
}
