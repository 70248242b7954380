/** When attempts begin: in order, on demand, as many at a time as there are workers. */
import { expect, test } from 'vitest';
import * as arithmetic from './fixtures/arithmetic.js';
import * as gates from './fixtures/gates.js';
import { reaches, sharedCells, testedPool } from './run-in-threads.js';

test('attempts begin in the order in which they came, however many wait', async () => {
  const pool = testedPool('gates.ts', { size: 1 });
  const cells = sharedCells(2);
  const attempts = Array.from({ length: 300 }, () => pool.run(gates.takeTicket, cells));
  const tickets = await Promise.all(attempts.map((attempt) => attempt.value()));
  expect(tickets).toEqual(attempts.map((_, index) => index));
});

test('as many attempts run at a time as the pool has workers, each in a worker of its own', async () => {
  const pool = testedPool('gates.ts', { size: 2 });
  const cells = sharedCells(2);
  const attempts = Array.from({ length: 4 }, () => pool.run(gates.threadAtGate, cells));
  await reaches(cells, 0, 2);
  gates.openGate(cells);
  const used = await Promise.all(attempts.map((attempt) => attempt.value()));
  expect(new Set(used).size).toBe(2);
});

test('an attempt that waits is not held up by one that runs long, as long as a worker is free', async () => {
  const pool = testedPool('gates.ts', { size: 2 });
  const [blocked, free] = [sharedCells(2), sharedCells(2)];
  const long = pool.run(gates.passGate, blocked);
  await reaches(blocked, 0, 1);
  for (let index = 0; index < 20; index++) expect(await pool.run(gates.takeTicket, free).value()).toBe(index);
  gates.openGate(blocked);
  expect(await long.value()).toBe(1);
});

test('a worker is used again, and one is enough for what comes one after another', async () => {
  const pool = testedPool('arithmetic.ts', { size: 2 });
  const used = new Set<unknown>();
  for (let index = 0; index < 10; index++) used.add(await pool.run(arithmetic.whichThread).value());
  expect(used.size).toBe(1);
});
