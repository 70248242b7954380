/**
 * What must hold for the trace of any scenario, whatever the order. Each function returns what is wrong as sentences and
 * an empty list for a trace that is right.
 */
import type { Scenario, ScenarioTask, Simulation, TraceEvent } from '../../src/testing/scenario.js';

type Problems = readonly string[];
type Invariant = (scenario: Scenario, simulation: Simulation) => Problems;

/** A task starts after it is submitted and after everything it depends on is done or delivered. */
export const startsAfterDependencies: Invariant = ({ tasks }, { trace }) => {
  const tasksById = byId(tasks);
  const there = new Set<string>();
  return trace.flatMap((event) => {
    if (event.event === 'done' || event.event === 'partial') there.add(event.id);
    if (event.event !== 'start') return [];
    const task = tasksById.get(event.id);
    if (task === undefined) return [`${event.id} starts and is no task`];
    const missing = dependenciesOf(task).filter((id) => !there.has(id));
    return [
      ...missing.map((id) => `${task.id} starts at ${event.at} before ${id} is there`),
      ...(event.at < (task.submitAt ?? 0) ? [`${task.id} starts at ${event.at}, before it is submitted`] : []),
    ];
  });
};

/** What runs or holds never takes more slots or resources than its queue has. */
export const staysWithinCapacity: Invariant = ({ queues, tasks }, { trace }) => {
  const tasksById = byId(tasks);
  const occupying = new Set<ScenarioTask>();
  return trace.flatMap((event) => {
    const task = 'id' in event ? tasksById.get(event.id) : undefined;
    if (task === undefined) return [];
    if (event.event === 'start') occupying.add(task);
    if (event.event === 'done') {
      for (const id of task.release ?? [])
        for (const holder of occupying) if (holder.id === id) occupying.delete(holder);
      if (task.hold !== true) occupying.delete(task);
    }
    return queues.flatMap((queue) => {
      const here = [...occupying].filter((other) => other.queue === queue.name);
      const slots =
        here.length > queue.concurrency ? [`${queue.name} has ${here.length} slots taken at ${event.at}`] : [];
      const resources = Object.entries(queue.resources ?? {}).flatMap(([name, capacity]) => {
        const taken = here.reduce((sum, other) => sum + (other.resources?.[name] ?? 0), 0);
        return taken > capacity ? [`${queue.name} has ${taken} of ${name} taken at ${event.at}`] : [];
      });
      return [...slots, ...resources];
    });
  });
};

/** A task that starts delivers each of its partial results once, in order, at its time, and then its end. */
export const deliversOnceInOrder: Invariant = ({ tasks }, { trace }) =>
  tasks.flatMap((task) => {
    const own = trace.filter((event) => 'id' in event && event.id.split('#')[0] === task.id);
    const start = own.find((event) => event.event === 'start');
    const expected: readonly TraceEvent[] =
      start === undefined
        ? []
        : [
            { at: start.at, event: 'start', id: task.id },
            ...(task.partialAt ?? []).map(
              (offset, index): TraceEvent => ({ at: start.at + offset, event: 'partial', id: `${task.id}#${index}` }),
            ),
            { at: start.at + task.duration, event: 'done', id: task.id },
          ];
    const [got, wanted] = [JSON.stringify(own), JSON.stringify(expected)];
    return got === wanted ? [] : [`expected of ${task.id} ${wanted}, got ${got}`];
  });

/** Between a stop and the resume after it nothing starts, and the trace tells of each stop and resume at its time. */
export const startsNothingWhileStopped: Invariant = ({ control = [] }, { trace }) => {
  let stopped = false;
  const starts = trace.flatMap((event) => {
    if (event.event === 'stop' || event.event === 'resume') stopped = event.event === 'stop';
    return stopped && event.event === 'start' ? [`${event.id} starts at ${event.at} while stopped`] : [];
  });
  const told = trace.flatMap((event) => (event.event === 'stop' || event.event === 'resume' ? [event] : []));
  const wanted = control.map(({ at, do: event }) => ({ at, event }));
  return JSON.stringify(told) === JSON.stringify(wanted)
    ? starts
    : [...starts, `expected ${JSON.stringify(wanted)}, got ${JSON.stringify(told)}`];
};

/** Every task either starts once and ends once, or is reported as stalled; never both, never neither. */
export const settlesOrStalls: Invariant = ({ tasks }, { trace, stalled }) =>
  tasks.flatMap(({ id }) => {
    const starts = trace.filter((event) => event.event === 'start' && event.id === id).length;
    const ends = trace.filter((event) => event.event === 'done' && event.id === id).length;
    const reports = stalled.filter((other) => other === id).length;
    if ((starts === 1 && ends === 1 && reports === 0) || (starts === 0 && ends === 0 && reports === 1)) return [];
    return [`${id} starts ${starts} times, ends ${ends} times and is reported as stalled ${reports} times`];
  });

/** A stalled task waits for a stalled task, or does not fit beside what is held for ever in its queue. */
export const stallsOnlyForAReason: Invariant = ({ queues, tasks }, { stalled }) => {
  const isStalled = new Set(stalled);
  const released = new Set(tasks.flatMap((task) => (isStalled.has(task.id) ? [] : (task.release ?? []))));
  const holders = tasks.filter((task) => task.hold === true && !isStalled.has(task.id) && !released.has(task.id));
  return tasks.flatMap((task) => {
    if (!isStalled.has(task.id)) return [];
    if (dependenciesOf(task).some((id) => isStalled.has(id.split('#')[0] ?? id))) return [];
    const queue = queues.find(({ name }) => name === task.queue);
    const here = holders.filter((holder) => holder.queue === task.queue);
    const noSlot = here.length >= (queue?.concurrency ?? 0);
    const noRoom = Object.entries(task.resources ?? {}).some(
      ([name, demand]) =>
        here.reduce((sum, holder) => sum + (holder.resources?.[name] ?? 0), demand) > (queue?.resources?.[name] ?? 0),
    );
    return noSlot || noRoom ? [] : [`${task.id} is reported as stalled and could start`];
  });
};

/** Whether some queue still has slots or resources taken by a holding task when everything is over. */
export function leavesSomethingHeld({ tasks }: Scenario, { stalled }: Simulation): boolean {
  const isStalled = new Set(stalled);
  const released = new Set(tasks.flatMap((task) => (isStalled.has(task.id) ? [] : (task.release ?? []))));
  return tasks.some((task) => task.hold === true && !isStalled.has(task.id) && !released.has(task.id));
}

function dependenciesOf(task: ScenarioTask): readonly string[] {
  return [...task.deps, ...(task.release ?? []), ...(task.after ?? [])];
}

function byId(tasks: readonly ScenarioTask[]): ReadonlyMap<string, ScenarioTask> {
  return new Map(tasks.map((task) => [task.id, task]));
}
