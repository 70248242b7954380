/**
 * Runs functions that may crash or never end in separate processes. Most of many equations are solved; some crash the
 * solver's process, and some keep it spinning until they time out. Each fails alone, and the rest continue.
 */
import { parseArgs } from 'node:util';
import { outcomeKind, Scheduler } from 'pullgraph';
import { processes } from 'pullgraph/executors';
import { type Cubic, root, steps } from './solver.js';

const { values: options } = parseArgs({ options: { 'timeout-ms': { type: 'string', default: '3000' } } });
/** Long enough for every root that can be found, including the start of a process. */
const timeoutMs = Number(options['timeout-ms']);

const GOOD: readonly Cubic[] = Array.from({ length: 12 }, (_, n) => ({ b: n + 1, c: -n }));
const CRASHING: Cubic = { b: 0, c: 1 };
/** From 0 to 1, and from 1 to 0. */
const CIRCLING: Cubic = { b: -2, c: 2 };

await using scheduler = new Scheduler();
const solver = scheduler.queue('solver', {
  concurrency: 2,
  executor: processes(new URL('./solver.ts', import.meta.url), { size: 2, graceMs: 100 }),
});

const equations = [...GOOD.slice(0, 6), CRASHING, CIRCLING, ...GOOD.slice(6)];
const roots = equations.map((equation) => solver.submit({ timeoutMs }, root, equation));
const path = solver.submit(steps, { b: 1, c: -10 });

scheduler.start();
const counts = new Map<string, number>();
let largestResidual = 0;
for (const [index, handle] of roots.entries()) {
  const outcome = await handle.settled();
  const kind = outcomeKind(outcome);
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const equation = equations[index];
  if (outcome.status !== 'done' || equation === undefined) continue;
  const x = outcome.result;
  largestResidual = Math.max(largestResidual, Math.abs(x ** 3 + equation.b * x + equation.c));
}
console.log(`ends: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
console.log(`largest residual: ${largestResidual.toExponential(0)}`);
const way = await path.result();
console.log(`steps to the root of x³ + x - 10: ${way.length}, the last ${way.at(-1)?.toFixed(6)}`);
await scheduler.wait();
