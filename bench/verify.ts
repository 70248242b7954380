/**
 * A contestant that skips work would be fast. Before any measurement each one runs a small graph of the same shape, with
 * functions that check it.
 */
import type { Contestant } from './contestants/contestant.js';
import type { Graph } from './workloads.js';

/**
 * Runs the graph once and throws if a task did not run exactly once, ran before a dependency had ended, received wrong
 * values, or ran beside more than `concurrency - 1` others.
 *
 * @internal
 */
export async function verify(contestant: Contestant, graph: Graph, concurrency: number): Promise<void> {
  const { dependencies } = graph;
  const ended = new Set<number>();
  const started = new Set<number>();
  let running = 0;
  const complain = (text: string): never => {
    throw new Error(`${contestant.name} on ${graph.name}: ${text}`);
  };
  const run = contestant.submit({
    graph,
    concurrency,
    task:
      (index) =>
      async (...values) => {
        const needed = dependencies[index] ?? [];
        running += 1;
        if (started.has(index)) complain(`task ${index} ran twice`);
        started.add(index);
        if (running > concurrency) complain(`${running} tasks at once`);
        if (!needed.every((dependency) => ended.has(dependency))) complain(`task ${index} ran too early`);
        // A library that passes no values calls the function without arguments.
        if (values.length > 0 && values.join() !== needed.join()) complain(`task ${index} was given ${values.join()}`);
        await Promise.resolve();
        running -= 1;
        ended.add(index);
        return index;
      },
  });
  if (started.size > 0) complain('tasks ran during submission');
  await run();
  if (ended.size !== dependencies.length) complain(`${ended.size} of ${dependencies.length} tasks ran`);
}
