/**
 * Arrival times of the matrix pipeline's final results, simulated, in demand order and in submission order. The instrument
 * has one slot; inverses and products share two.
 */
import { type Scenario, simulate } from 'pullgraph/testing';

/**
 * How long each task of the pipeline takes, in ms.
 *
 * @internal
 */
export interface PipelineTimes {
  readonly acquisitionMs: number;
  readonly inversionMs: number;
  readonly productMs: number;
}

const SLOTS = 2;

/**
 * The arrival times of the products of `side` matrices, in ascending order, run by pullgraph itself.
 *
 * @internal
 */
export function arrivalsInDemandOrder(side: number, times: PipelineTimes): number[] {
  const indexes = Array.from({ length: side }, (_, index) => index);
  const scenario: Scenario = {
    queues: [
      { name: 'acquire', concurrency: 1 },
      { name: 'compute', concurrency: SLOTS },
    ],
    tasks: [
      ...indexes.map((i) => ({ id: `matrix-${i}`, queue: 'acquire', deps: [], duration: times.acquisitionMs })),
      ...indexes.map((i) => ({
        id: `inverse-${i}`,
        queue: 'compute',
        deps: [`matrix-${i}`],
        duration: times.inversionMs,
      })),
      ...indexes.flatMap((i) =>
        indexes.map((j) => ({
          id: `product-${i}-${j}`,
          queue: 'compute',
          deps: [`inverse-${i}`, `matrix-${j}`],
          duration: times.productMs,
        })),
      ),
    ],
  };
  return simulate(scenario).trace.flatMap((event) =>
    event.event === 'done' && event.id.startsWith('product') ? [event.at] : [],
  );
}

/**
 * The same in submission order, the way of a pool that knows no graph: each slot takes the next task in line and blocks
 * until that task's dependencies have ended.
 *
 * @internal
 */
export function arrivalsInSubmissionOrder(side: number, times: PipelineTimes): number[] {
  const indexes = Array.from({ length: side }, (_, index) => index);
  const freeAt = new Array<number>(SLOTS).fill(0);
  const run = (needed: number, duration: number): number => {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const end = Math.max(freeAt[slot] ?? 0, needed) + duration;
    freeAt[slot] = end;
    return end;
  };
  const matrixAt = indexes.map((i) => (i + 1) * times.acquisitionMs);
  const inverseAt = matrixAt.map((at) => run(at, times.inversionMs));
  const products = inverseAt.flatMap((inverse) => matrixAt.map((at) => run(Math.max(inverse, at), times.productMs)));
  return products.sort((a, b) => a - b);
}
