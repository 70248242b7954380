/**
 * The growth of the time per task with the number of tasks: pullgraph at the largest size over a hundredth of it, and every
 * contestant's curve for the plot. A small graph runs several times for each run of a large one, so that both sides see
 * similar amounts of garbage and interruption.
 */
import type { Contestant } from '../contestants/contestant.js';
import { interleave, pairedRatio, type Repeated, smallGraph, spreadOf, timePerTask, type Trial } from '../measure.js';
import type { CurvePoint } from '../plots.js';
import { figure, type Table } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Run, type Scale } from '../row.js';
import type { Figure } from '../targets.js';
import { smallOf, takingPart, verifyAll } from './graph-row.js';
import { type Shape, shapeOf } from './shapes.js';

interface Sizes {
  /** The sizes of the curve, smallest first. */
  readonly curve: readonly number[];
  /** Above this size only the contestants in `LARGE` take part. */
  readonly mostForAll: number;
  readonly compared: readonly [small: number, large: number];
  /** The fewest tasks in one measurement; a small graph repeats until it reaches them. */
  readonly leastTasks: number;
}

const SIZES: Readonly<Record<Scale, Sizes>> = {
  full: {
    curve: [100, 1_000, 10_000, 100_000, 1_000_000],
    mostForAll: 100_000,
    compared: [10_000, 1_000_000],
    leastTasks: 10_000,
  },
  quick: { curve: [100, 1_000, 5_000], mostForAll: 1_000, compared: [1_000, 5_000], leastTasks: 1_000 },
  tiny: { curve: [10, 100], mostForAll: 10, compared: [10, 100], leastTasks: 10 },
};
const LARGE = ['pullgraph', 'p-limit', 'floor'];
const COMPARED_TASKS = 200_000;
const COMPARED_BUDGET_MS = 25_000;
const CURVE_BUDGET_MS = 8_000;

/** @internal */
export const growthRow: Row = {
  name: 'growth',
  async measure(run) {
    const points: CurvePoint[] = [];
    const figures: Figure[] = [];
    for (const name of ['layered', 'wide'] as const) {
      const shape = shapeOf(name);
      await verifyAll(run.contestants, shape, run);
      const compared = await growthOf(run, shape);
      if (compared !== undefined) figures.push({ target: `growth ${name}`, ...compared });
      points.push(...(await curveOf(run, shape)));
    }
    return { tables: [table(points)], figures, plot: { name: 'time-per-task', points } };
  },
};

async function growthOf(run: Run, shape: Shape): Promise<Repeated | undefined> {
  const ours = run.contestants.find(({ name }) => name === 'pullgraph');
  if (ours === undefined) return undefined;
  const [small, large] = SIZES[run.scale].compared;
  run.progress(`growth: ${shape.name}, ${small} and ${large} tasks`);
  const trials = [
    trialOf(run, ours, shape, small, Math.min(large, COMPARED_TASKS)),
    trialOf(run, ours, shape, large, large),
  ] as const;
  const samples = await interleave(trials, effortOf(run, COMPARED_BUDGET_MS));
  return pairedRatio(samples, trials[1].name, trials[0].name);
}

async function curveOf(run: Run, shape: Shape): Promise<CurvePoint[]> {
  const { curve, mostForAll, leastTasks } = SIZES[run.scale];
  const points: CurvePoint[] = [];
  for (const tasks of curve) {
    run.progress(`growth: ${shape.name}, ${tasks} tasks, all contestants`);
    const contestants = takingPart(run.contestants, shape.build(tasks)).filter(
      ({ name }) => tasks <= mostForAll || LARGE.includes(name),
    );
    const trials = contestants.map((contestant) => trialOf(run, contestant, shape, tasks, leastTasks));
    const effort = effortOf(run, CURVE_BUDGET_MS / curve.length);
    const samples = await interleave(trials, { ...effort, minRepetitions: 1 });
    for (const { name } of contestants) {
      const microseconds = spreadOf(samples.get(trialName(name, tasks)) ?? []).median;
      points.push({ shape: shape.name, contestant: name, tasks, microseconds });
    }
  }
  return points;
}

/** Runs graphs of `tasks` tasks until `leastTasks` have been run; the figure is the mean time per task. */
function trialOf(run: Run, contestant: Contestant, shape: Shape, tasks: number, leastTasks: number): Trial {
  const graph = shape.build(tasks);
  const small = smallOf(shape, run);
  const times = Math.max(1, Math.round(leastTasks / tasks));
  return {
    name: trialName(contestant.name, tasks),
    // A graph that it skips cannot warm it up.
    ...(contestant.skip?.(small) === undefined ? { small: smallGraph(contestant, small, CONCURRENCY) } : {}),
    operation: async () => {
      let sum = 0;
      for (let time = 0; time < times; time += 1) sum += await timePerTask(contestant, graph, CONCURRENCY);
      return sum / times;
    },
  };
}

function trialName(contestant: string, tasks: number): string {
  return `${contestant} ${tasks}`;
}

function table(points: readonly CurvePoint[]): Table {
  const sizes = [...new Set(points.map(({ tasks }) => tasks))];
  const lines = [...new Set(points.map(({ shape, contestant }) => `${shape}, ${contestant}`))];
  return {
    title: 'Growth: µs per task by number of tasks',
    columns: ['', ...sizes.map((tasks) => tasks.toLocaleString('en'))],
    rows: lines.map((line) => [
      line,
      ...sizes.map((size) => {
        const at = points.find(({ shape, contestant, tasks }) => `${shape}, ${contestant}` === line && tasks === size);
        return figure(at?.microseconds ?? Number.NaN);
      }),
    ]),
    notes: ['Only contestants that are fast enough run the largest size.'],
  };
}
