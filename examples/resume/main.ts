/**
 * Kills a program in the middle and runs it again: what was done is restored from the store. Then one day's measurement is corrected, and
 * only what depends on it is made anew. Four years of weather are averaged by month and by year.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Scheduler } from 'pullgraph';
import { sqliteStore } from 'pullgraph/store';
import { readSeries } from '../data/vega-series.js';
import { meanOfMonth, meanOfYear, report } from './months.js';

/** The first run is killed when so many tasks are done. */
const DONE_BEFORE_KILL = 20;

const [role, file = '', corrected = ''] = process.argv.slice(2);
if (role === 'run') await run(file, corrected);
else await killAndResume();

/** The program: the same every time. `day` is the date of a measurement that is corrected by a degree. */
async function run(path: string, day: string): Promise<void> {
  const scheduler = new Scheduler({ store: sqliteStore(path), durability: 'each' });
  const work = scheduler.queue('work', { concurrency: 1, store: true });
  const counts = { restored: 0, ran: 0 };
  scheduler.on('restored', () => void (counts.restored += 1));
  scheduler.on('settled', ({ attempt }) => {
    if (attempt === 0) return;
    counts.ran += 1;
    console.log('done');
  });
  const { dates, values } = readSeries('seattle-weather.csv', 'temp_max');
  const place = dates.indexOf(day);
  if (place >= 0) values[place] = (values[place] ?? 0) + 1;
  const months = [...new Set(dates.map((date) => date.slice(0, 7)))];
  const means = months.map((month) =>
    work.submit(
      meanOfMonth,
      month,
      values.filter((_, index) => dates[index]?.startsWith(month)),
    ),
  );
  const years = [...new Set(months.map((month) => month.slice(0, 4)))].map((year) =>
    work.submit(
      meanOfYear,
      year,
      means.filter((_, index) => months[index]?.startsWith(year)),
    ),
  );
  const end = work.submit(report, years);
  scheduler.start();
  console.log(`mean maximum by year: ${await end.result()}; restored ${counts.restored}, ran ${counts.ran}`);
  await scheduler.close();
}

async function killAndResume(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pullgraph-resume-'));
  const path = join(folder, 'run.db');
  try {
    console.log(`killed: ${await life(path, '', DONE_BEFORE_KILL)}`);
    console.log(`resumed: ${await life(path, '')}`);
    console.log(`again: ${await life(path, '')}`);
    console.log(`one day corrected: ${await life(path, '2014-07-14')}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs the program in a process of its own, which is killed when so many tasks are done. Returns its last line. */
async function life(path: string, day: string, most = Number.POSITIVE_INFINITY): Promise<string> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), 'run', path, day];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let done = 0;
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'done') last = line;
    else if ((done += 1) === most) child.kill('SIGKILL');
  }
  await ended;
  return last === '' ? `after ${most} tasks` : last;
}
