/**
 * Run in a fresh process by the benchmark: `cold-probe <contestant> <workload> <size>` does the work once and prints its
 * times as JSON. It loads that contestant only.
 */
import { writeSync } from 'node:fs';
import { timeCold } from './cold.js';
import { loadContestant } from './contestants/index.js';
import { CONCURRENCY } from './row.js';
import { shapeOf } from './rows/shapes.js';

const [contestantName = '', shapeName = '', size = ''] = process.argv.slice(2);
const contestant = await loadContestant(contestantName);
const graph = shapeOf(shapeName).build(Number(size));
writeSync(1, JSON.stringify(await timeCold(contestant, graph, CONCURRENCY)));
process.exit(0);
