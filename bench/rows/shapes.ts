/** The workloads of the benchmark by name, with their sizes. */
import type { Scale } from '../row.js';
import { chain, type Graph, layered, matrix, wide } from '../workloads.js';

/**
 * A workload at its sizes. A size is the builder's argument: the side for the matrix graph, otherwise the number of tasks.
 *
 * @internal
 */
export interface Shape {
  readonly name: string;
  readonly title: string;
  readonly build: (size: number) => Graph;
  readonly sizes: Readonly<Record<Scale, number>>;
}

/** @internal */
export const SHAPES: readonly Shape[] = [
  { name: 'matrix-small', title: 'Small matrix pipeline', build: matrix, sizes: { full: 30, quick: 12, tiny: 4 } },
  { name: 'matrix', title: 'Matrix pipeline', build: matrix, sizes: { full: 100, quick: 30, tiny: 5 } },
  { name: 'chain', title: 'Chain', build: chain, sizes: { full: 100_000, quick: 2_000, tiny: 40 } },
  {
    name: 'layered',
    title: 'Layers, 3 dependencies each',
    build: layered,
    sizes: { full: 100_000, quick: 2_000, tiny: 60 },
  },
  { name: 'wide', title: 'Independent', build: wide, sizes: { full: 1_000_000, quick: 5_000, tiny: 50 } },
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
