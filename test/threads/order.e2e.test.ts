/** When attempts begin: in order, on demand, as many at a time as there are workers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessagePort } from 'node:worker_threads';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { END_SESSION, RUN } from '../../src/executors/threads/messages.js';
import type { RecordedAttempt } from '../support/recorded-attempt.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import * as arithmetic from './fixtures/arithmetic.js';
import * as gates from './fixtures/gates.js';
import { fixture, reaches, sharedCells, type TestedPool, testedPool } from './run-in-threads.js';

test('attempts begin in the order in which they came, however many wait', async () => {
  const pool = testedPool('gates.js', { size: 1 });
  const cells = sharedCells(2);
  const attempts = Array.from({ length: 300 }, () => pool.run(gates.takeTicket, cells));
  const tickets = await Promise.all(attempts.map((attempt) => attempt.value()));
  expect(tickets).toEqual(attempts.map((_, index) => index));
});

test('as many attempts run at a time as the pool has workers, each in a worker of its own', async () => {
  const pool = testedPool('gates.js', { size: 2 });
  const cells = sharedCells(2);
  const attempts = Array.from({ length: 4 }, () => pool.run(gates.threadAtGate, cells));
  await reaches(cells, 0, 2);
  gates.openGate(cells);
  const used = await Promise.all(attempts.map((attempt) => attempt.value()));
  expect(new Set(used).size).toBe(2);
});

test('an attempt that waits is not held up by one that runs long, as long as a worker is free', async () => {
  const pool = testedPool('gates.js', { size: 2 });
  const [blocked, free] = [sharedCells(2), sharedCells(2)];
  const long = pool.run(gates.passGate, blocked);
  await reaches(blocked, 0, 1);
  for (let index = 0; index < 20; index++) expect(await pool.run(gates.takeTicket, free).value()).toBe(index);
  gates.openGate(blocked);
  expect(await long.value()).toBe(1);
});

test('a worker is used again, and one is enough for what comes one after another', async () => {
  const pool = testedPool('arithmetic.js', { size: 2 });
  const used = new Set<unknown>();
  for (let index = 0; index < 10; index++) used.add(await pool.run(arithmetic.whichThread).value());
  expect(used.size).toBe(1);
});

describe('an attempt that is given to a worker ahead', () => {
  test('is sent while the worker runs another', async () => {
    const pool = testedPool('gates.js', { size: 1 });
    const [gate, tickets] = [sharedCells(2), sharedCells(2)];
    const running = pool.run(gates.passGate, gate);
    await reaches(gate, 0, 1);
    const post = vi.spyOn(MessagePort.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    const next = pool.run(gates.takeTicket, tickets);
    expect(post.mock.calls).toMatchObject([[[RUN, [{ 1: 'takeTicket', 3: next.id }]]]]);
    expect(next.ends).toEqual([]);
    gates.openGate(gate);
    expect(await Promise.all([running.value(), next.value()])).toEqual([1, 0]);
  });

  test('goes to another worker that comes to rest while its own is held up', async () => {
    const pool = testedPool('gates.js', { size: 2 });
    const tickets = sharedCells(2);
    const { held, open } = await twoHeldUp(pool);
    const ahead = [pool.run(gates.takeTicket, tickets), pool.run(gates.takeTicket, tickets)];
    open();
    const taken = await Promise.all(ahead.map((attempt) => attempt.value()));
    expect(new Set(taken)).toEqual(new Set([0, 1]));
    expect(held.ends).toEqual([]);
  });

  test('goes to a new worker when the one has ended that was ending as it came', async () => {
    const pool = testedPool('gates.js', { size: 2 });
    const [gate, tickets] = [sharedCells(2), sharedCells(2)];
    const held = pool.run(gates.passGate, gate);
    onTestFinished(() => gates.openGate(gate));
    await reaches(gate, 0, 1);
    expect(await pool.run(gates.takeTicket, tickets).value()).toBe(0);
    const next = await new Promise<RecordedAttempt>((resolve) => {
      const post = vi.spyOn(MessagePort.prototype, 'postMessage');
      onTestFinished(() => post.mockRestore());
      post.mockImplementationOnce(function (this: MessagePort, message: unknown) {
        // The session without work is no idle one any more, and goes on until its worker hears of that.
        expect(message).toEqual([END_SESSION]);
        resolve(pool.run(gates.takeTicket, tickets));
        this.postMessage(message);
      });
    });
    expect(await next.value()).toBe(1);
    expect(held.ends).toEqual([]);
  });

  test('is shared also if its own worker has not begun anything yet', async () => {
    const folder = temporaryFolder();
    const name = `deaf-when-ready.js?${encodeURIComponent(folder)}`;
    const pool = testedPool(name, { size: 2 });
    const { passGate } = (await import(fixture(name).href)) as typeof gates;
    const posted = vi.spyOn(MessagePort.prototype, 'postMessage');
    onTestFinished(() => posted.mockRestore());
    const ports = (): unknown[] => posted.mock.contexts.filter((_, call) => isRun(posted.mock.calls[call]?.[0]));
    const cells = sharedCells(2);
    const pair = [pool.run(passGate, cells), pool.run(passGate, cells)];
    // Both attempts are given to the worker that is ready and deaf; then the other one is ready.
    await until(() => ports().length === 2);
    writeFileSync(join(folder, 'given'), '');
    await until(() => ports().length === 4);
    writeFileSync(join(folder, 'go'), '');
    onTestFinished(() => gates.openGate(cells));
    const [first, second, ...again] = ports();
    expect(first).toBe(second);
    expect(new Set(again).size).toBe(2);
    await reaches(cells, 0, 2);
    gates.openGate(cells);
    await Promise.all(pair.map((attempt) => attempt.value()));
  });

  test('is not overtaken by many while its own worker is held up', async () => {
    const pool = testedPool('gates.js', { size: 2 });
    const tickets = sharedCells(2);
    const { held, open } = await twoHeldUp(pool);
    const attempts = Array.from({ length: 400 }, () => pool.run(gates.takeTicket, tickets));
    open();
    const taken = await Promise.all(attempts.map((attempt) => attempt.value()));
    // Overtaken by 64 in the line at the most, and by what the other worker had been given then.
    for (const [index, ticket] of taken.entries()) expect(Number(ticket) - index).toBeLessThanOrEqual(64 + 2 * 16);
    expect(held.ends).toEqual([]);
  });
});

const isRun = (message: unknown): boolean => Array.isArray(message) && message[0] === RUN;

/** Resolves when `isSo`, while the event loop goes on. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => void setImmediate(resolve));
}

/** Holds up both workers of `pool`, one until `open` is called, the other until the end of the test. */
async function twoHeldUp(pool: TestedPool): Promise<{ readonly held: RecordedAttempt; readonly open: () => void }> {
  // The first pair brings the workers up, and each of them has ended an attempt by then.
  const [both, first, second] = [sharedCells(2), sharedCells(2), sharedCells(2)];
  const pair = [pool.run(gates.passGate, both), pool.run(gates.passGate, both)];
  await reaches(both, 0, 2);
  gates.openGate(both);
  await Promise.all(pair.map((attempt) => attempt.value()));
  const held = pool.run(gates.passGate, first);
  // By the time that this one has begun the other worker is known to rest.
  await reaches(first, 0, 1);
  pool.run(gates.passGate, second);
  await reaches(second, 0, 1);
  onTestFinished(() => gates.openGate(first));
  return { held, open: () => gates.openGate(second) };
}
