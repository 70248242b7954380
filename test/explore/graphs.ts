/** The graphs that the tests explore: every shape of up to so many tasks, each once. */
import type { ExploreBounds } from '../../src/testing/explore/bounds.js';
import type { ExploredGraph, ExploredTask } from '../../src/testing/explore/graph.js';

/** The dependencies of each task, as a bit set of earlier tasks. */
type Shape = readonly number[];

/** Every graph of `count` tasks up to the names of the tasks: 1, 2, 6, 31 and 302 of them for 1 to 5 tasks. */
export function shapes(count: number): readonly Shape[] {
  const found = new Map<string, Shape>();
  const total = (count * (count - 1)) / 2;
  for (let bits = 0; bits < 2 ** total; bits += 1) {
    const shape = shapeOf(bits, count);
    const key = canonical(shape);
    if (!found.has(key)) found.set(key, shape);
  }
  return [...found.values()];
}

/** A graph of that shape on one queue of `slots` slots; `change` adds to a task. */
export function graphOf(
  shape: Shape,
  slots: number,
  change: (task: number) => Partial<ExploredTask> = () => ({}),
): ExploredGraph {
  const tasks = shape.map((deps, task): ExploredTask => {
    const earlier = [...shape.keys()].filter((other) => (deps & (1 << other)) !== 0);
    return { id: `t${task}`, queue: 'q', deps: earlier.map((other) => `t${other}`), ...change(task) };
  });
  return { queues: [{ name: 'q', concurrency: slots }], tasks };
}

/** As `graphOf`, with a first task that delivers a partial result, which the first of its dependents takes. */
export function partialGraphOf(shape: Shape, slots: number): ExploredGraph {
  const first = shape.findIndex((deps) => (deps & 1) !== 0);
  const { queues, tasks } = graphOf(shape, slots);
  return {
    queues,
    tasks: tasks.map((task, at) => {
      if (at === 0) return { ...task, partials: 1 };
      return at === first ? { ...task, deps: task.deps?.map((dep) => (dep === 't0' ? 't0#0' : dep)) ?? [] } : task;
    }),
  };
}

function shapeOf(bits: number, count: number): Shape {
  let left = bits;
  return Array.from({ length: count }, (_, task) => {
    const deps = left % 2 ** task;
    left = Math.floor(left / 2 ** task);
    return deps;
  });
}

/** The least of the matrices that the shape has under any numbering. */
function canonical(shape: Shape): string {
  const keys = permutations(shape.length).map((order) =>
    order.map((task) => order.map((other) => ((shape[task] ?? 0) >> other) & 1).join('')).join(''),
  );
  return keys.sort()[0] ?? '';
}

function permutations(count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count - 1, ...rest.slice(at)]),
  );
}

/** A graph and what may happen to it. */
export interface Setup {
  readonly name: string;
  readonly graph: ExploredGraph;
  readonly bounds: ExploreBounds;
}

const Q = { name: 'q', concurrency: 2 };

/** Small graphs that use together all that a graph can have, with all that may happen to it. */
export const SETUPS: readonly Setup[] = [
  {
    name: 'partial results',
    graph: {
      queues: [{ ...Q, concurrency: 1 }],
      tasks: [
        { id: 's', queue: 'q', partials: 2 },
        { id: 'd0', queue: 'q', deps: ['s#0'] },
        { id: 'd1', queue: 'q', deps: ['s#1'] },
      ],
    },
    bounds: {},
  },
  {
    name: 'retries of partial results',
    graph: {
      queues: [Q],
      tasks: [
        { id: 's', queue: 'q', partials: 1, attempts: 2 },
        { id: 'd', queue: 'q', deps: ['s#0'] },
      ],
    },
    bounds: { timeouts: 1, lateBegin: true },
  },
  {
    name: 'pauses between attempts',
    graph: {
      queues: [{ ...Q, concurrency: 1 }],
      tasks: [
        { id: 'a', queue: 'q', attempts: 2 },
        { id: 'b', queue: 'q', deps: ['a'] },
      ],
    },
    bounds: { backoff: true, timeouts: 1, closes: 'or terminates' },
  },
  {
    name: 'a held slot',
    graph: {
      queues: [
        { ...Q, concurrency: 1 },
        { name: 'r', concurrency: 1 },
      ],
      tasks: [
        { id: 'h', queue: 'q', hold: true },
        { id: 'm', queue: 'r', deps: ['h'] },
        { id: 'r', queue: 'r', deps: ['m'], release: ['h'] },
        { id: 'o', queue: 'q' },
      ],
    },
    bounds: { stops: 0 },
  },
  {
    name: 'resources',
    graph: {
      queues: [{ ...Q, concurrency: 3, resources: { ram: 4 } }],
      tasks: [
        { id: 'a', queue: 'q', resources: { ram: 3 } },
        { id: 'b', queue: 'q', resources: { ram: 2 } },
        { id: 'c', queue: 'q', resources: { ram: 2 }, deps: ['a'] },
      ],
    },
    bounds: {},
  },
  {
    name: 'a task that follows another',
    graph: {
      queues: [{ ...Q, concurrency: 1 }],
      tasks: [
        { id: 'a', queue: 'q' },
        { id: 'f', queue: 'q', follows: 'a' },
        { id: 'd', queue: 'q', deps: ['f'] },
      ],
    },
    bounds: { closes: true },
  },
  {
    name: 'priorities on queues of two orders',
    graph: {
      queues: [
        { ...Q, concurrency: 1 },
        { name: 'f', concurrency: 1, order: 'fifo' },
      ],
      tasks: [
        { id: 'a', queue: 'q', priority: 1 },
        { id: 'b', queue: 'q' },
        { id: 'c', queue: 'f', deps: ['a'] },
        { id: 'd', queue: 'f', priority: 2 },
      ],
    },
    bounds: { pauses: 1, failures: 0, cancels: 0 },
  },
  {
    name: 'submissions at any time',
    graph: graphOf([0, 1, 1], 1),
    bounds: { lateSubmit: true, closes: true },
  },
  { name: 'a failure that stops', graph: graphOf([0, 0, 1], 2), bounds: { onFailure: 'stop', failures: 2 } },
  { name: 'a failure that aborts', graph: graphOf([0, 0, 0], 2), bounds: { onFailure: 'abort', failures: 2 } },
  {
    name: 'a task submitted by a program',
    graph: {
      queues: [{ ...Q, concurrency: 1 }],
      tasks: [
        { id: 'a', queue: 'q' },
        { id: 'b', queue: 'q', deps: ['a'], submittedWhen: { task: 'a', is: 'settled' } },
        { id: 'c', queue: 'q', submittedWhen: { task: 'a', is: 'done' } },
      ],
    },
    bounds: {},
  },
  {
    name: 'a stall that a later submission ends',
    graph: {
      queues: [
        { ...Q, concurrency: 1 },
        { name: 'r', concurrency: 1 },
      ],
      tasks: [
        { id: 'h', queue: 'q', hold: true },
        { id: 'o', queue: 'q' },
        { id: 'r', queue: 'r', release: ['h'] },
      ],
    },
    bounds: { lateSubmit: true, cancels: 0 },
  },
  { name: 'a queue whose limits change', graph: graphOf([0, 0, 0], 2), bounds: { limits: 2, stops: 0 } },
];
