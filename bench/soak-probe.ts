/** Run in a fresh process by the benchmark: `soak-probe.ts <plan>` prints the result of the flow; both are JSON. */
import { writeSync } from 'node:fs';
import { soak, type SoakPlan } from './soak.js';

const plan = JSON.parse(process.argv[2] ?? '') as SoakPlan;
writeSync(1, JSON.stringify(await soak(plan)));
