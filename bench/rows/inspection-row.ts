/** The cost of inspection: the matrix pipeline with an observer that keeps the state and the event of every change. */
import type { InspectionEvent } from 'xstate';
import { pullgraphWith } from '../contestants/pullgraph.js';
import { loadContestant } from '../contestants/index.js';
import { interleave, pairedRatio, smallGraph, timePerTask } from '../measure.js';
import { ratioTable } from '../report.js';
import { CONCURRENCY, effortOf, type Row } from '../row.js';
import { verify } from '../verify.js';
import { matrix } from '../workloads.js';
import { shapeOf } from './shapes.js';

const BUDGET_MS = 6_000;

/** @internal */
export const inspectionRow: Row = {
  name: 'inspection',
  async measure(run) {
    const shape = shapeOf('matrix');
    const graph = matrix(shape.sizes[run.scale]);
    const kept = { states: [] as unknown[], events: [] as string[] };
    const inspect = (inspected: InspectionEvent): void => {
      if (inspected.type !== '@xstate.snapshot') return;
      const { snapshot, event } = inspected;
      kept.states.push('value' in snapshot ? snapshot.value : snapshot.status);
      kept.events.push(event.type);
    };
    const forget = (): void => {
      kept.states = [];
      kept.events = [];
    };
    const plain = await loadContestant('pullgraph');
    const inspected = pullgraphWith('inspected', { inspect });
    const small = matrix(Math.min(shape.sizes[run.scale], shape.sizes.quick));
    for (const contestant of [plain, inspected]) {
      await verify(contestant, small, CONCURRENCY);
    }
    run.progress(`inspection: ${graph.dependencies.length} tasks`);
    let keptPerTask = 0;
    const samples = await interleave(
      [
        {
          name: 'inspected',
          small: smallGraph(inspected, small, CONCURRENCY),
          operation: async () => {
            forget();
            const time = await timePerTask(inspected, graph, CONCURRENCY);
            keptPerTask = kept.states.length / graph.dependencies.length;
            forget();
            return time;
          },
        },
        {
          name: 'without',
          small: smallGraph(plain, small, CONCURRENCY),
          operation: () => timePerTask(plain, graph, CONCURRENCY),
        },
      ],
      effortOf(run, BUDGET_MS),
    );
    // The statechart of a task alone has two changes: to running, to done.
    if (keptPerTask < 2) throw new Error(`the observer saw ${keptPerTask} changes per task`);
    const title = `Inspection: matrix pipeline of ${graph.dependencies.length.toLocaleString('en')} tasks`;
    const table = ratioTable(title, 'µs per task', samples, 'inspected');
    return {
      tables: [{ ...table, notes: [...table.notes, `The observer kept ${keptPerTask.toFixed(1)} changes per task.`] }],
      figures: [{ target: 'inspection', ...pairedRatio(samples, 'inspected', 'without') }],
    };
  },
};
