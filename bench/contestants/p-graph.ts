/** p-graph: it takes the graph as a whole, and passes no values from a task to its dependents. */
import { PGraph } from 'p-graph';
import type { Contestant } from './contestant.js';

/** @internal */
export const withPGraph: Contestant = {
  name: 'p-graph',
  skip(graph) {
    const quadratic = graph.name === 'wide' && graph.dependencies.length > 100_000;
    return quadratic ? 'quadratic here: it keeps the final tasks in one array and shifts it for each' : undefined;
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
