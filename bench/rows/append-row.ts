/**
 * A chain that grows at its end while it runs, by one task at a time, each of which the scheduler has to take for itself:
 * over the same chain submitted at once.
 */
import { type Handle, Scheduler } from 'pullgraph';
import { loadContestant, noop, type Task } from '../contestant.js';
import { interleave, pairedRatio, smallGraph, timed, timePerTask } from '../measure.js';
import { ratioTable } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Scale } from '../row.js';
import { shapeOf } from './shapes.js';

const TASKS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 2_000, tiny: 40 };
const BUDGET_MS = 12_000;

/** @internal */
export const appendRow: Row = {
  name: 'append',
  async measure(run) {
    const count = TASKS[run.scale];
    const small = Math.min(count, TASKS.quick);
    const smallChain = shapeOf('chain').build(small);
    const chain = shapeOf('chain').build(count);
    const [ours, floor] = [await loadContestant('pullgraph'), await loadContestant('floor')];
    run.progress(`append: timing ${count} tasks`);
    const samples = await interleave(
      [
        {
          name: 'appended',
          small: { tasks: small, run: () => runAppended(small, noop) },
          operation: async () => ((await timed(() => runAppended(count, noop))) * 1_000) / count,
        },
        {
          name: 'chain',
          small: smallGraph(ours, smallChain, CONCURRENCY),
          operation: () => timePerTask(ours, chain, CONCURRENCY),
        },
        { name: 'floor, chain', operation: () => timePerTask(floor, chain, CONCURRENCY) },
      ],
      effortOf(run, BUDGET_MS),
    );
    return {
      tables: [
        ratioTable(
          `Append: ${count.toLocaleString('en')} tasks, one by one, to the end of a running chain`,
          'µs per task',
          samples,
          'appended',
        ),
      ],
      figures: [
        { target: 'append', ...pairedRatio(samples, 'appended', 'chain') },
        { target: 'append / floor', ...pairedRatio(samples, 'appended', 'floor, chain') },
      ],
    };
  },
};

/**
 * Appends `count` tasks to a chain that runs meanwhile. `task(i)` makes the function of task i, which is given the value of
 * the one before.
 *
 * @internal
 */
export async function runAppended(count: number, task: (index: number) => Task): Promise<void> {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('bench', { concurrency: CONCURRENCY });
  scheduler.start();
  const handles: Handle<number>[] = [];
  let last = queue.submit(task(0));
  handles.push(last);
  for (let index = 1; index < count; index += 1) {
    // Ends the stretch, so that the scheduler sees a change of one task.
    await Promise.resolve();
    last = queue.submit(task(index), last);
    handles.push(last);
  }
  await scheduler.wait();
  await scheduler.close();
  if (last.state !== 'done') throw new Error(`the last task is ${last.state}`);
}
