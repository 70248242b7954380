/**
 * The order rule of test/vectors/README.md, written down as plainly as can be, to compare the real scheduler with. It walks
 * every node at every event and shares nothing with the product but the types of a scenario.
 *
 * Priority, which the vectors do not have, orders the roots of the walk: higher effective priority first, then newer
 * first. The effective priority of a node is the highest among its own and that of its pending dependents.
 *
 * Tasks of `fifo` queues, which the vectors do not have either, start by effective priority, then oldest first; of the two orders the
 * higher priority comes first, of equal ones the `fifo` queues.
 */
import type { Scenario, ScenarioQueue, ScenarioTask, Simulation, TraceEvent } from '../../src/testing/scenario.js';

interface TaskNode {
  readonly kind: 'task';
  readonly id: string;
  readonly task: ScenarioTask;
  /** Ids of the nodes it depends on, in the order in which demand visits them. */
  readonly deps: readonly string[];
  state: 'pending' | 'running' | 'done';
}

interface PartialNode {
  readonly kind: 'partial';
  readonly id: string;
  readonly task: ScenarioTask;
  readonly deps: readonly string[];
  state: 'pending' | 'done';
}

type Node = TaskNode | PartialNode;

interface Queue {
  readonly isFifo: boolean;
  freeSlots: number;
  readonly free: Map<string, number>;
}

/** Something a running task will do: deliver a partial result, or end. */
interface Delivery {
  readonly at: number;
  readonly node: Node;
}

/** Plays `scenario` by the rule. The tasks must be listed in submission order. */
export function referenceSchedule(scenario: Scenario): Simulation {
  const nodes = new Map<string, Node>();
  const queues = new Map(scenario.queues.map((queue) => [queue.name, emptyQueue(queue)]));
  const trace: TraceEvent[] = [];
  // What each running task still has to deliver; a Map keeps the order in which the tasks started.
  const running = new Map<string, Delivery[]>();
  const toSubmit = [...scenario.tasks];
  const toControl = (scenario.control ?? []).toSorted((a, b) => a.at - b.at);
  let stopped = false;

  for (;;) {
    const outsideAt = Math.min(toControl[0]?.at ?? Infinity, ...toSubmit.map(submitTime));
    const insideAt = Math.min(...[...running.values()].map(([next]) => next?.at ?? Infinity));
    const now = Math.min(outsideAt, insideAt);
    if (now === Infinity) break;
    if (outsideAt === now) {
      control(now);
      submit(now);
    } else {
      deliver(now);
    }
    if (!stopped) cycle(now);
  }
  const stalled = [...nodes.values()].filter((node) => node.kind === 'task' && node.state === 'pending');
  return { trace, stalled: stalled.map((node) => node.id) };

  function control(now: number): void {
    while (toControl[0]?.at === now) {
      const action = toControl[0].do;
      toControl.shift();
      stopped = action === 'stop';
      trace.push({ at: now, event: action });
    }
  }

  function submit(now: number): void {
    while (toSubmit[0] !== undefined && submitTime(toSubmit[0]) === now) {
      for (const node of nodesOf(toSubmit[0])) nodes.set(node.id, node);
      toSubmit.shift();
    }
  }

  /** The next delivery of the task that started first among those that have one due. */
  function deliver(now: number): void {
    for (const [id, deliveries] of running) {
      if (deliveries[0]?.at !== now) continue;
      const { node } = deliveries[0];
      deliveries.shift();
      node.state = 'done';
      trace.push({ at: now, event: node.kind === 'task' ? 'done' : 'partial', id: node.id });
      if (node.kind === 'task') {
        running.delete(id);
        for (const held of node.task.release ?? []) giveBack(taskNode(held));
        if (node.task.hold !== true) giveBack(node);
      }
      return;
    }
  }

  function cycle(now: number): void {
    const seen = new Set<Node>();
    const newestFirst = [...nodes.values()].toReversed();
    const priorities = effectivePriorities(newestFirst);
    const roots = newestFirst.toSorted((a, b) => (priorities.get(b.id) ?? 0) - (priorities.get(a.id) ?? 0));
    const urgencyOf = ({ id }: Node): number => priorities.get(id) ?? 0;
    const found = roots.flatMap((root) => demanded(root, seen));
    const isFifo = ({ task }: TaskNode): boolean => queueOf(task).isFifo;
    const newest = found.filter((node) => !isFifo(node));
    const fifo = found.filter(isFifo).toSorted((a, b) => urgencyOf(b) - urgencyOf(a) || ageOf(a) - ageOf(b));
    for (let next = takeNext(); next !== undefined; next = takeNext()) if (fits(next.task)) start(next, now);

    function takeNext(): TaskNode | undefined {
      const [first] = newest;
      const [oldest] = fifo;
      const isNewest = oldest === undefined || (first !== undefined && urgencyOf(first) > urgencyOf(oldest));
      return (isNewest ? newest : fifo).shift();
    }
  }

  function ageOf({ id }: Node): number {
    return [...nodes.keys()].indexOf(id);
  }

  // A second visit in one cycle can change nothing: nothing becomes done or free within a cycle.
  function demanded(node: Node, seen: Set<Node>): TaskNode[] {
    if (node.state !== 'pending' || seen.has(node)) return [];
    seen.add(node);
    const deps = node.deps.map((id) => anyNode(id));
    if (deps.some((dep) => dep.state !== 'done')) return deps.flatMap((dep) => demanded(dep, seen));
    return node.kind === 'task' ? [node] : [];
  }

  function start(node: TaskNode, now: number): void {
    const { task } = node;
    const queue = queueOf(task);
    queue.freeSlots -= 1;
    for (const [name, amount] of demandOf(task)) queue.free.set(name, (queue.free.get(name) ?? 0) - amount);
    node.state = 'running';
    trace.push({ at: now, event: 'start', id: node.id });
    const partials = (task.partialAt ?? []).map((offset, index) => ({
      at: now + offset,
      node: anyNode(`${task.id}#${index}`),
    }));
    running.set(task.id, [...partials, { at: now + task.duration, node }]);
  }

  function giveBack({ task }: TaskNode): void {
    const queue = queueOf(task);
    queue.freeSlots += 1;
    for (const [name, amount] of demandOf(task)) queue.free.set(name, (queue.free.get(name) ?? 0) + amount);
  }

  function fits(task: ScenarioTask): boolean {
    const queue = queueOf(task);
    return queue.freeSlots > 0 && demandOf(task).every(([name, amount]) => amount <= (queue.free.get(name) ?? 0));
  }

  function queueOf(task: ScenarioTask): Queue {
    return present(queues.get(task.queue), `queue ${task.queue}`);
  }

  function anyNode(id: string): Node {
    return present(nodes.get(id), `node ${id}`);
  }

  function taskNode(id: string): TaskNode {
    const node = anyNode(id);
    return present(node.kind === 'task' ? node : undefined, `task ${id}`);
  }
}

