/** The delay of the event loop, which is the wait of other callbacks in the process, while tasks run inline. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type Contestant, noop } from '../contestants/contestant.js';
import { loadContestant } from '../contestants/index.js';
import { interleave, repeated } from '../measure.js';
import { spreadLine, type Table } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Scale } from '../row.js';
import { type Graph, wide } from '../workloads.js';

const TASKS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 5_000, tiny: 50 };
const BUDGET_MS = 6_000;
const NANOSECONDS_PER_MS = 1e6;

/** @internal */
export const eventLoopRow: Row = {
  name: 'event-loop',
  async measure(run) {
    const graph = wide(TASKS[run.scale]);
    const pullgraph = await loadContestant('pullgraph');
    const few = wide(Math.min(graph.dependencies.length, TASKS.quick));
    run.progress(`event-loop: ${graph.dependencies.length} tasks`);
    const longest: number[] = [];
    const operation = async (): Promise<number> => {
      const { p99Ms, maxMs } = await delays(pullgraph, graph);
      longest.push(maxMs);
      return p99Ms;
    };
    const small = { tasks: few.dependencies.length, run: () => delays(pullgraph, few) };
    const p99 = (await interleave([{ name: 'p99', small, operation }], effortOf(run, BUDGET_MS))).get('p99') ?? [];
    const table: Table = {
      title: `Event-loop delay: ${graph.dependencies.length.toLocaleString('en')} independent no-op tasks, inline`,
      columns: ['', 'ms', 'min … max'],
      rows: [spreadLine('p99', p99), spreadLine('longest', longest)],
      notes: [`${p99.length} runs, from start() to the end; the submission, one synchronous stretch, is not included.`],
    };
    return { tables: [table], figures: [{ target: 'event loop', ...repeated(p99) }] };
  },
};

/**
 * The delays from `start()` to the end of everything, sampled every millisecond.
 *
 * @internal
 */
export async function delays(
  contestant: Contestant,
  graph: Graph,
): Promise<{ readonly p99Ms: number; readonly maxMs: number }> {
  const run = contestant.submit({ graph, concurrency: CONCURRENCY, task: noop });
  await nextTurn();
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  // The first delay is counted from the first sample, so that sample must be over. A reset would discard it.
  await sleep(2);
  await run();
  // The loop records the last delay when it takes its next sample.
  await sleep(2);
  histogram.disable();
  return { p99Ms: histogram.percentile(99) / NANOSECONDS_PER_MS, maxMs: histogram.max / NANOSECONDS_PER_MS };
}
