/** The time per task of one graph for every contestant: the row behind each workload. */
import type { Contestant } from '../contestants/contestant.js';
import { interleave, pairedRatio, type Samples, smallGraph, spreadOf, timePerTask } from '../measure.js';
import { ABSENT, figure, range, type Table } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Run } from '../row.js';
import { type Figure, TARGET_IDS, type TargetId } from '../targets.js';
import { verify } from '../verify.js';
import type { Graph } from '../workloads.js';
import type { Shape } from './shapes.js';

const BUDGET_MS = 15_000;

/**
 * Measures one shape at the size of the run.
 *
 * @internal
 */
export function graphRow(shape: Shape): Row {
  return {
    name: shape.name,
    async measure(run) {
      const graph = shape.build(shape.sizes[run.scale]);
      const taking = takingPart(run.contestants, graph);
      await verifyAll(taking, shape, run);
      const small = smallOf(shape, run);
      run.progress(`${shape.name}: timing ${graph.dependencies.length} tasks`);
      const samples = await interleave(
        taking.map((contestant) => ({
          name: contestant.name,
          small: smallGraph(contestant, small, CONCURRENCY),
          operation: () => timePerTask(contestant, graph, CONCURRENCY),
        })),
        effortOf(run, BUDGET_MS),
      );
      return { tables: [table(shape, graph, run, samples)], figures: figures(shape, samples) };
    },
  };
}

/** The contestants that do not skip the graph. @internal */
export function takingPart(contestants: readonly Contestant[], graph: Graph): Contestant[] {
  return contestants.filter((contestant) => contestant.skip?.(graph) === undefined);
}

/** Checks every contestant on a small size of the shape. @internal */
export async function verifyAll(contestants: readonly Contestant[], shape: Shape, run: Run): Promise<void> {
  run.progress(`${shape.name}: checking`);
  const small = smallOf(shape, run);
  for (const contestant of takingPart(contestants, small)) {
    await verify(contestant, small, CONCURRENCY);
  }
}

/** A graph of the shape for warming up. @internal */
export function smallOf({ build, sizes }: Shape, { scale }: Run): Graph {
  return build(scale === 'tiny' ? sizes.tiny : sizes.quick);
}

function figures(shape: Shape, samples: Samples): Figure[] {
  const ratio = (target: TargetId | undefined, over: string): Figure[] => {
    const measured = pairedRatio(samples, 'pullgraph', over);
    return target === undefined || measured.repetitions === 0 ? [] : [{ target, ...measured }];
  };
  return [...ratio(targetOf(shape.name), 'p-limit'), ...ratio(targetOf(`${shape.name} / floor`), 'floor')];
}

function targetOf(name: string): TargetId | undefined {
  return TARGET_IDS.find((id) => id === name);
}

function table(shape: Shape, graph: Graph, { contestants }: Run, samples: Samples): Table {
  const repetitions = Math.max(0, ...[...samples.values()].map((measured) => measured.length));
  return {
    title: `${shape.title}: ${graph.dependencies.length.toLocaleString('en')} tasks`,
    columns: ['', 'µs per task', 'min … max', '/ p-limit', '/ floor'],
    rows: contestants.map(({ name }) => {
      const measured = samples.get(name);
      if (measured === undefined) return [name, ABSENT, ABSENT, ABSENT, ABSENT];
      const time = spreadOf(measured);
      return [
        name,
        figure(time.median),
        range(time),
        figure(pairedRatio(samples, name, 'p-limit').spread.median),
        figure(pairedRatio(samples, name, 'floor').spread.median),
      ];
    }),
    notes: [
      `Medians of ${repetitions} interleaved runs; ratios are medians of paired runs.`,
      ...contestants.flatMap((contestant) => {
        const reason = contestant.skip?.(graph);
        return reason === undefined ? [] : [`${contestant.name} is left out: ${reason}.`];
      }),
    ],
  };
}
