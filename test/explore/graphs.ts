/** The graphs that the tests explore: every shape of up to so many tasks, each once. */
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
