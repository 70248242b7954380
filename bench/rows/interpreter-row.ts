/** The cost of XState's own interpreter: the matrix pipeline with `interpreter: 'xstate'`, over the default. */
import { loadContestant } from '../contestants/index.js';
import { pullgraphWith } from '../contestants/pullgraph.js';
import { interleave, smallGraph, timePerTask } from '../measure.js';
import { ratioTable } from '../report.js';
import { CONCURRENCY, effortOf, type Row } from '../row.js';
import { smallOf, verifyAll } from './graph-row.js';
import { shapeOf } from './shapes.js';

const BUDGET_MS = 12_000;

/** @internal */
export const interpreterRow: Row = {
  name: 'interpreter',
  async measure(run) {
    const shape = shapeOf('matrix');
    const graph = shape.build(shape.sizes[run.scale]);
    const small = smallOf(shape, run);
    const interpreted = pullgraphWith("interpreter: 'xstate'", { interpreter: 'xstate' });
    const contestants = [interpreted, await loadContestant('pullgraph')];
    await verifyAll(contestants, shape, run);
    run.progress(`interpreter: ${graph.dependencies.length} tasks`);
    const samples = await interleave(
      contestants.map((contestant) => ({
        name: contestant.name,
        small: smallGraph(contestant, small, CONCURRENCY),
        operation: () => timePerTask(contestant, graph, CONCURRENCY),
      })),
      effortOf(run, BUDGET_MS),
    );
    const title = `Interpreter: matrix pipeline of ${graph.dependencies.length.toLocaleString('en')} tasks`;
    return { tables: [ratioTable(title, 'µs per task', samples, interpreted.name)], figures: [] };
  },
};
