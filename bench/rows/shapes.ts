/** The workloads of the benchmark by name, with their sizes. */
import { chain, type Graph, layered, matrix, wide } from '../workloads.js';

/**
 * A workload at its two sizes. A size is what the builder takes: the side of the matrix graph, else the number of tasks.
 *
 * @internal
 */
export interface Shape {
  readonly name: keyof typeof BUILDERS;
  readonly title: string;
  readonly full: number;
  readonly quick: number;
}

const BUILDERS = { matrix, chain, layered, wide } satisfies Record<string, (size: number) => Graph>;

/** @internal */
export const SHAPES: readonly Shape[] = [
  { name: 'matrix', title: 'Matrix pipeline', full: 100, quick: 30 },
  { name: 'chain', title: 'Chain', full: 100_000, quick: 2_000 },
  { name: 'layered', title: 'Layers, 3 dependencies each', full: 100_000, quick: 2_000 },
  { name: 'wide', title: 'Independent', full: 1_000_000, quick: 5_000 },
];

/**
 * The shape of that name.
 *
 * @internal
 */
export function shapeOf(name: string): Shape {
  const found = SHAPES.find((shape) => shape.name === name);
  if (found === undefined) throw new Error(`no workload ${name}; there are ${SHAPES.map((s) => s.name).join(', ')}`);
  return found;
}

/** @internal */
export function build(name: Shape['name'], size: number): Graph {
  return BUILDERS[name](size);
}
