/** The final report: the gain from demand order, and the numbers. */
import type { Instrument } from './instrument.js';
import type { Run } from './pipeline.js';
import type { Settings } from './settings.js';

/** The two runs side by side: when final results came, and how much work went before the first. */
export function compareRuns(demand: Run, submission: Run, { matrices }: Settings): string {
  const runs = [demand, submission];
  const rows: readonly (readonly [string, ...string[]])[] = [
    ['', 'demand order', 'submission order'],
    ['first final result', ...runs.map((run) => arrival(run, 0))],
    ['first 10 % of the final results', ...runs.map((run) => arrival(run, 0.1))],
    ['last final result', ...runs.map((run) => arrival(run, 1))],
    [
      'matrices acquired before the first product',
      ...runs.map((run) => `${run.doneBeforeFirstProduct.matrix} of ${matrices}`),
    ],
    [
      'inverses computed before the first product',
      ...runs.map((run) => `${run.doneBeforeFirstProduct.inverse} of ${matrices}`),
    ],
  ];
  return rows.map(([label, ...cells]) => label.padEnd(44) + cells.map((cell) => cell.padStart(20)).join('')).join('\n');
}

/** The checks on the numbers, and which of the windows of weather are the most and the least alike. */
export function describeResults(demand: Run, submission: Run, instrument: Instrument, { matrices }: Settings): string {
  const agreeing = demand.deviations.filter((deviation, k) => deviation === submission.deviations[k]).length;
  const pairs = demand.deviations.map((deviation, k) => ({ deviation, i: Math.floor(k / matrices), j: k % matrices }));
  const residuals = pairs.filter(({ i, j }) => i === j).map(({ deviation }) => deviation);
  const unlike = pairs.filter(({ i, j }) => i !== j).sort((a, b) => a.deviation - b.deviation);
  const lines = [
    `final results: ${pairs.length}, the same in both orders: ${agreeing}`,
    `largest residual of an inverse: ${Math.max(...residuals).toExponential(1)}`,
  ];
  for (const [name, pair] of [
    ['most', unlike[0]],
    ['least', unlike.at(-1)],
  ] as const) {
    if (pair === undefined) continue;
    const [first, second] = [pair.i, pair.j].map((channel) => instrument.startOf(channel));
    lines.push(`${name} alike: the weather from ${first} and from ${second}, deviation ${pair.deviation.toFixed(3)}`);
  }
  return lines.join('\n');
}

function arrival({ arrivalsMs }: Run, share: number): string {
  const place = Math.max(Math.ceil(share * arrivalsMs.length) - 1, 0);
  const ms = arrivalsMs[place] ?? Number.NaN;
  const ofTotal = Math.round((100 * ms) / (arrivalsMs.at(-1) ?? Number.NaN));
  return `${(ms / 1000).toFixed(2)} s ${String(ofTotal).padStart(4)} %`;
}
