/** The cost of keeping outcomes in a file, and what is gained when they are restored from it. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Handle, Scheduler } from 'pullgraph';
import { sqliteStore } from 'pullgraph/store';
import { interleave, pairedRatio, repeated, spreadOf, timed, type Trial } from '../measure.js';
import { figure, range, type Table } from '../report.js';
import { CONCURRENCY, effortOf, type Row, type Scale } from '../row.js';

const TASKS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 5_000, tiny: 50 };
const RECORDS: Readonly<Record<Scale, number>> = { full: 1_000_000, quick: 20_000, tiny: 100 };
const BUDGET_MS = 30_000;

/** Kept, a closure would need a version. */
const same = async (index: number): Promise<number> => index;

/** @internal */
export const storeRow: Row = {
  name: 'store',
  async measure(run) {
    const folder = await mkdtemp(join(tmpdir(), 'pullgraph-bench-'));
    try {
      const count = TASKS[run.scale];
      run.progress(`store: ${count} tasks`);
      let files = 0;
      const fresh = (): string => join(folder, `${(files += 1)}.db`);
      const present = fresh();
      await runKept(count, present);
      const few = Math.min(count, TASKS.quick);
      const trial = (name: string, path: () => string | undefined): Trial => ({
        name,
        small: { tasks: few, run: () => runKept(few, path() === undefined ? undefined : fresh()) },
        operation: async () => ((await timed(() => runKept(count, path()))) * 1_000) / count,
      });
      const trials = [trial('not kept', () => undefined), trial('kept', fresh), trial('restored', () => present)];
      const samples = await interleave(trials, effortOf(run, BUDGET_MS));
      const [plain = [], kept = []] = ['not kept', 'kept'].map((name) => samples.get(name));
      const more = repeated(kept.map((each, repetition) => each - (plain[repetition] ?? Number.NaN)));
      const table: Table = {
        title: `Store: ${count.toLocaleString('en')} independent no-op tasks over a file`,
        columns: ['', 'µs per task', 'min … max', 'runs'],
        rows: [...samples].map(([name, all]) => {
          const spread = spreadOf(all);
          return [name, figure(spread.median), range(spread), String(all.length)];
        }),
        notes: ['Opening, submission, the last commit and closing count. Batches; all records of a run fit its file.'],
      };
      run.progress(`store: ${RECORDS[run.scale]} records`);
      return {
        tables: [table, await resumed(RECORDS[run.scale], fresh())],
        figures: [
          { target: 'store kept', ...pairedRatio(samples, 'kept', 'not kept') },
          { target: 'store more', ...more },
          { target: 'store restored', ...pairedRatio(samples, 'restored', 'kept') },
        ],
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Runs so many tasks over the store in that file, or without one; or restores them. */
async function runKept(count: number, path: string | undefined): Promise<void> {
  const scheduler = new Scheduler(path === undefined ? {} : { store: sqliteStore(path) });
  const handles = submitted(scheduler, count);
  scheduler.start();
  await scheduler.wait();
  await scheduler.close();
  if (handles.some(({ state }) => state !== 'done')) throw new Error('not all tasks are done');
}

function submitted(scheduler: Scheduler, count: number): Handle<number>[] {
  const queue = scheduler.queue('bench', { concurrency: CONCURRENCY });
  return Array.from({ length: count }, (_, index) => queue.submit({ key: `task ${index}` }, same, index));
}

/** A program that is started again when all of its tasks but the last are done. */
async function resumed(count: number, path: string): Promise<Table> {
  await runKept(count - 1, path);
  const { size } = await stat(path);
  let scheduler: Scheduler | undefined;
  const ms = await timed(async () => {
    scheduler = new Scheduler({ store: sqliteStore(path) });
    const last = submitted(scheduler, count).at(-1);
    const started = new Promise<void>((resolve) => {
      scheduler?.on('task', ({ state }) => state === 'running' && resolve());
    });
    scheduler.start();
    await started;
    if (last?.state !== 'running') throw new Error(`expected the last task to run, it is ${last?.state}`);
  });
  await scheduler?.close();
  return {
    title: `Resume: ${count.toLocaleString('en')} tasks, all but the last of which are done`,
    columns: ['', 'figure'],
    rows: [
      ['seconds until the last task starts', figure(ms / 1_000)],
      ['µs per task', figure((ms * 1_000) / count)],
      ['bytes of the file per record', figure(size / (count - 1))],
    ],
    notes: ['One run. From opening the store on: every task is submitted again, and found.'],
  };
}
