/** The compiled tables are those of the statecharts. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { queueMachine } from '../../machines/queue.js';
import { schedulerMachine } from '../../machines/scheduler.js';
import { taskMachine } from '../../machines/task.js';
import { tablesModule } from '../../scripts/statecharts/tables-module.js';

test('the tables in src are those of the statecharts', () => {
  // Where this fails the statecharts have changed: npm run compile:statecharts.
  const file = new URL('../../src/runtime/statecharts/tables.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(tablesModule([taskMachine, queueMachine, schedulerMachine]));
});
