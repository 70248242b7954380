/** p-graph: the graph is given as a whole. It hands no values from a task to its dependents. */
import { PGraph } from 'p-graph';
import type { Contestant } from './contestant.js';

/** @internal */
export const withPGraph: Contestant = {
  name: 'p-graph',
  skip(graph) {
    const quadratic = graph.name === 'wide' && graph.dependencies.length > 100_000;
    return quadratic ? 'quadratic here: the final tasks are one array, shifted for each of them' : undefined;
  },
  submit({ graph, concurrency, task }) {
    const nodes = new Map<string, { run: () => Promise<unknown> }>();
    const edges: [string, string][] = [];
    for (const [index, dependencies] of graph.dependencies.entries()) {
      nodes.set(`t${index}`, { run: task(index) });
      for (const dependency of dependencies) edges.push([`t${dependency}`, `t${index}`]);
    }
    const whole = new PGraph(nodes, edges);
    return () => whole.run({ concurrency });
  },
};
