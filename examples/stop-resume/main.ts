/**
 * Stops a pipeline midway, lists the files written so far, and resumes it. Four years of weather are split into one file per
 * month, each month is summarised in a file, and a report combines them. Files are created exclusively, so a task that ran
 * twice would fail.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scheduler } from 'pullgraph';
import { listMonths, splitMonth, summariseMonth, writeReport } from './months.js';

/** The pipeline is stopped after this many summaries. */
const SUMMARIES_BEFORE_STOP = 10;

const folder = await mkdtemp(join(tmpdir(), 'pullgraph-stop-resume-'));
try {
  await runPipeline();
} finally {
  await rm(folder, { recursive: true });
}

async function runPipeline(): Promise<void> {
  await using scheduler = new Scheduler();
  const split = scheduler.queue('split', { concurrency: 1 });
  const summarise = scheduler.queue('summarise', { concurrency: 2 });

  const months = listMonths();
  const summaries = months.map((month) => {
    const piece = split.submit({ id: `split ${month}` }, splitMonth, folder, month);
    return summarise.submit({ id: `summarise ${month}` }, summariseMonth, piece);
  });
  const report = summarise.submit({ id: 'report' }, writeReport, folder, summaries);

  const starts: string[] = [];
  scheduler.on('task', ({ id, state }) => {
    if (state === 'running') starts.push(id);
  });
  const stopped = new Promise<void>((resolve) => {
    let summarised = 0;
    scheduler.on('task', ({ queue, state }) => {
      if (queue !== 'summarise' || state !== 'done') return;
      summarised += 1;
      // Nothing new starts from here on; the promise settles when what is running has come to its end.
      if (summarised === SUMMARIES_BEFORE_STOP) resolve(scheduler.stop());
    });
  });

  scheduler.start();
  await stopped;
  console.log(`${scheduler.state}: ${await describeFolder()}, tasks started: ${starts.length}`);
  const next = summaries.find(({ state }) => state !== 'done');
  console.log(`why nothing goes on: ${next?.why().message}`);
  // Take all the time you need: as long as it is stopped, the folder stays as it is.
  console.log(`${scheduler.state}: ${await describeFolder()}, tasks started: ${starts.length}`);

  scheduler.start();
  await scheduler.wait();
  console.log(`${scheduler.state}: ${await describeFolder()}, tasks started: ${starts.length}`);
  console.log(`started more than once: ${starts.length - new Set(starts).size} of ${2 * months.length + 1} tasks`);
  const lines = (await readFile(await report.result(), 'utf8')).trim().split('\n');
  console.log(`report: ${lines.length - 1} months, ${lines[1]} to ${lines.at(-1)}`);
}

async function describeFolder(): Promise<string> {
  const names = await readdir(folder);
  const countOf = (ending: string) => names.filter((name) => name.endsWith(ending)).length;
  return `${countOf('.txt')} months, ${countOf('.json')} summaries, ${countOf('.csv')} reports`;
}
