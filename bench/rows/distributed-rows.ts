/**
 * Workers over Redis: no-op tasks and partial results against raw BullMQ, and what a task takes of the scheduler, of Redis and of a worker.
 * With these costs a fleet of up to 1,000 workers is simulated. Redis and all workers are processes beside this one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { redisServer } from '../../test/distributed/redis-server.js';
import { rawQueue } from '../distributed/bullmq.js';
import { type Spent, startCrew } from '../distributed/crew.js';
import { type FleetCosts, simulateFleet } from '../distributed/fleet.js';
import { interleave, pairedRatio, timed, type Trial } from '../measure.js';
import { figure, ratioTable, type Table } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Scale } from '../row.js';

const NOOP_TASKS: Readonly<Record<Scale, number>> = { full: 10_000, quick: 1_000, tiny: 20 };
const PARTIALS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 5_000, tiny: 50 };
const SHARE_TASKS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 2_000, tiny: 20 };
const SHARE_WORKERS: Readonly<Record<Scale, readonly number[]>> = { full: [1, 2, 4, 8], quick: [1, 4, 8], tiny: [1] };
/** The number of workers with which a full run makes all of the tasks, and a twentieth of them with the others. */
const MAIN_WORKERS = 4;
/** How long all wait without a task, to see what heartbeats take. */
const IDLE_MS: Readonly<Record<Scale, number>> = { full: 20_000, quick: 5_000, tiny: 50 };

/** @internal */
export const distributedRow: Row = {
  name: 'distributed',
  async measure(run) {
    const server = await redisServer();
    const tasks = NOOP_TASKS[run.scale];
    const few = Math.min(tasks, 500);
    const raw = await rawQueue(server.url, 1, CONCURRENCY);
    const own = await startCrew({ url: server.url, workers: 1, slots: CONCURRENCY, where: 'inline' });
    const threaded = await startCrew({ url: server.url, workers: 1, slots: CONCURRENCY, where: 'threads' });
    run.progress(`distributed: ${tasks} no-op tasks`);
    const contenders: Readonly<Record<string, (count: number) => Promise<number>>> = {
      pullgraph: (count) => own.run(count),
      'pullgraph, functions in threads': (count) => threaded.run(count),
      [`BullMQ, ${CONCURRENCY} jobs out`]: (count) => raw.run(count, CONCURRENCY),
      'BullMQ, all jobs out': (count) => raw.run(count, count),
    };
    const sums = await Promise.all(Object.values(contenders).map((once) => once(few)));
    if (new Set(sums).size !== 1) throw new Error(`expected the same results, got ${sums.join(', ')}`);
    const trials = Object.entries(contenders).map(
      ([name, once]): Trial => ({
        name,
        small: { tasks: few, run: () => once(few) },
        operation: async () => ((await timed(() => once(tasks))) * 1_000) / tasks,
      }),
    );
    const samples = await interleave(trials, effortOf(run, 60_000));
    const count = PARTIALS[run.scale];
    run.progress(`distributed: ${count} partial results`);
    const partials = await interleave(
      [
        {
          name: 'partial results a second',
          small: { tasks: 500, run: () => own.stream(500) },
          operation: async () => count / ((await timed(() => own.stream(count))) / 1_000),
        },
      ],
      effortOf(run, 10_000),
    );
    await Promise.all([raw.close(), own.close(), threaded.close()]);
    await server.close();
    const title = `Distributed: ${tasks.toLocaleString('en')} no-op tasks, one worker of ${CONCURRENCY} slots`;
    const [rate = Number.NaN] = [...(partials.get('partial results a second') ?? [])].toSorted((a, b) => b - a);
    return {
      tables: [
        ratioTable(title, 'µs per task', samples, 'pullgraph'),
        {
          title: `Distributed: one generator of ${count.toLocaleString('en')} results`,
          columns: ['', 'results a second'],
          rows: [['best of all runs', figure(rate)]],
          notes: [],
        },
      ],
      figures: [
        { target: 'distributed no-op', ...pairedRatio(samples, 'pullgraph', `BullMQ, ${CONCURRENCY} jobs out`) },
      ],
    };
  },
};

