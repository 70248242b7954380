/** Time and memory per task of one graph, for every contestant: the row behind each workload. */
import type { Contestant } from '../contestant.js';
import {
  type Effort,
  inFreshProcess,
  interleave,
  pairedRatio,
  type Samples,
  spreadOf,
  timePerTask,
} from '../measure.js';
import { ABSENT, figure, range, type Table } from '../report.js';
import { CONCURRENCY, type Row, type Run } from '../row.js';
import { verify } from '../verify.js';
import { build, type Shape } from './shapes.js';

const FULL: Effort = { minRepetitions: 3, maxRepetitions: 15, budgetMs: 20_000 };
const QUICK: Effort = { minRepetitions: 3, maxRepetitions: 3, budgetMs: 2_000 };
const HEAP_PROBE = new URL('../heap-probe.ts', import.meta.url);

/**
 * Measures one shape at its full or quick size.
 *
 * @internal
 */
export function graphRow(shape: Shape): Row {
  return {
    name: shape.name,
    async measure(run) {
      const size = run.quick ? shape.quick : shape.full;
      const graph = build(shape.name, size);
      const tasks = graph.dependencies.length;
      const taking = run.contestants.filter((contestant) => contestant.skip?.(graph) === undefined);
      await warmUp(taking, shape, run);

      run.progress(`${shape.name}: timing ${tasks} tasks`);
      const samples = await interleave(
        taking.map((contestant) => ({
          name: contestant.name,
          operation: () => timePerTask(contestant, graph, CONCURRENCY),
        })),
        run.quick ? QUICK : FULL,
      );
      const bytes = new Map<string, number>();
      for (const { name } of taking) {
        run.progress(`${shape.name}: memory of ${name}`);
        bytes.set(name, Number(await inFreshProcess(HEAP_PROBE, [name, shape.name, String(size)])));
      }
      return [table(shape, tasks, run, samples, bytes)];
    },
  };
}

/**
 * Checks every contestant on the small size of the shape, then runs that a few times unobserved.
 *
 * @internal
 */
export async function warmUp(contestants: readonly Contestant[], shape: Shape, run: Run): Promise<void> {
  run.progress(`${shape.name}: warm-up`);
  const small = build(shape.name, shape.quick);
  for (const contestant of contestants) {
    await verify(contestant, small, CONCURRENCY);
    for (let time = 0; time < 3; time += 1) await timePerTask(contestant, small, CONCURRENCY);
  }
}

function table(shape: Shape, tasks: number, run: Run, samples: Samples, bytes: ReadonlyMap<string, number>): Table {
  const repetitions = Math.max(0, ...[...samples.values()].map((figures) => figures.length));
  const graph = build(shape.name, run.quick ? shape.quick : shape.full);
  return {
    title: `${shape.title}: ${tasks.toLocaleString('en')} tasks`,
    columns: ['', 'µs per task', 'min … max', '/ p-limit', '/ floor', 'bytes per pending task'],
    rows: run.contestants.map(({ name }) => {
      const figures = samples.get(name);
      if (figures === undefined) return [name, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT];
      const time = spreadOf(figures);
      return [
        name,
        figure(time.median),
        range(time),
        figure(pairedRatio(samples, name, 'p-limit')?.median ?? Number.NaN),
        figure(pairedRatio(samples, name, 'floor')?.median ?? Number.NaN),
        figure(bytes.get(name) ?? Number.NaN),
      ];
    }),
    notes: [
      `Medians of ${repetitions} interleaved runs; ratios are medians of paired runs.`,
      ...run.contestants.flatMap((contestant) => {
        const reason = contestant.skip?.(graph);
        return reason === undefined ? [] : [`${contestant.name} is left out: ${reason}.`];
      }),
    ],
  };
}
