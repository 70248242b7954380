/**
 * How the time per task grows with the number of tasks. In each repetition the small graph is run as often as it takes to
 * reach the number of tasks of the large one, so that both sides see as much garbage and as many interruptions.
 */
import { type Effort, interleave, pairedRatio, spreadOf, timePerTask, type Trial } from '../measure.js';
import { figure, range, type Table } from '../report.js';
import { CONCURRENCY, type Row, type Run } from '../row.js';
import { build, shapeOf } from './shapes.js';
import { warmUp } from './graph-row.js';

const FULL: Effort = { minRepetitions: 3, maxRepetitions: 9, budgetMs: 8_000 };
const QUICK: Effort = { minRepetitions: 3, maxRepetitions: 3, budgetMs: 1_000 };
const COMPARED = ['pullgraph', 'p-limit', 'floor'];

/** @internal */
export const growthRow: Row = {
  name: 'growth',
  async measure(run) {
    const small = run.quick ? 1_000 : 10_000;
    const large = run.quick ? 4_000 : 100_000;
    const rows: string[][] = [];
    for (const name of ['chain', 'layered', 'wide']) rows.push(...(await growth(run, name, small, large)));
    const table: Table = {
      title: `Growth: time per task at ${large.toLocaleString('en')} over ${small.toLocaleString('en')} tasks`,
      columns: ['', 'ratio', 'min … max', 'µs small', 'µs large'],
      rows,
      notes: ['Medians of paired runs.'],
    };
    return [table];
  },
};

async function growth(run: Run, name: string, small: number, large: number): Promise<string[][]> {
  const shape = shapeOf(name);
  const graphs = { small: build(shape.name, small), large: build(shape.name, large) };
  const contestants = run.contestants.filter((contestant) => COMPARED.includes(contestant.name));
  await warmUp(contestants, shape, run);
  run.progress(`growth: ${name}`);
  const trials = contestants.flatMap((contestant): Trial[] => [
    {
      name: `${contestant.name} small`,
      operation: async () => {
        const times = Math.round(large / small);
        let sum = 0;
        for (let time = 0; time < times; time += 1) sum += await timePerTask(contestant, graphs.small, CONCURRENCY);
        return sum / times;
      },
    },
    { name: `${contestant.name} large`, operation: () => timePerTask(contestant, graphs.large, CONCURRENCY) },
  ]);
  const samples = await interleave(trials, run.quick ? QUICK : FULL);
  return contestants.flatMap((contestant) => {
    const ratio = pairedRatio(samples, `${contestant.name} large`, `${contestant.name} small`);
    if (ratio === undefined) return [];
    const median = (size: string) => figure(spreadOf(samples.get(`${contestant.name} ${size}`) ?? []).median);
    return [[`${name}, ${contestant.name}`, figure(ratio.median), range(ratio), median('small'), median('large')]];
  });
}
