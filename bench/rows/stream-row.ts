/** One task that delivers many results, with one dependent of each: time per result, over the time per task of layers. */
import { type Handle, Scheduler } from 'pullgraph';
import { loadContestant, noop, type Task } from '../contestant.js';
import { interleave, pairedRatio, smallGraph, timed, timePerTask } from '../measure.js';
import { ratioTable } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Scale } from '../row.js';
import { shapeOf } from './shapes.js';

const RESULTS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 2_000, tiny: 40 };
const BUDGET_MS = 12_000;

/** @internal */
export const streamRow: Row = {
  name: 'stream',
  async measure(run) {
    const count = RESULTS[run.scale];
    const small = Math.min(count, RESULTS.quick);
    const smallLayered = shapeOf('layered').build(small);
    const layered = shapeOf('layered').build(count);
    const [ours, floor] = [await loadContestant('pullgraph'), await loadContestant('floor')];
    run.progress(`stream: timing ${count} results`);
    const samples = await interleave(
      [
        {
          name: 'stream',
          small: { tasks: small, run: () => runStream(small, noop) },
          operation: async () => ((await timed(() => runStream(count, noop))) * 1_000) / count,
        },
        {
          name: 'layered',
          small: smallGraph(ours, smallLayered, CONCURRENCY),
          operation: () => timePerTask(ours, layered, CONCURRENCY),
        },
        { name: 'floor, layered', operation: () => timePerTask(floor, layered, CONCURRENCY) },
      ],
      effortOf(run, BUDGET_MS),
    );
    return {
      tables: [
        ratioTable(
          `Stream: one generator of ${count.toLocaleString('en')} results, each with one dependent`,
          'µs per result or task',
          samples,
          'stream',
        ),
      ],
      figures: [
        { target: 'stream', ...pairedRatio(samples, 'stream', 'layered') },
        { target: 'stream / floor', ...pairedRatio(samples, 'stream', 'floor, layered') },
      ],
    };
  },
};

/**
 * One generator of `count` results; `task(i)` makes the function that is given result i, which is i.
 *
 * @internal
 */
export async function runStream(count: number, task: (index: number) => Task): Promise<void> {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('bench', { concurrency: CONCURRENCY });
  const results = queue.submit(function* () {
    for (let index = 0; index < count; index += 1) yield index;
  });
  const handles: Handle<number>[] = [];
  for (let index = 0; index < count; index += 1) handles.push(queue.submit(task(index), results.at(index)));
  scheduler.start();
  await scheduler.wait();
  await scheduler.close();
  if (handles.at(-1)?.state !== 'done') throw new Error(`the last task is ${handles.at(-1)?.state}`);
}
