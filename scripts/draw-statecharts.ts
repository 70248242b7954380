/** Draws the statecharts of machines/ into docs/task-lifecycle.md. test/docs/lifecycle-diagrams.test.ts says when it is due. */
import { readFileSync, writeFileSync } from 'node:fs';
import { queueMachine } from '../machines/queue.js';
import { schedulerMachine } from '../machines/scheduler.js';
import { taskMachine } from '../machines/task.js';
import { statechartMermaid } from '../src/inspect/export/statechart-mermaid.js';
import { withDiagrams } from './statechart-diagram.js';

const PAGE = new URL('../docs/task-lifecycle.md', import.meta.url);

const diagrams = new Map(
  [taskMachine, queueMachine, schedulerMachine].flatMap((machine) => [...statechartMermaid(machine)]),
);
writeFileSync(PAGE, withDiagrams(readFileSync(PAGE, 'utf8'), diagrams));
console.log(`drawn: ${[...diagrams.keys()].join(', ')}`);
