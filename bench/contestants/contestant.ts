/**
 * The benchmark's contract with a library: take a whole graph in one synchronous stretch, then run it to the end. Every
 * contestant gets the same graph and the same functions, and is written the way its manual would write it.
 */
import type { Graph } from '../workloads.js';

/**
 * A task's function. It may be given the values of its dependencies; it is free to ignore them.
 *
 * @internal
 */
export type Task = (...values: number[]) => Promise<number>;

/**
 * The work of one run. `task(i)` makes the function of task i and is called once per task, so that the closure counts as
 * part of the task's cost.
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
  /** The reason for leaving this graph out, as a phrase for the table; undefined when it takes part. */
  skip?(graph: Graph): string | undefined;
  /**
   * Submits everything without yielding; no task has run when it returns. The returned function runs everything to the
   * end, and keeps each task's promise or handle until then, as a user would.
   */
  submit(work: Work): () => Promise<void>;
}