/** Newest first, so that every dependent has its final value before its dependencies are raised by it. */
function effectivePriorities(newestFirst: readonly Node[]): ReadonlyMap<string, number> {
  const priorities = new Map(newestFirst.map((node) => [node.id, node.task.priority ?? 0]));
  for (const node of newestFirst) {
    if (node.state !== 'pending') continue;
    const own = priorities.get(node.id) ?? 0;
    for (const dep of node.deps) priorities.set(dep, Math.max(priorities.get(dep) ?? 0, own));
  }
  return priorities;
}

function nodesOf(task: ScenarioTask): readonly Node[] {
  const deps = [...task.deps, ...(task.release ?? []), ...(task.after ?? [])];
  const partials = (task.partialAt ?? []).map(
    (_, index): Node => ({ kind: 'partial', id: `${task.id}#${index}`, task, deps: [task.id], state: 'pending' }),
  );
  return [{ kind: 'task', id: task.id, task, deps, state: 'pending' }, ...partials];
}

function submitTime(task: ScenarioTask): number {
  return task.submitAt ?? 0;
}

function demandOf(task: ScenarioTask): readonly (readonly [string, number])[] {
  return Object.entries(task.resources ?? {});
}

function emptyQueue(queue: ScenarioQueue): Queue {
  return {
    isFifo: queue.order === 'fifo',
    freeSlots: queue.concurrency,
    free: new Map(Object.entries(queue.resources ?? {})),
  };
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the scenario has no ${what}`);
  return value;
}
