/** Attempts whose outcome is no longer wanted. */
import { describe, expect, test } from 'vitest';
import { TaskCancelled } from 'pullgraph';
import { CLAIM_WINDOW } from '../../src/executors/threads/session-cells.js';
import * as contexts from './fixtures/contexts.js';
import * as gates from './fixtures/gates.js';
import * as streams from './fixtures/streams.js';
import { reaches, sharedCells, testedPool } from './run-in-threads.js';

// Longer than a test may last: what ends sooner did not wait for it.
const NEVER_MS = 1_000_000;

describe('a function that asked for its signal', () => {
  test('is told why it is aborted, and ends by itself', async () => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
    const cells = sharedCells(1);
    const attempt = pool.run(contexts.reasonOfAbort, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, { code: 7 });
    expect(await attempt.value()).toEqual({ reason: { code: 7 } });
  });

  test('may fail with the reason, which is an error of its class there', async () => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
    const cells = sharedCells(1);
    const attempt = pool.run(contexts.untilAborted, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, new TaskCancelled('t', 'for a test'));
    const error = await attempt.error();
    expect(error).toBeInstanceOf(TaskCancelled);
    expect(error).toMatchObject({ code: 'TaskCancelled', cause: 'for a test' });
  });

  test('keeps its worker when it ends by itself', async () => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
    const before = await pool.run(contexts.whichThread).value();
    const cells = sharedCells(1);
    const attempt = pool.run(contexts.untilAborted, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, 'enough');
    await attempt.error();
    expect(await pool.run(contexts.whichThread).value()).toBe(before);
  });

  test('sees it also in a loop that never returns to the event loop, if it asks again', async () => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
    const cells = sharedCells(1);
    const attempt = pool.run(contexts.spinUntilAborted, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, 'enough');
    expect(await attempt.value()).toBe('left by itself');
  });

  test.each([
    ['spins', contexts.spinWithSignal],
    ['takes no notice', contexts.ignoreSignal],
  ])('and %s is terminated after its grace', async (_, fn) => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: 20 });
    const cells = sharedCells(2);
    const attempt = pool.run(fn, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, 'enough');
    expect(await attempt.error()).toMatchObject({ code: 'TaskCancelled', tasks: [attempt.id], cause: 'enough' });
    expect(await pool.runWith({ id: 'next' }, contexts.whoAmI).value()).toMatchObject({ id: 'next' });
  });

  test('is told before its grace begins', async () => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
    const cells = sharedCells(2);
    const attempt = pool.run(contexts.ignoreSignal, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, 'enough');
    await reaches(cells, 1, 1);
    expect(attempt.ends).toEqual([]);
  });

  test('does not hand its abort on to the next attempt of its worker', async () => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
    const cells = sharedCells(1);
    const attempt = pool.run(contexts.reasonOfAbort, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, 'enough');
    await attempt.ended;
    expect(await pool.run(contexts.isAborted).value()).toBe(false);
  });
});

describe('a function that did not ask for its signal', () => {
  test.each([
    ['spins', contexts.spin],
    ['waits for what never comes', contexts.neverSettle],
  ])('and %s is terminated at once', async (_, fn) => {
    const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
    const cells = sharedCells(1);
    const attempt = pool.run(fn, cells);
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, 'enough');
    expect(await attempt.error()).toBeInstanceOf(TaskCancelled);
  });

  test('takes only its own worker with it', async () => {
    const pool = testedPool('contexts.js', { size: 2, graceMs: NEVER_MS });
    const [spinning, other] = [sharedCells(1), sharedCells(1)];
    const attempt = pool.run(contexts.spin, spinning);
    const neighbour = pool.run(contexts.reasonOfAbort, other);
    await Promise.all([reaches(spinning, 0, 1), reaches(other, 0, 1)]);
    pool.executor.abort(attempt, 'enough');
    await attempt.error();
    expect(neighbour.ends).toEqual([]);
    pool.executor.abort(neighbour, 'you too');
    expect(await neighbour.value()).toEqual({ reason: 'you too' });
  });

  test('leaves the attempts that wait behind it to another worker', async () => {
    const pool = testedPool('contexts.js', { size: 1 });
    const cells = sharedCells(1);
    const attempt = pool.run(contexts.spin, cells);
    const waiting = Array.from({ length: 5 }, (_, index) => pool.runWith({ id: `w${index}` }, contexts.whoAmI));
    await reaches(cells, 0, 1);
    pool.executor.abort(attempt, 'enough');
    const answers = await Promise.all(waiting.map((each) => each.value()));
    expect(answers).toMatchObject([{ id: 'w0' }, { id: 'w1' }, { id: 'w2' }, { id: 'w3' }, { id: 'w4' }]);
  });
});

