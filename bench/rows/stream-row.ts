/** One task that delivers many results, each with one dependent: time per result over the time per task of layers. */
import { type Handle, Scheduler } from 'pullgraph';
import type { Task } from '../contestants/contestant.js';
import { CONCURRENCY } from '../row.js';
import { besideGraphRow } from './beside-graph-row.js';

/** @internal */
export const streamRow = besideGraphRow({
  name: 'stream',
  shape: 'layered',
  sample: 'stream',
  units: 'results',
  unit: 'µs per result or task',
  title: (count) => `Stream: one generator of ${count} results, each with one dependent`,
  work: runStream,
});

/**
 * One generator of `count` results; `task(i)` makes the function that receives result i, which is i.
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
