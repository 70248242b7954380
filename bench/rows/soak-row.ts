/** Memory in use after a long flow of tasks, in a fresh process. */
import { inFreshProcess } from '../measure.js';
import { figure, type Table } from '../report.js';
import type { Row, Scale } from '../row.js';
import type { SoakPlan, SoakResult } from '../soak.js';
import type { Figure } from '../targets.js';

const SOAK_PROBE = new URL('../soak-probe.ts', import.meta.url);

const PLANS: Readonly<Record<Scale, SoakPlan>> = {
  full: { tasks: 10_000_000, firstTasks: 100_000, maxInFlight: 1_000, limitMs: 180_000 },
  quick: { tasks: 100_000, firstTasks: 10_000, maxInFlight: 1_000, limitMs: 6_000 },
  tiny: { tasks: 2_000, firstTasks: 200, maxInFlight: 100, limitMs: 10_000 },
};

/** @internal */
export const soakRow: Row = {
  name: 'soak',
  async measure(run) {
    const plan = PLANS[run.scale];
    run.progress(`soak: ${plan.tasks} tasks`);
    const result = JSON.parse(await inFreshProcess(SOAK_PROBE, [JSON.stringify(plan)])) as SoakResult;
    const [first = Number.NaN, ...later] = result.bytes;
    const ratios = later.map((bytes) => bytes / first);
    const ratio = ratios.at(-1) ?? Number.NaN;
    const table: Table = {
      title: `Soak: ${result.tasksDone.toLocaleString('en')} tasks, at most ${plan.maxInFlight.toLocaleString('en')} in flight`,
      columns: ['', 'MB', 'over the first'],
      rows: [
        [`after the first ${plan.firstTasks.toLocaleString('en')}`, figure(first / 1e6), figure(1)],
        ['most, at any tenth of the way', figure(Math.max(...later) / 1e6), figure(Math.max(...ratios))],
        ['at the end', figure((later.at(-1) ?? Number.NaN) / 1e6), figure(ratio)],
      ],
      notes: [`${figure(result.microsecondsPerTask)} µs per task. Memory after a collection, with no task left.`],
    };
    const soaked: Figure = { target: 'soak', spread: { median: ratio, min: ratio, max: ratio }, repetitions: 1 };
    const shortfall = `timed out after ${result.tasksDone.toLocaleString('en')} of ${plan.tasks.toLocaleString('en')} tasks`;
    return { tables: [table], figures: [result.tasksDone < plan.tasks ? { ...soaked, shortfall } : soaked] };
  },
};
