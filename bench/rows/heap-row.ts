/** Memory per pending task, each contestant in a fresh process. */
import { inFreshProcess, repeated, type Samples, spreadOf } from '../measure.js';
import { figure, type Table } from '../report.js';
import type { Row, Run, Scale } from '../row.js';
import { takingPart } from './graph-row.js';
import { type Shape, shapeOf } from './shapes.js';

const HEAP_PROBE = new URL('../heap-probe.ts', import.meta.url);

/** The workloads, the last of which has the target. At small sizes the allocations of the process itself dominate. */
const MEASURED: Readonly<Record<Scale, readonly (readonly [shape: string, tasks: number])[]>> = {
  full: [
    ['chain', 100_000],
    ['layered', 100_000],
    ['wide', 1_000_000],
  ],
  quick: [['wide', 50_000]],
  tiny: [['wide', 2_000]],
};

/** The number of measurements of pullgraph where it has the target; the figure hardly varies. */
const REPETITIONS: Readonly<Record<Scale, number>> = { full: 3, quick: 1, tiny: 1 };

/** @internal */
export const heapRow: Row = {
  name: 'heap',
  async measure(run) {
    const columns: [title: string, bytes: Samples][] = [];
    for (const [name, tasks] of MEASURED[run.scale]) {
      columns.push([`${name}, ${tasks.toLocaleString('en')}`, await bytesPerTask(run, shapeOf(name), tasks)]);
    }
    const table: Table = {
      title: 'Bytes per pending task',
      columns: ['', ...columns.map(([title]) => title)],
      rows: run.contestants.map(({ name }) => [
        name,
        ...columns.map(([, bytes]) => figure(spreadOf(bytes.get(name) ?? []).median)),
      ]),
      notes: [
        'The heap and the buffers of typed arrays after a collection, with everything submitted and nothing run.',
      ],
    };
    const ours = columns.at(-1)?.[1].get('pullgraph') ?? [];
    return {
      tables: [table],
      figures: ours.length === 0 ? [] : [{ target: 'heap', ...repeated(ours) }],
    };
  },
};

async function bytesPerTask(run: Run, shape: Shape, tasks: number): Promise<Samples> {
  const bytes = new Map<string, number[]>();
  for (const { name } of takingPart(run.contestants, shape.build(tasks))) {
    run.progress(`heap: ${shape.name} of ${name}`);
    const times = name === 'pullgraph' && shape.name === 'wide' ? REPETITIONS[run.scale] : 1;
    const figures: number[] = [];
    for (let time = 0; time < times; time += 1) {
      figures.push(Number(await inFreshProcess(HEAP_PROBE, [name, shape.name, String(tasks)])));
    }
    bytes.set(name, figures);
  }
  return bytes;
}
