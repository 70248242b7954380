/**
 * Run in a fresh process by the benchmark: `heap-probe.ts <contestant> <workload> <size>` prints the bytes per pending
 * task and exits without running the tasks.
 */
import { writeSync } from 'node:fs';
import { noop } from './contestants/contestant.js';
import { loadContestant } from './contestants/index.js';
import { pendingBytesPerTask } from './measure.js';
import { CONCURRENCY } from './row.js';
import { shapeOf } from './rows/shapes.js';

const [contestantName = '', shapeName = '', size = ''] = process.argv.slice(2);
const contestant = await loadContestant(contestantName);
const shape = shapeOf(shapeName);
// A small run first, so that code and shared tables do not count as memory of the tasks.
const small = shape.build(Math.min(Number(size), shape.sizes.quick));
await contestant.submit({ graph: small, concurrency: CONCURRENCY, task: noop })();
const graph = shape.build(Number(size));
const bytes = await pendingBytesPerTask(contestant, { graph, concurrency: CONCURRENCY, task: noop });
writeSync(1, String(bytes));
process.exit(0);
