/** A cold run: a workload as the first and only work of a process, the way a program that runs once does it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Contestant, noop } from './contestants/contestant.js';
import type { Graph } from './workloads.js';

/**
 * The time of one cold run from the first submission to the end. CPU time is that of all threads of the process, so it
 * includes the garbage collection and the compilation that V8 does beside the main thread.
 *
 * @internal
 */
export interface ColdTimes {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const MICROSECONDS_PER_MS = 1_000;

/**
 * Runs the graph once, without warm-up. Loading the contestant and building the graph are over by then and do not count.
 *
 * @internal
 */
export async function timeCold(contestant: Contestant, graph: Graph, concurrency: number): Promise<ColdTimes> {
  await nextTurn();
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  await contestant.submit({ graph, concurrency, task: noop })();
  const wallMs = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs, cpuMs: (user + system) / MICROSECONDS_PER_MS };
}
