/** The benefit of the order: final results of the matrix pipeline over simulated time, in demand and in submission order. */
import { arrivalsInDemandOrder, arrivalsInSubmissionOrder } from '../arrivals.js';
import type { ArrivalPoint } from '../plots.js';
import { figure, type Table } from '../report.js';
import type { Row } from '../row.js';
import { shapeOf } from './shapes.js';

/** Roughly the durations of the tasks in examples/matrix-pipeline. */
const TIMES = { acquisitionMs: 40, inversionMs: 3, productMs: 1 };
const POINTS = 100;

/** @internal */
export const orderRow: Row = {
  name: 'order',
  async measure(run) {
    const side = shapeOf('matrix').sizes[run.scale];
    run.progress(`order: matrix of ${side}, simulated`);
    const orders = {
      'demand order': arrivalsInDemandOrder(side, TIMES),
      'submission order': arrivalsInSubmissionOrder(side, TIMES),
    };
    const table: Table = {
      title: `Final results: matrix pipeline of ${side}, simulated seconds`,
      columns: ['', 'first', '10 %', '50 %', 'last'],
      rows: Object.entries(orders).map(([order, arrivals]) => [
        order,
        ...[0, 0.1, 0.5, 1].map((share) => figure(arrivalOf(arrivals, share) / 1_000)),
      ]),
      notes: [
        `One instrument of ${TIMES.acquisitionMs} ms, two slots for inverses of ${TIMES.inversionMs} ms and products of ${TIMES.productMs} ms.`,
      ],
    };
    const points = Object.entries(orders).flatMap(([order, arrivals]) => curve(order, arrivals));
    return { tables: [table], figures: [], plot: { name: 'final-results', points } };
  },
};

/** The time by which that share of the results had arrived. */
function arrivalOf(arrivals: readonly number[], share: number): number {
  return arrivals[Math.max(Math.ceil(share * arrivals.length) - 1, 0)] ?? Number.NaN;
}

/** The start, the first result, and then every hundredth part of them. */
function curve(order: string, arrivals: readonly number[]): ArrivalPoint[] {
  const step = Math.max(1, Math.floor(arrivals.length / POINTS));
  const counts = [0, 1, ...Array.from({ length: Math.floor(arrivals.length / step) }, (_, at) => (at + 1) * step)];
  return [...new Set(counts)].map((results) => ({
    order,
    results,
    seconds: (results === 0 ? 0 : (arrivals[results - 1] ?? Number.NaN)) / 1_000,
  }));
}
