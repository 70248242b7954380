/**
 * The main job: matrices acquired one at a time from a slow instrument, each inverted, and the product of every inverse
 * with every matrix computed in worker threads. Shows what demand order buys: the first final results come after the
 * first acquisitions, where submission order delivers none before the last.
 *
 * Run it smaller with `--matrices 20 --order 50 --acquisition-ms 10 --threads 2`, and watch it in a browser with
 * `--inspect`. `--otlp http://localhost:4318` sends the trace of the run in demand order to a collector.
 */
import { runInDemandOrder } from './demand-order.js';
import { closeInspector } from './inspector.js';
import { openInstrument } from './instrument.js';
import { compareRuns, describeResults } from './report.js';
import { readSettings } from './settings.js';
import { runInSubmissionOrder } from './submission-order.js';

const settings = readSettings(process.argv.slice(2));
const { matrices, order, threads } = settings;
const instrument = openInstrument(settings);
console.log(`${instrument.days} days of maximum temperature in Seattle: ${matrices} matrices of ${order}x${order}`);
console.log(
  `acquired one at a time, inverted, and all ${matrices ** 2} products computed on a queue of ${threads} threads\n`,
);

const demand = await runInDemandOrder(instrument, settings);
const submission = await runInSubmissionOrder(instrument, settings);
console.log(`\n${compareRuns(demand, submission, settings)}\n`);
console.log(describeResults(demand, submission, instrument, settings));
if (demand.inspector !== undefined) await closeInspector(demand.inspector);
