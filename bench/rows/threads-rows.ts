/**
 * Worker threads: pullgraph's queue of threads against piscina alone with the same functions, and typed arrays with and
 * without shared memory. Workers are up and warm before timing starts, and live for the whole row.
 */
import { Piscina } from 'piscina';
import { type Handle, type Queue, Scheduler } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import { interleave, pairedRatio, type Repeated, spreadOf, timed, type Trial } from '../measure.js';
import { figure, range, ratioTable, type Table } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Run, type Scale } from '../row.js';
import type { TargetId } from '../targets.js';
import * as functions from '../thread-functions.mjs';

const FUNCTIONS = new URL('../thread-functions.mjs', import.meta.url);
const THREADS = 2;
/** Longer than any pause, so that no worker ends during a row. */
const IDLE_MS = 600_000;
const WORKLOAD = `${THREADS} threads, ${CONCURRENCY} slots`;

const CPU_TASKS: Readonly<Record<Scale, number>> = { full: 10_000, quick: 500, tiny: 10 };
const NOOP_TASKS: Readonly<Record<Scale, number>> = { full: 50_000, quick: 2_000, tiny: 20 };
const DEPENDENTS: Readonly<Record<Scale, number>> = { full: 1_000, quick: 200, tiny: 16 };
/** 80 KB of 64-bit floats. */
const ARRAY_LENGTH = 10_000;

/** @internal */
export const threadsCpuRow: Row = {
  name: 'threads-cpu',
  async measure(run) {
    const iterations = iterationsPerMs();
    return againstPiscina(run, {
      target: 'threads cpu',
      title: `Threads: ${CPU_TASKS[run.scale].toLocaleString('en')} tasks of about 1 ms of CPU, ${WORKLOAD}`,
      tasks: CPU_TASKS[run.scale],
      fn: functions.work,
      argument: () => iterations,
      budgetMs: 35_000,
    });
  },
};

/** @internal */
export const threadsNoopRow: Row = {
  name: 'threads-noop',
  async measure(run) {
    return againstPiscina(run, {
      target: 'threads no-op',
      title: `Threads: ${NOOP_TASKS[run.scale].toLocaleString('en')} no-op tasks, ${WORKLOAD}`,
      tasks: NOOP_TASKS[run.scale],
      fn: functions.nothing,
      argument: (index) => index,
      budgetMs: 12_000,
    });
  },
};

interface Contest {
  readonly target: TargetId;
  readonly title: string;
  readonly tasks: number;
  readonly fn: (argument: number) => number;
  readonly argument: (index: number) => number;
  readonly budgetMs: number;
}

async function againstPiscina(run: Run, { target, title, tasks, fn, argument, budgetMs }: Contest) {
  const { scheduler, queue } = openThreads(false);
  const pool = new Piscina({
    filename: FUNCTIONS.href,
    minThreads: THREADS,
    maxThreads: THREADS,
    idleTimeout: IDLE_MS,
    recordTiming: false,
  });
  // Both must arrive at the same sum.
  const withPullgraph = async (count: number): Promise<number> => {
    const handles: Handle<number>[] = [];
    for (let index = 0; index < count; index += 1) handles.push(queue.submit(fn, argument(index)));
    await scheduler.wait();
    return sum(await Promise.all(handles.map((handle) => handle.result())));
  };
  const withPiscina = async (count: number): Promise<number> => {
    const promises: Promise<number>[] = [];
    const options = { name: fn.name };
    for (let index = 0; index < count; index += 1) promises.push(pool.run(argument(index), options) as Promise<number>);
    return sum(await Promise.all(promises));
  };
  const few = Math.min(tasks, 500);
  const sums = [await withPullgraph(few), await withPiscina(few)];
  if (sums[0] !== sums[1]) throw new Error(`expected the same results, got ${sums.join(' and ')}`);

  run.progress(title);
  const trial = (name: string, once: (count: number) => Promise<number>): Trial => ({
    name,
    small: { tasks: few, run: () => once(few) },
    operation: async () => ((await timed(() => once(tasks))) * 1_000) / tasks,
  });
  const trials = [trial('pullgraph', withPullgraph), trial('piscina', withPiscina)];
  const samples = await interleave(trials, effortOf(run, budgetMs));
  await Promise.all([scheduler.close(), pool.destroy()]);
  return {
    tables: [ratioTable(title, 'µs per task', samples, 'pullgraph')],
    figures: [{ target, ...pairedRatio(samples, 'pullgraph', 'piscina') }],
  };
}