/** @internal */
export const distributedFleetRow: Row = {
  name: 'distributed-fleet',
  async measure(run) {
    const server = await redisServer();
    const rows: string[][] = [];
    let costs: FleetCosts = { schedulerUs: 0, redisUs: 0, workerUs: 0, schedulerBeatUs: 0, redisBeatUs: 0 };
    const idle: { readonly workers: number; readonly spent: Spent }[] = [];
    for (const workers of SHARE_WORKERS[run.scale]) {
      const isMain = workers === MAIN_WORKERS || SHARE_WORKERS[run.scale].length === 1;
      const tasks = Math.ceil(SHARE_TASKS[run.scale] / (isMain ? 1 : 20));
      run.progress(`distributed-fleet: ${tasks} tasks, ${workers} workers`);
      const crew = await startCrew({ url: server.url, workers, slots: CONCURRENCY, where: 'inline' });
      await crew.run(Math.min(tasks, 2_000));
      await crew.spent();
      const ms = await timed(() => crew.run(tasks));
      const { scheduler, redis, workers: all } = await crew.spent();
      await pause(IDLE_MS[run.scale]);
      idle.push({ workers, spent: await crew.spent() });
      await crew.close();
      const perTask = { scheduler: scheduler / tasks, redis: redis / tasks, workers: all / tasks };
      if (isMain) {
        costs = { ...costs, schedulerUs: perTask.scheduler, redisUs: perTask.redis, workerUs: perTask.workers };
      }
      const shown = [perTask.scheduler, perTask.redis, perTask.workers, (ms * 1_000) / tasks].map(figure);
      const share = scheduler / (scheduler + redis + all);
      rows.push([`${workers}`, tasks.toLocaleString('en'), ...shown, `${figure(share * 100)} %`]);
    }
    await server.close();
    costs = { ...costs, ...beatsOf(idle, IDLE_MS[run.scale] / 1_000) };
    const beats = [figure(costs.schedulerBeatUs), figure(costs.redisBeatUs)];
    const idling = `Without tasks, each worker takes ${beats.join(' µs of the scheduler and ')} µs of Redis a second.`;
    return { tables: [measured(rows, idling), ...simulated(costs)], figures: [] };
  },
};

/** What one more worker takes a second: the slope, since Redis and the scheduler take something without any. */
function beatsOf(
  idle: readonly { readonly workers: number; readonly spent: Spent }[],
  seconds: number,
): Pick<FleetCosts, 'schedulerBeatUs' | 'redisBeatUs'> {
  const [few, many] = [idle[0], idle.at(-1)];
  if (few === undefined || many === undefined || few === many) return { schedulerBeatUs: 0, redisBeatUs: 0 };
  const slope = (what: 'scheduler' | 'redis'): number =>
    Math.max(0, (many.spent[what] - few.spent[what]) / (many.workers - few.workers) / seconds);
  return { schedulerBeatUs: slope('scheduler'), redisBeatUs: slope('redis') };
}

function measured(rows: readonly (readonly string[])[], idle: string): Table {
  return {
    title: `Distributed: processor time of a no-op task, workers of ${CONCURRENCY} slots`,
    columns: ['workers', 'tasks', 'scheduler, µs', 'Redis, µs', 'worker, µs', 'elapsed, µs', "scheduler's share"],
    rows,
    notes: ['Processor time includes garbage collection and other threads of the process; submission included.', idle],
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Tables of the simulated fleet, a table a length of task. @internal */
function simulated(costs: FleetCosts): Table[] {
  return [1_000, 10_000].map((taskMs) => ({
    title: `Distributed: a simulated fleet, ${CONCURRENCY} slots a worker, tasks of ${taskMs / 1_000} s`,
    columns: ['workers', 'tasks a second', 'slots busy', 'scheduler', 'Redis', 'limited by'],
    rows: [1, 10, 100, 300, 1_000].map((workers) => {
      const load = simulateFleet({ workers, slots: CONCURRENCY, taskMs }, costs);
      return [
        workers.toLocaleString('en'),
        figure(load.tasksPerSecond),
        percent(load.slots),
        percent(load.scheduler),
        percent(load.redis),
        load.bottleneck,
      ];
    }),
    notes: [
      'Costs as measured with the main number of workers; one processor each for scheduler, Redis and every worker.',
    ],
  }));
}
