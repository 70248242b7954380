/** Validates the references in a scenario: of tasks to queues, resources and other tasks. */
import { PartialOutOfRange, SchedulerError } from '../core/failures.js';
import type { Scenario, ScenarioQueue, ScenarioTask } from './scenario-shape.js';

/**
 * Checks that every task names an existing queue with enough resources.
 *
 * @internal
 */
export function checkQueues({ queues, tasks }: Scenario): void {
  const byName = new Map<string, ScenarioQueue>();
  for (const queue of queues) {
    if (byName.has(queue.name)) {
      throw new SchedulerError('DuplicateQueue', `there are two queues named ${queue.name}`, { queue: queue.name });
    }
    byName.set(queue.name, queue);
  }
  for (const task of tasks) {
    const queue = byName.get(task.queue);
    if (queue === undefined) throw invalid(task, `names queue ${task.queue}, which does not exist`);
    checkDemand(task, queue);
    if (task.follows !== undefined && ((task.partials ?? 0) > 0 || task.hold === true))
      throw invalid(task, 'follows another task: it can neither have partial results nor hold its slot');
    if (task.rateKey !== undefined && queue.rateByKey === undefined)
      throw invalid(task, `has a rateKey, and queue ${queue.name} has no rateByKey`);
  }
}

function checkDemand(task: ScenarioTask, queue: ScenarioQueue): void {
  const capacities = new Map(Object.entries(queue.resources ?? {}));
  for (const [name, amount] of Object.entries(task.resources ?? {})) {
    const capacity = capacities.get(name);
    const details = { tasks: [task.id], queue: queue.name };
    if (capacity === undefined) {
      throw new SchedulerError(
        'UnknownResource',
        `task ${task.id} demands ${name}, which queue ${queue.name} does not have`,
        details,
      );
    }
    if (amount > capacity) {
      const text = `task ${task.id} demands ${amount} of ${name}, queue ${queue.name} has ${capacity}`;
      throw new SchedulerError('DemandOverCapacity', text, details);
    }
  }
}

/**
 * Checks that every reference is to an existing task that is submitted earlier, holds if it is to be released, and has the partial
 * result in question.
 *
 * @internal
 */
export function checkReferences({ tasks }: Scenario): void {
  const places = new Map<string, number>();
  for (const [place, task] of tasks.entries()) {
    if (places.has(task.id)) {
      throw new SchedulerError('DuplicateTask', `there are two tasks with id ${task.id}`, { tasks: [task.id] });
    }
    places.set(task.id, place);
  }
  const targets = tasks.map((task) => referencesOf(task).map((reference) => targetOf(task, reference, tasks, places)));
  checkCycles(tasks, targets);
  for (const [place, task] of tasks.entries()) {
    for (const target of targets[place] ?? []) {
      if (target < place) continue;
      const later = tasks[target]?.id ?? '';
      const text = `task ${task.id} depends on ${later}, which is submitted after it`;
      throw new SchedulerError('UnknownDependency', text, { tasks: [task.id, later] });
    }
  }
}

function referencesOf(task: ScenarioTask): readonly string[] {
  const { deps, release = [], after = [], follows } = task;
  return [...deps, ...release, ...after, ...(follows === undefined ? [] : [follows])];
}

function targetOf(
  task: ScenarioTask,
  reference: string,
  tasks: readonly ScenarioTask[],
  places: ReadonlyMap<string, number>,
): number {
  const { task: id, index } = parseReference(reference);
  const place = places.get(id);
  const target = place === undefined ? undefined : tasks[place];
  if (place === undefined || target === undefined) {
    const text = `task ${task.id} depends on ${reference}, which does not exist`;
    throw new SchedulerError('UnknownDependency', text, { tasks: [task.id, reference] });
  }
  const releases = task.release?.includes(reference) ?? false;
  if (releases && (index !== undefined || target.hold !== true)) {
    throw new SchedulerError('NotHeld', `task ${task.id} releases ${reference}, which does not hold`, {
      tasks: [task.id, id],
    });
  }
  if (index !== undefined) {
    if (Number.isNaN(index)) throw invalid(task, `depends on ${reference}: expected a number after "#"`);
    if (index >= (target.partials ?? 0)) throw new PartialOutOfRange(id, index, target.partials ?? 0);
  }
  return place;
}

/** Removes tasks without remaining dependencies until none is left (Kahn's algorithm); the rest are in or behind a cycle. */
function checkCycles(tasks: readonly ScenarioTask[], targets: readonly (readonly number[])[]): void {
  const open = targets.map((list) => list.length);
  const dependents = tasks.map((): number[] => []);
  for (const [place, list] of targets.entries()) for (const target of list) dependents[target]?.push(place);
  const free = [...open.keys()].filter((place) => open[place] === 0);
  for (let place = free.pop(); place !== undefined; place = free.pop()) {
    for (const dependent of dependents[place] ?? []) {
      const left = (open[dependent] ?? 0) - 1;
      open[dependent] = left;
      if (left === 0) free.push(dependent);
    }
  }
  let place = open.findIndex((left) => left > 0);
  if (place < 0) return;
  // Every remaining task has a remaining dependency, so following these leads into a cycle.
  const passed = new Set<number>();
  while (!passed.has(place)) {
    passed.add(place);
    place = (targets[place] ?? []).find((target) => (open[target] ?? 0) > 0) ?? place;
  }
  const row = [...passed];
  const cycle = row.slice(row.indexOf(place)).map((member) => tasks[member]?.id ?? '');
  const text = `tasks depend on each other in a cycle: ${[...cycle, cycle[0]].join(' -> ')}`;
  throw new SchedulerError('DependencyCycle', text, { tasks: cycle });
}

/** Splits a reference into the task and, for a partial result, its index. */
function parseReference(reference: string): { readonly task: string; readonly index: number | undefined } {
  const mark = reference.indexOf('#');
  if (mark < 0) return { task: reference, index: undefined };
  const digits = reference.slice(mark + 1);
  return { task: reference.slice(0, mark), index: /^\d+$/.test(digits) ? Number(digits) : NaN };
}

function invalid(task: ScenarioTask, what: string): SchedulerError {
  return new SchedulerError('InvalidArgument', `task ${task.id} ${what}`, { tasks: [task.id] });
}
