/**
 * The cost of the inspector: the CPU time of a scheduler that is recorded and shown to one open page, over that of one without. The page is
 * a process of its own.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Scheduler } from 'pullgraph';
import { inspect, type Inspector } from 'pullgraph/inspect';
import { interleave, pairedRatio } from '../measure.js';
import { ratioTable } from '../report.js';
import { cpuPerTask } from './cpu-per-task.js';
import { effortOf, type Row } from '../row.js';
import type { Graph } from '../workloads.js';
import { smallOf } from './graph-row.js';
import { shapeOf } from './shapes.js';

const BUDGET_MS = 24_000;

/** @internal */
export const inspectRow: Row = {
  name: 'inspect',
  async measure(run) {
    const shape = shapeOf('layered');
    const graph = shape.build(shape.sizes[run.scale]);
    const small = smallOf(shape, run);
    run.progress(`inspect: ${graph.dependencies.length} tasks`);
    const page = fork(new URL('../page-process.mjs', import.meta.url), { execArgv: [] });
    const trial = (name: string, shownBy: ChildProcess | undefined) => ({
      name,
      small: { tasks: small.dependencies.length, run: () => cpuShown(small, shownBy) },
      operation: () => cpuShown(graph, shownBy),
    });
    try {
      const samples = await interleave(
        [trial('with an open page', page), trial('without', undefined)],
        effortOf(run, BUDGET_MS),
      );
      const title = `Inspector: layered graph of ${graph.dependencies.length.toLocaleString('en')} tasks`;
      return {
        tables: [ratioTable(title, 'µs of CPU per task', samples, 'with an open page')],
        figures: [{ target: 'inspect', ...pairedRatio(samples, 'with an open page', 'without') }],
      };
    } finally {
      page.kill();
    }
  },
};

/** The same for a scheduler that is shown to a page, where one is given. */
async function cpuShown(graph: Graph, page: ChildProcess | undefined): Promise<number> {
  const scheduler = new Scheduler();
  if (page === undefined) return cpuPerTask(scheduler, graph);
  const inspector = await shown(scheduler, page);
  const taken = await cpuPerTask(scheduler, graph);
  const closed = once(page, 'message');
  await inspector.close();
  await closed;
  return taken;
}

/** Opens an inspector, and the page, which has been told the present state. */
async function shown(scheduler: Scheduler, page: ChildProcess): Promise<Inspector> {
  const inspector = await inspect(scheduler);
  inspector.ref();
  const opened = once(page, 'message');
  page.send(inspector.url);
  await opened;
  return inspector;
}