/** @internal */
export const threadsShareRow: Row = {
  name: 'threads-share',
  async measure(run) {
    const count = DEPENDENTS[run.scale];
    const pools = { shared: openThreads(true), copied: openThreads(false) };
    const few = Math.min(count, 100);
    run.progress(`threads-share: ${count} dependents`);
    const perDependent = async (operation: () => Promise<void>): Promise<number> =>
      ((await timed(operation)) * 1_000) / count;
    const trials = Object.entries(pools).flatMap(([name, { queue }]): Trial[] => [
      {
        name: `to all, ${name}`,
        small: { tasks: few, run: () => fanOut(queue, few) },
        operation: () => perDependent(() => fanOut(queue, count)),
      },
      {
        name: `in line, ${name}`,
        small: { tasks: few, run: () => handOn(queue, few) },
        operation: () => perDependent(() => handOn(queue, count)),
      },
    ]);
    const samples = await interleave(trials, effortOf(run, 10_000));
    await Promise.all(Object.values(pools).map(({ scheduler }) => scheduler.close()));
    const toAll = pairedRatio(samples, 'to all, shared', 'to all, copied');
    const inLine = pairedRatio(samples, 'in line, shared', 'in line, copied');
    const median = (name: string): string => figure(spreadOf(samples.get(name) ?? []).median);
    const table: Table = {
      title: `Threads: arrays of 80 KB through ${count.toLocaleString('en')} dependents, ${WORKLOAD}`,
      columns: ['', 'µs per dependent, shared', 'copied', 'shared / copied', 'min … max'],
      rows: [
        line('one array, read by all', 'to all', toAll),
        line('arrays passed from one to the next', 'in line', inLine),
      ],
      notes: [`Medians of ${toAll.repetitions} interleaved runs; ratios are medians of paired runs.`],
    };
    return { tables: [table], figures: [{ target: 'threads share', ...toAll }] };

    function line(what: string, way: string, { spread }: Repeated): string[] {
      return [what, median(`${way}, shared`), median(`${way}, copied`), figure(spread.median), range(spread)];
    }
  },
};

/** One array, read by `count` dependents. */
async function fanOut(queue: Queue, count: number): Promise<void> {
  const source = queue.submit(functions.ramp, ARRAY_LENGTH);
  const handles = Array.from({ length: count }, (_, index) => queue.submit(functions.pick, source, index));
  const last = (await Promise.all(handles.map((handle) => handle.result()))).at(-1);
  if (last !== count - 1) throw new Error(`expected ${count - 1}, got ${last}`);
}

/** As many arrays as slots, each passed from dependent to dependent, `count` dependents in all. */
async function handOn(queue: Queue, count: number): Promise<void> {
  const steps = Math.floor(count / CONCURRENCY);
  const ends = Array.from({ length: CONCURRENCY }, () => {
    let last: Handle<Float64Array> = queue.submit(functions.ramp, ARRAY_LENGTH);
    for (let done = 0; done < steps; done += 1) last = queue.submit(functions.step, last);
    return last;
  });
  const first = (await ends[0]?.result())?.[0];
  await Promise.all(ends.map((end) => end.result()));
  if (first !== steps) throw new Error(`expected ${steps}, got ${first}`);
}

function openThreads(share: boolean): { readonly scheduler: Scheduler; readonly queue: Queue } {
  const scheduler = new Scheduler();
  const executor = threads(FUNCTIONS, { size: THREADS, share, idleMs: IDLE_MS });
  const queue = scheduler.queue('threads', { concurrency: CONCURRENCY, executor });
  scheduler.start();
  return { scheduler, queue };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The number of iterations of `work` that take this processor about 1 ms. */
function iterationsPerMs(): number {
  const iterations = 1_000_000;
  functions.work(iterations);
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 5; time += 1) {
    const begin = performance.now();
    functions.work(iterations);
    fastestMs = Math.min(fastestMs, performance.now() - begin);
  }
  return Math.round(iterations / fastestMs);
}
