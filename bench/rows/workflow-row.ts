/** What each order makes of the shapes of scientific workflows, in simulated time. */
import { type Scenario, simulate } from 'pullgraph/testing';
import type { Table } from '../report.js';
import type { Row } from '../row.js';
import { finalsOf, lowerBound, scenarioOf, type Workflow, workflows } from '../workflows.js';

const SLOTS = [2, 4, 16];
const ORDERS = ['fifo', 'newest', 'critical-path', 'soonest'] as const;
type Order = (typeof ORDERS)[number];

const SIZES = { tiny: [2], quick: [6], full: [8, 14, 24] } as const;

interface Times {
  readonly total: number;
  readonly first: number;
  readonly mean: number;
}

/** @internal */
export const workflowRow: Row = {
  name: 'workflows',
  async measure(run) {
    const all = workflows(SIZES[run.scale]);
    run.progress(`workflows: ${all.length}, simulated`);
    const columns = SLOTS.map((slots) =>
      all.map((workflow) => ({ workflow, slots, base: timesOf(workflow, slots, 'fifo') })),
    );
    const rows = ORDERS.map((order) => [order, ...columns.map((column) => cellOf(column, order))]);
    const table: Table = {
      title: `Orders: ${all.length} workflows of ${Math.min(...all.map(sizeOf))} to ${Math.max(...all.map(sizeOf))} tasks`,
      columns: ['', ...SLOTS.map((slots) => `${slots} slots`)],
      rows,
      notes: [
        'Total time over the lower bound; then the time of the first final result, and the mean of all, over those of submission order.',
        'Geometric means, simulated. Workflows of well-known shapes with lognormal durations, not recorded ones.',
      ],
    };
    return { tables: [table], figures: [] };
  },
};

function sizeOf({ tasks }: Workflow): number {
  return tasks.length;
}

/** A workflow on so many slots, and its times in order of submission. */
interface Based {
  readonly workflow: Workflow;
  readonly slots: number;
  readonly base: Times;
}

function cellOf(column: readonly Based[], order: Order): string {
  const ratios = column.map(({ workflow, slots, base }) => {
    const own = order === 'fifo' ? base : timesOf(workflow, slots, order);
    return [own.total / lowerBound(workflow, slots), own.first / base.first, own.mean / base.mean];
  });
  return [0, 1, 2].map((at) => geometricMean(ratios.map((ratio) => ratio[at] ?? 1)).toFixed(3)).join(' / ');
}

/** When the last result, the first final result and a final result on average have come. @internal */
export function timesOf(workflow: Workflow, slots: number, order: Scenario['order'] | 'fifo'): Times {
  const finals = finalsOf(workflow);
  const { trace } = simulate(scenarioOf(workflow, slots, order));
  const ends = trace.filter(({ event }) => event === 'done');
  const finalEnds = ends.flatMap((event) => ('id' in event && finals.has(event.id) ? [event.at] : []));
  return {
    total: Math.max(...ends.map(({ at }) => at)),
    first: Math.min(...finalEnds),
    mean: finalEnds.reduce((sum, at) => sum + at, 0) / finalEnds.length,
  };
}

/** @internal */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
