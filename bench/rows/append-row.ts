/**
 * A running chain that grows by one task at a time, each of which the scheduler has to admit on its own; over the same chain
 * submitted at once.
 */
import { type Handle, Scheduler, type SchedulerOptions } from 'pullgraph';
import type { Task } from '../contestants/contestant.js';
import { CONCURRENCY } from '../row.js';
import { besideGraphRow } from './beside-graph-row.js';

/** @internal */
export const appendRow = besideGraphRow({
  name: 'append',
  shape: 'chain',
  sample: 'appended',
  units: 'tasks',
  unit: 'µs per task',
  title: (count) => `Append: ${count} tasks, one by one, to the end of a running chain`,
  work: runAppended,
});

/**
 * Appends `count` tasks to a chain while it runs. `task(i)` makes the function of task i, which receives the value of the task
 * before.
 *
 * @internal
 */
export async function runAppended(
  count: number,
  task: (index: number) => Task,
  options: SchedulerOptions = {},
): Promise<void> {
  const scheduler = new Scheduler(options);
  const queue = scheduler.queue('bench', { concurrency: CONCURRENCY });
  scheduler.start();
  const handles: Handle<number>[] = [];
  let last = queue.submit(task(0));
  handles.push(last);
  for (let index = 1; index < count; index += 1) {
    // Yields, so that the scheduler sees a change of one task.
    await Promise.resolve();
    last = queue.submit(task(index), last);
    handles.push(last);
  }
  await scheduler.wait();
  await scheduler.close();
  if (last.state !== 'done') throw new Error(`the last task is ${last.state}`);
}
