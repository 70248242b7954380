/** What the orders by duration cost over the default: layered tasks that are there as a whole, and a chain that grows one by one. */
import type { SchedulerOptions } from 'pullgraph';
import { noop } from '../contestants/contestant.js';
import { pullgraphWith } from '../contestants/pullgraph.js';
import { interleave, pairedRatio, type Samples, spreadOf, timed, timePerTask } from '../measure.js';
import { figure, range, type Table } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Run } from '../row.js';
import { runAppended } from './append-row.js';
import { shapeOf } from './shapes.js';

const BUDGET_MS = 15_000;
const BASE = 'newest';
const ORDERS: readonly NonNullable<SchedulerOptions['order']>[] = [BASE, 'critical-path', 'soonest'];

/** @internal */
export const orderCostRow: Row = {
  name: 'order-cost',
  async measure(run) {
    return {
      tables: [tableOf('layered', await layered(run)), tableOf('appended one by one', await appended(run))],
      figures: [],
    };
  },
};

function layered(run: Run): Promise<Samples> {
  const shape = shapeOf('layered');
  const graph = shape.build(shape.sizes[run.scale]);
  run.progress(`order-cost: ${graph.dependencies.length} tasks in layers`);
  const trials = ORDERS.map((order) => {
    const contestant = pullgraphWith(order, { order });
    return { name: order, operation: () => timePerTask(contestant, graph, CONCURRENCY) };
  });
  return interleave(trials, effortOf(run, BUDGET_MS));
}

function appended(run: Run): Promise<Samples> {
  const count = shapeOf('chain').sizes[run.scale];
  run.progress(`order-cost: ${count} tasks appended`);
  const trials = ORDERS.map((order) => ({
    name: order,
    operation: async () => ((await timed(() => runAppended(count, () => noop(0), { order }))) * 1_000) / count,
  }));
  return interleave(trials, effortOf(run, BUDGET_MS));
}

function tableOf(what: string, samples: Samples): Table {
  return {
    title: `Cost of the orders: no-op tasks, ${what}`,
    columns: ['', 'µs per task', 'min … max', `this / ${BASE}`],
    rows: [...samples].map(([name, figures]) => {
      const spread = spreadOf(figures);
      return [name, figure(spread.median), range(spread), figure(pairedRatio(samples, name, BASE).spread.median)];
    }),
    notes: ['The whole run, of which selection is a part; ratios are medians of paired, interleaved runs.'],
  };
}