describe('an attempt that has not begun', () => {
  test('fails at once while the module is loading, and never begins', async () => {
    const pool = testedPool('gates.js', { size: 1 });
    const cells = sharedCells(2);
    const attempt = pool.run(gates.takeTicket, cells);
    pool.executor.abort(attempt, 'too early');
    expect(attempt.ends).toMatchObject([{ status: 'failed', error: { code: 'TaskCancelled', cause: 'too early' } }]);
    expect(await pool.run(gates.takeTicket, cells).value()).toBe(0);
  });

  test('fails at once while it waits for a worker, and never begins', async () => {
    const pool = testedPool('gates.js', { size: 1 });
    const [gate, tickets] = [sharedCells(2), sharedCells(2)];
    const running = pool.run(gates.passGate, gate);
    const first = pool.run(gates.takeTicket, tickets);
    const second = pool.run(gates.takeTicket, tickets);
    const third = pool.run(gates.takeTicket, tickets);
    await reaches(gate, 0, 1);
    pool.executor.abort(second, 'no longer');
    expect(second.ends).toMatchObject([{ status: 'failed', error: { code: 'TaskCancelled' } }]);
    gates.openGate(gate);
    await running.ended;
    expect(await Promise.all([first.value(), third.value()])).toEqual([0, 1]);
  });

  test('fails at once where it was given to a busy worker ahead, and never begins', async () => {
    const pool = testedPool('gates.js', { size: 1, graceMs: NEVER_MS });
    const [gate, tickets] = [sharedCells(2), sharedCells(2)];
    const running = pool.run(gates.passGate, gate);
    await reaches(gate, 0, 1);
    const ahead = pool.run(gates.takeTicket, tickets);
    const next = pool.run(gates.takeTicket, tickets);
    pool.executor.abort(ahead, 'no longer');
    expect(ahead.ends).toMatchObject([{ status: 'failed', error: { code: 'TaskCancelled', cause: 'no longer' } }]);
    gates.openGate(gate);
    expect(await Promise.all([running.value(), next.value()])).toEqual([1, 0]);
    expect(Atomics.load(tickets, 0)).toBe(1);
  });

  test('is not lost where many others that were given after it are aborted', async () => {
    const pool = testedPool('gates.js', { size: 1, graceMs: NEVER_MS });
    const [gate, tickets] = [sharedCells(2), sharedCells(2)];
    await pool.run(gates.passGateAfterwards, gate).value();
    await reaches(gate, 0, 1);
    const first = pool.run(gates.takeTicket, tickets);
    for (let index = 0; index < 2 * CLAIM_WINDOW; index++) {
      const ahead = pool.run(gates.takeTicket, tickets);
      pool.executor.abort(ahead, 'no longer');
      expect(ahead.ends).toHaveLength(1);
    }
    const last = pool.run(gates.takeTicket, tickets);
    gates.openGate(gate);
    expect(await Promise.all([first.value(), last.value()])).toEqual([0, 1]);
  });

  test('is taken back from a worker that has not come to it, which goes on without it', async () => {
    const pool = testedPool('gates.js', { size: 1, graceMs: NEVER_MS });
    const [gate, tickets] = [sharedCells(2), sharedCells(2)];
    await pool.run(gates.passGateAfterwards, gate).value();
    await reaches(gate, 0, 1);
    const attempt = pool.run(gates.takeTicket, tickets);
    const next = pool.run(gates.takeTicket, tickets);
    pool.executor.abort(attempt, 'no longer');
    expect(attempt.ends).toMatchObject([{ status: 'failed', error: { code: 'TaskCancelled' } }]);
    gates.openGate(gate);
    expect(await next.value()).toBe(0);
    expect(Atomics.load(tickets, 0)).toBe(1);
  });
});

describe('a stream', () => {
  test('that asked for its signal is closed between two results', async () => {
    const pool = testedPool('streams.js', { size: 1, graceMs: NEVER_MS });
    const cells = sharedCells(1);
    const attempt = pool.runWith(
      { stream: true, onPartial: (_, index) => index === 1_000 && pool.executor.abort(attempt, 'enough') },
      streams.endless,
      cells,
    );
    expect(await attempt.error()).toBe('enough');
    expect(Atomics.load(cells, 0)).toBe(1);
  });

  test('that did not is ended by the end of its worker', async () => {
    const pool = testedPool('streams.js', { size: 1, graceMs: NEVER_MS });
    const attempt = pool.runWith(
      { stream: true, onPartial: (_, index) => index === 1_000 && pool.executor.abort(attempt, 'enough') },
      streams.count,
      0,
      Number.POSITIVE_INFINITY,
    );
    expect(await attempt.error()).toBeInstanceOf(TaskCancelled);
  });
});

test('an abort after the end has no effect', async () => {
  const pool = testedPool('contexts.js', { size: 1 });
  const attempt = pool.run(contexts.whichThread);
  const thread = await attempt.value();
  pool.executor.abort(attempt, 'too late');
  expect(await pool.run(contexts.whichThread).value()).toBe(thread);
});

test('a second abort changes nothing', async () => {
  const pool = testedPool('contexts.js', { size: 1, graceMs: NEVER_MS });
  const cells = sharedCells(1);
  const attempt = pool.run(contexts.reasonOfAbort, cells);
  await reaches(cells, 0, 1);
  pool.executor.abort(attempt, 'first');
  pool.executor.abort(attempt, 'second');
  expect(await attempt.value()).toEqual({ reason: 'first' });
});
