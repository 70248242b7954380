/**
 * What the benchmark asks of a library: take a whole graph in one synchronous stretch, then run it to the end. All
 * contestants get the same graph and the same functions, and each is written as its manual would write it.
 */
import type { Graph } from './workloads.js';

/**
 * A task's function. It may be given the values of its dependencies; it is free to ignore them.
 *
 * @internal
 */
export type Task = (...values: number[]) => Promise<number>;

/**
 * What a contestant is to run. `task(i)` makes the function of task i and is called once for each, so that the closure is
 * part of what a task costs.
 *
 * @internal
 */
export interface Work {
  readonly graph: Graph;
  readonly concurrency: number;
  readonly task: (index: number) => Task;
}

/**
 * Makes a new function that does nothing and returns its index.
 *
 * @internal
 */
export function noop(index: number): Task {
  return async () => index;
}

/**
 * One library, or the floor.
 *
 * @internal
 */
export interface Contestant {
  readonly name: string;
  /** Why it sits out this graph, as a phrase for the table; undefined when it takes part. */
  skip?(graph: Graph): string | undefined;
  /**
   * Submits everything without yielding; no task has run when it returns. The returned function runs all to the end, and
   * keeps what a user would keep of each task (promise or handle) until then.
   */
  submit(work: Work): () => Promise<void>;
}

const LOADERS = {
  pullgraph: async () => (await import('./contestants/pullgraph.js')).pullgraph,
  'pullgraph, actors on demand': async () => (await import('./contestants/pullgraph.js')).onDemand,
  'p-limit': async () => (await import('./contestants/p-limit.js')).withPLimit,
  'p-queue': async () => (await import('./contestants/p-queue.js')).withPQueue,
  'p-graph': async () => (await import('./contestants/p-graph.js')).withPGraph,
  'async.auto': async () => (await import('./contestants/async-auto.js')).withAsyncAuto,
  'XState alone': async () => (await import('./contestants/xstate.js')).withXState,
  floor: async () => (await import('./contestants/floor.js')).floor,
} satisfies Record<string, () => Promise<Contestant>>;

/**
 * The names of all contestants, in the order of the table.
 *
 * @internal
 */
export const CONTESTANTS: readonly string[] = Object.keys(LOADERS);

/**
 * Loads one contestant and nothing of the others, so that a process that measures memory holds only what it measures.
 *
 * @internal
 */
export async function loadContestant(name: string): Promise<Contestant> {
  const entry = Object.entries(LOADERS).find(([known]) => known === name);
  if (entry === undefined) throw new Error(`no contestant ${name}; there are ${CONTESTANTS.join(', ')}`);
  return entry[1]();
}
