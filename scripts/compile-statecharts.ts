/** Writes the tables of machines/ to src/runtime/statecharts/tables.ts. test/runtime/compile.test.ts says when it is due. */
import { writeFileSync } from 'node:fs';
import { queueMachine } from '../machines/queue.js';
import { schedulerMachine } from '../machines/scheduler.js';
import { taskMachine } from '../machines/task.js';
import { tablesModule } from './statecharts/tables-module.js';

const text = tablesModule([taskMachine, queueMachine, schedulerMachine]);
writeFileSync(new URL('../src/runtime/statecharts/tables.ts', import.meta.url), text);
