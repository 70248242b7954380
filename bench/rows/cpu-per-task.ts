/** What a scheduler's work on a graph of no-op tasks takes of the processor. */
import type { Handle, Scheduler } from 'pullgraph';
import { noop } from '../contestants/contestant.js';
import { CONCURRENCY } from '../row.js';
import type { Graph } from '../workloads.js';

/** Microseconds of CPU time of this process per task, from the first submission to the end. The scheduler is closed then. */
export async function cpuPerTask(scheduler: Scheduler, graph: Graph): Promise<number> {
  const queue = scheduler.queue('bench', { concurrency: CONCURRENCY });
  const before = process.cpuUsage();
  const handles: Handle<number>[] = [];
  for (const [index, dependencies] of graph.dependencies.entries()) {
    handles.push(queue.submit(noop(index), ...dependencies.flatMap((dependency) => handles[dependency] ?? [])));
  }
  scheduler.start();
  await scheduler.wait();
  const { user, system } = process.cpuUsage(before);
  await scheduler.close();
  return Math.max(1, user + system) / graph.dependencies.length;
}
