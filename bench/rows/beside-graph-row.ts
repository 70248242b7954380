/**
 * Rows that compare another kind of work with a graph of as many tasks, which pullgraph and the floor run: time per unit
 * over time per task.
 */
import { noop, type Task } from '../contestants/contestant.js';
import { loadContestant } from '../contestants/index.js';
import { interleave, pairedRatio, smallGraph, timed, timePerTask } from '../measure.js';
import { ratioTable } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Scale } from '../row.js';
import { shapeOf } from './shapes.js';

const COUNTS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 2_000, tiny: 40 };
const BUDGET_MS = 12_000;

/** Work to compare with a graph. @internal */
export interface Beside {
  readonly name: 'append' | 'stream';
  /** The name of the workload. */
  readonly shape: string;
  /** The name of the samples. */
  readonly sample: string;
  /** The plural noun for its units, for progress. */
  readonly units: string;
  /** The unit of time, for the table. */
  readonly unit: string;
  readonly title: (count: string) => string;
  /** `task(i)` makes the function of task i. */
  readonly work: (count: number, task: (index: number) => Task) => Promise<void>;
}

/** @internal */
export function besideGraphRow({ name, shape, sample, units, unit, title, work }: Beside): Row {
  return {
    name,
    async measure(run) {
      const count = COUNTS[run.scale];
      const small = Math.min(count, COUNTS.quick);
      const { build } = shapeOf(shape);
      const [smallGraphBeside, graph] = [build(small), build(count)];
      const [ours, floor] = [await loadContestant('pullgraph'), await loadContestant('floor')];
      const ofFloor = `floor, ${shape}`;
      run.progress(`${name}: timing ${count} ${units}`);
      const samples = await interleave(
        [
          {
            name: sample,
            small: { tasks: small, run: () => work(small, noop) },
            operation: async () => ((await timed(() => work(count, noop))) * 1_000) / count,
          },
          {
            name: shape,
            small: smallGraph(ours, smallGraphBeside, CONCURRENCY),
            operation: () => timePerTask(ours, graph, CONCURRENCY),
          },
          { name: ofFloor, operation: () => timePerTask(floor, graph, CONCURRENCY) },
        ],
        effortOf(run, BUDGET_MS),
      );
      return {
        tables: [ratioTable(title(count.toLocaleString('en')), unit, samples, sample)],
        figures: [
          { target: name, ...pairedRatio(samples, sample, shape) },
          { target: `${name} / floor`, ...pairedRatio(samples, sample, ofFloor) },
        ],
      };
    },
  };
}
