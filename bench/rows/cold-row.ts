/**
 * The cost to a program that runs once: each workload as the only work of a fresh process, pullgraph and p-limit in turns.
 * Both start under plain Node without flags, from compiled JavaScript. The targets are about CPU time, because it counts no
 * waiting for other processes; the ratio of elapsed times stands beside it.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ColdTimes } from '../cold.js';
import { loadContestant } from '../contestants/index.js';
import { inFreshProcess, interleave, pairedRatio, type Repeated, type Samples, spreadOf } from '../measure.js';
import { figure, range, type Table } from '../report.js';
import { effortOf, type Row, type Run } from '../row.js';
import type { Figure } from '../targets.js';
import { verifyAll } from './graph-row.js';
import { type Shape, shapeOf } from './shapes.js';

const COMPILE = new URL('../compile.ts', import.meta.url);
const COLD_PROBE = new URL('../cold-probe.ts', import.meta.url);
const WORKLOADS = ['matrix', 'chain', 'layered', 'wide'] as const;
const CONTESTANTS = ['pullgraph', 'p-limit'] as const;
const BUDGET_MS = 20_000;

/** @internal */
export const coldRow: Row = {
  name: 'cold',
  async measure(run) {
    const contestants = await Promise.all(CONTESTANTS.map(loadContestant));
    const probe = pathToFileURL(await inFreshProcess(COMPILE, [fileURLToPath(COLD_PROBE)]));
    const lines: string[][] = [];
    const figures: Figure[] = [];
    for (const name of WORKLOADS) {
      const shape = shapeOf(name);
      await verifyAll(contestants, shape, run);
      const { cpu, wall } = await timesOf(run, shape, probe);
      const ratio = pairedRatio(cpu, 'pullgraph', 'p-limit');
      lines.push(line(shape, cpu, ratio, pairedRatio(wall, 'pullgraph', 'p-limit')));
      figures.push({ target: `cold ${name}`, ...ratio });
    }
    const table: Table = {
      title: 'Cold: the only work of a fresh process',
      columns: ['', 'pullgraph, CPU ms', 'p-limit, CPU ms', 'CPU, ratio', 'min … max', 'elapsed, ratio', 'pairs'],
      rows: lines,
      notes: ['Nothing is warmed up. Submission counts; loading the library and building the graph do not.'],
    };
    return { tables: [table], figures };
  },
};

/** CPU and elapsed milliseconds of both contestants, pair by pair. */
async function timesOf(run: Run, shape: Shape, probe: URL): Promise<{ readonly cpu: Samples; readonly wall: Samples }> {
  const size = sizeOf(shape, run);
  run.progress(`cold: ${shape.name} of ${size}`);
  const wall = new Map<string, number[]>(CONTESTANTS.map((name) => [name, []]));
  const trials = CONTESTANTS.map((name) => ({
    name,
    operation: async () => {
      const times = JSON.parse(await inFreshProcess(probe, [name, shape.name, String(size)], [])) as ColdTimes;
      wall.get(name)?.push(times.wallMs);
      return times.cpuMs;
    },
  }));
  return { cpu: await interleave(trials, effortOf(run, BUDGET_MS)), wall };
}

/** A quick run keeps the size and makes fewer pairs: at a small size the ratio is a different one. */
function sizeOf({ sizes }: Shape, { scale }: Run): number {
  return scale === 'tiny' ? sizes.tiny : sizes.full;
}

function line({ title }: Shape, cpu: Samples, cpuRatio: Repeated, wallRatio: Repeated): string[] {
  return [
    title,
    ...CONTESTANTS.map((name) => figure(spreadOf(cpu.get(name) ?? []).median)),
    figure(cpuRatio.spread.median),
    range(cpuRatio.spread),
    figure(wallRatio.spread.median),
    String(cpuRatio.repetitions),
  ];
}
