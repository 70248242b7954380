/** The time to the first final result: the matrix pipeline on one slot, from the start. */
import type { Task } from '../contestants/contestant.js';
import { pullgraph } from '../contestants/pullgraph.js';
import { interleave, repeated } from '../measure.js';
import { spreadLine, type Table } from '../report.js';
import { effortOf, type Row } from '../row.js';
import { matrix } from '../workloads.js';
import { shapeOf } from './shapes.js';

const BUDGET_MS = 5_000;

/** @internal */
export const firstResultRow: Row = {
  name: 'first-result',
  async measure(run) {
    const side = shapeOf('matrix').sizes[run.scale];
    const few = Math.min(side, 30);
    const small = { tasks: few ** 2, run: () => firstResult(few) };
    run.progress(`first-result: matrix of ${side} on one slot`);
    const counts: number[] = [];
    const afterSubmission: number[] = [];
    const operation = async (): Promise<number> => {
      const { tasks, firstMs, lastMs, submissionMs } = await firstResult(side);
      counts.push(tasks);
      afterSubmission.push((100 * (submissionMs + firstMs)) / (submissionMs + lastMs));
      return (100 * firstMs) / lastMs;
    };
    const shares =
      (await interleave([{ name: 'share', small, operation }], effortOf(run, BUDGET_MS))).get('share') ?? [];
    const table: Table = {
      title: `First final result: matrix pipeline of ${side}, one slot`,
      columns: ['', 'median', 'min … max'],
      rows: [
        spreadLine('tasks run until then', counts),
        spreadLine('% of the time, from start() on', shares),
        spreadLine('% of the time, submission included', afterSubmission),
      ],
      notes: [`${shares.length} runs. Only the walk and three tasks precede the first result.`],
    };
    return {
      tables: [table],
      figures: [
        { target: 'first result tasks', ...repeated(counts) },
        { target: 'first result share', ...repeated(shares) },
      ],
    };
  },
};

/**
 * Runs the matrix pipeline on one slot. `tasks` counts those run up to the first final one, itself included. `firstMs` and
 * `lastMs` count from `start()`.
 *
 * @internal
 */
export async function firstResult(side: number) {
  const graph = matrix(side);
  let tasks = 0;
  let first: { readonly tasks: number; readonly at: number } | undefined;
  const task = (index: number): Task => {
    const isFinal = index >= 2 * side;
    return async () => {
      tasks += 1;
      if (isFinal) first ??= { tasks, at: performance.now() };
      return index;
    };
  };
  const begin = performance.now();
  const run = pullgraph.submit({ graph, concurrency: 1, task });
  const startedAt = performance.now();
  await run();
  const lastMs = performance.now() - startedAt;
  if (first === undefined) throw new Error('no final task ran');
  return { tasks: first.tasks, firstMs: first.at - startedAt, lastMs, submissionMs: startedAt - begin };
}
