/** The recorder: what it knows of tasks, their attempts and lanes, and that its totals are exact. */
import { describe, expect, it } from 'vitest';
import { type Executor, Scheduler, taskContext } from '../../src/index.js';
import { Recorder } from '../../src/inspect/recorder/recorder.js';
import { BYTE, FIELD, HALF } from '../../src/inspect/recorder/row-store.js';
import { placeOf } from '../../src/inspect/recorder/task-index.js';
import { STATES } from '../../src/inspect/protocol/frames.js';
import { Gate } from '../support/gate.js';
import { recorded } from './recorded.js';

interface Row {
  readonly task: number;
  readonly attempt: number;
  readonly state: string;
  readonly lane: number;
  readonly hasStarted: boolean;
  readonly hasEnded: boolean;
  readonly isFreed: boolean;
}

function rowsOf({ recording: { rows } }: Recorder): Row[] {
  return Array.from({ length: rows.count }, (_, place) => {
    return {
      task: rows.get(place, FIELD.task),
      attempt: rows.byte(place, BYTE.attempt),
      state: STATES[rows.byte(place, BYTE.state)] ?? '?',
      lane: rows.half(place, HALF.lane),
      hasStarted: rows.get(place, FIELD.start) !== 0,
      hasEnded: rows.get(place, FIELD.end) !== 0,
      isFreed: rows.get(place, FIELD.freed) !== 0,
    };
  });
}

/** A scheduler whose time goes on as `clock` says. */
function onOwnClock(): { readonly clock: { ms: number }; readonly scheduler: Scheduler } {
  const clock = { ms: 0 };
  const scheduler = new Scheduler({
    _environment: { clock: { now: () => clock.ms, after: () => () => undefined }, random: () => 0 },
  });
  return { clock, scheduler };
}

describe('recorder', () => {
  it('counts every task exactly, by queue, function and state', async () => {
    const scheduler = new Scheduler();
    const recorder = await recorded(scheduler);
    const first = scheduler.queue('first');
    const second = scheduler.queue('second', { concurrency: 1 });
    const add = (a: number): number => a + 1;
    const fail = (): never => {
      throw new Error('no');
    };
    for (let index = 0; index < 20; index += 1) second.submit(add, first.submit(add, index));
    const failed = first.submit(fail);
    const doomed = second.submit(add, failed);
    scheduler.start();
    await Promise.allSettled([failed.result(), doomed.result()]);
    await scheduler.wait();
    const uses = recorder.recording.books.functionUses();
    const names = recorder.recording.books.functions.map(({ name }) => name);
    expect(uses.map(({ fn, queue, counts }) => [names[fn], queue, counts.done, counts.failed])).toEqual([
      ['add', 0, 20, 0],
      ['add', 1, 20, 1],
      ['fail', 0, 0, 1],
    ]);
    expect(uses.every(({ counts: { pending, ready, running } }) => pending + ready + running === 0)).toBe(true);
    expect(uses.map(({ ran }) => ran)).toEqual([20, 20, 1]);
    expect(rowsOf(recorder).every(({ hasEnded }) => hasEnded)).toBe(true);
    await scheduler.close();
  });

  it('gives each attempt the lowest free lane, and frees it when the slot comes back', async () => {
    const scheduler = new Scheduler();
    const recorder = await recorded(scheduler);
    const queue = scheduler.queue('work', { concurrency: 2 });
    const gates = [new Gate(), new Gate(), new Gate()];
    const tasks = gates.map(({ promise }) => queue.submit({ priority: 0 }, () => promise));
    scheduler.start();
    await new Promise(setImmediate);
    // Newest first: the third and the second run.
    expect(rowsOf(recorder).map(({ lane }) => lane)).toEqual([0xffff, 1, 0]);
    gates[1]?.open();
    await tasks[1]?.result();
    await new Promise(setImmediate);
    expect(rowsOf(recorder).map(({ lane }) => lane)).toEqual([1, 1, 0]);
    for (const each of gates) each.open();
    await scheduler.close();
  });

  it('keeps the lane of a task that holds its slot until it is released', async () => {
    const scheduler = new Scheduler();
    const recorder = await recorded(scheduler);
    const queue = scheduler.queue('instrument', { concurrency: 1 });
    const other = scheduler.queue('other');
    const held = queue.submit({ hold: true }, () => 1);
    const work = new Gate();
    const releaser = other.submit({ release: [held] }, (value: number) => work.promise.then(() => value), held);
    scheduler.start();
    await held.result();
    await new Promise(setImmediate);
    expect(rowsOf(recorder)[0]).toMatchObject({ state: 'done', hasEnded: true, isFreed: false });
    work.open();
    await releaser.result();
    expect(rowsOf(recorder)[0]).toMatchObject({ isFreed: true });
    await scheduler.close();
  });

  it('tells the end of a cancelled task from that of its attempt', async () => {
    const { clock, scheduler } = onOwnClock();
    const recorder = await recorded(scheduler);
    const queue = scheduler.queue('work', { concurrency: 1 });
    const work = new Gate();
    const task = queue.submit(() => work.promise);
    scheduler.start();
    await new Promise(setImmediate);
    clock.ms = 100;
    task.cancel();
    clock.ms = 250;
    work.open();
    await new Promise(setImmediate);
    const valuesOf = (place: number, ...names: readonly (keyof typeof FIELD)[]): number[] =>
      names.map((name) => recorder.recording.rows.get(place, FIELD[name]));
    expect(valuesOf(0, 'start', 'end', 'freed')).toEqual([1, 1001, 2501]);
    const quick = queue.submit(() => {
      clock.ms += 50;
    });
    await quick.result();
    expect(valuesOf(1, 'ready', 'start', 'end', 'freed')).toEqual([2501, 2501, 3001, 3001]);
    await scheduler.terminate();
  });

  it('times the end of a function that its executor runs at once', async () => {
    const { clock, scheduler } = onOwnClock();
    const recorder = await recorded(scheduler);
    const executor: Executor = {
      name: 'at once',
      run(attempt) {
        clock.ms += 50;
        attempt.done(1);
      },
      abort: () => undefined,
      close: () => Promise.resolve(),
    };
    const queue = scheduler.queue('work', { concurrency: 1, executor });
    queue.submit(() => 1);
    queue.submit(() => 2);
    scheduler.start();
    await scheduler.wait();
    const { rows } = recorder.recording;
    const times = [1, 0].map((place) => [rows.get(place, FIELD.start), rows.get(place, FIELD.end)]);
    expect(times).toEqual([
      [1, 501],
      [501, 1001],
    ]);
    await scheduler.close();
  });

  // With few rows there is no room for a log of events: each is written down at once.
  it('writes the same rows, whether events wait in its log or not', async () => {
    const written = async (maxRows: number): Promise<unknown> => {
      const { clock, scheduler } = onOwnClock();
      const recorder = await recorded(scheduler, maxRows);
      const queue = scheduler.queue('work', { concurrency: 1, retry: { attempts: 2 } });
      const stream = queue.stream(function* () {
        yield 1;
        yield 2;
      });
      const failing = queue.submit({ id: 'failing' }, (): never => {
        throw new Error('no');
      });
      const sums = Array.from({ length: 20 }, (_, index) =>
        queue.submit((a: number, b: number) => (clock.ms += a + b), stream.at(0), index),
      );
      queue.submit((...values: readonly number[]) => values.length, ...sums);
      queue.submit((value: number) => value, failing);
      sums[3]?.cancel();
      // What is granted is taken back before it begins.
      scheduler.start();
      void scheduler.stop();
      await new Promise(setImmediate);
      scheduler.start();
      await scheduler.wait().catch(() => undefined);
      const { rows, edges, index, ids, books } = recorder.recording;
      const { place, at } = recorder.partials.read(0, 100);
      const told = Array.from({ length: rows.count }, (_, row) => [
        ...Object.values(FIELD).map((field) => rows.get(row, field)),
        ...Object.values(HALF).map((half) => rows.half(row, half)),
        ...Object.values(BYTE).map((byte) => rows.byte(row, byte)),
      ]);
      const needs = Array.from({ length: rows.count }, (_, row) => [...edges.of(row)]);
      await scheduler.terminate();
      return { told, needs, first: index.get(1), ids: [...ids], uses: books.functionUses(), place, at };
    };
    expect(await written(1_000)).toEqual(await written(500));
  });

  it('keeps a row for each attempt', async () => {
    const scheduler = new Scheduler();
    const recorder = await recorded(scheduler);
    const queue = scheduler.queue('work');
    let calls = 0;
    const flaky = queue.submit({ id: 'flaky', retry: { attempts: 3, backoffMs: 1 } }, () => {
      calls += 1;
      if (calls < 3) throw new Error('again');
      return calls;
    });
    scheduler.start();
    await flaky.result();
    await scheduler.wait();
    expect(rowsOf(recorder).map(({ attempt, state, isFreed }) => [attempt, state, isFreed])).toEqual([
      [1, 'failed', true],
      [2, 'failed', true],
      [3, 'done', true],
    ]);
    expect(placeOf(recorder.recording.index.get(1))).toBe(2);
    await scheduler.close();
  });

  it('keeps the lane of a function that lends its slot, and frees it once at its end', async () => {
    const scheduler = new Scheduler();
    const recorder = await recorded(scheduler);
    const queue = scheduler.queue('work', { concurrency: 1 });
    const inner = new Gate();
    const lender = queue.submit(() => {
      const context = taskContext();
      return context.yieldSlot(() => queue.submit(() => inner.promise).result());
    });
    scheduler.start();
    await new Promise(setImmediate);
    expect(rowsOf(recorder).map(({ lane, isFreed }) => [lane, isFreed])).toEqual([
      [0, false],
      [1, false],
    ]);
    inner.open();
    await lender.result();
    await scheduler.wait();
    expect(rowsOf(recorder).every(({ isFreed }) => isFreed)).toBe(true);
    // Dropped while it lends: no slot comes back for it.
    const never = new Gate();
    const lost = queue.submit(() => taskContext().yieldSlot(() => never.promise));
    await new Promise(setImmediate);
    lost.cancel();
    expect(rowsOf(recorder).at(-1)).toMatchObject({ state: 'cancelled', lane: 0, isFreed: true });
    never.open();
    await scheduler.close();
  });

  it('frees the lane of an attempt that timed out only when it has ended', async () => {
    const scheduler = new Scheduler();
    const recorder = await recorded(scheduler);
    const queue = scheduler.queue('work', { concurrency: 2 });
    const first = new Gate();
    let calls = 0;
    const task = queue.submit({ timeoutMs: 5, retry: { attempts: 2 } }, () => {
      calls += 1;
      return calls === 1 ? first.promise : undefined;
    });
    scheduler.start();
    await task.result();
    await new Promise(setImmediate);
    expect(rowsOf(recorder).map(({ state, lane, isFreed }) => [state, lane, isFreed])).toEqual([
      ['failed', 0, false],
      ['done', 1, true],
    ]);
    first.open();
    await scheduler.close();
    expect(rowsOf(recorder)[0]?.isFreed).toBe(true);
  });

  it('lets the oldest settled rows make room, and its totals stay exact beyond the bound', async () => {
    const scheduler = new Scheduler();
    const recorder = await recorded(scheduler, 10);
    const queue = scheduler.queue('work', { concurrency: 2 });
    for (let index = 0; index < 50; index += 1) queue.submit(() => index);
    expect(recorder.recording.rowless).toBe(40);
    expect(recorder.recording.rows.dropped).toBe(0);
    scheduler.start();
    await scheduler.wait();
    const { rows, books, rowless } = recorder.recording;
    expect(rows.count).toBe(10);
    expect(rowless + rows.dropped).toBeGreaterThanOrEqual(40);
    const [use] = books.functionUses();
    expect(use?.counts).toMatchObject({ pending: 0, ready: 0, running: 0, done: 50 });
    await scheduler.close();
  });

  it('knows all tasks when it comes late, with their states, and takes those that move meanwhile', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 1 });
    const work = new Gate();
    const running = queue.submit({ priority: 1 }, () => work.promise);
    const waiting = Array.from({ length: 6_000 }, (_, index) => queue.submit((value: number) => value, index));
    const dependent = queue.submit((value: unknown) => value, running);
    scheduler.start();
    await new Promise(setImmediate);
    const recorder = new Recorder(scheduler._engine, { maxRows: 100_000, keepsWork: false });
    const attached = recorder.attach();
    // Between two slices.
    waiting[5_999]?.cancel('not wanted');
    work.open();
    await attached;
    await scheduler.wait();
    expect(recorder.settledBefore).toBe(1);
    const uses = recorder.recording.books.functionUses();
    expect(uses.reduce((sum, { counts }) => sum + counts.done, 0)).toBe(6_001);
    expect(uses.reduce((sum, { counts }) => sum + counts.pending + counts.ready + counts.running, 0)).toBe(0);
    expect(dependent.state).toBe('done');
    await scheduler.close();
  });

  it('leaves nothing in the runtime when it goes', async () => {
    const scheduler = new Scheduler();
    const { hub } = scheduler._engine;
    const recorder = await recorded(scheduler);
    expect(hub.tap).toBe(recorder);
    recorder.detach();
    expect(hub.tap).toBeUndefined();
    expect(Object.values(hub.hears)).not.toContain(true);
    await scheduler.close();
  });

  it('tells of a stall that is there when it comes', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 1 });
    const held = queue.submit({ hold: true }, () => 1);
    const blocked = queue.submit({ id: 'blocked' }, (value: number) => value, held);
    blocked.result().catch(() => undefined);
    scheduler.start();
    await expect(scheduler.wait()).rejects.toThrow('stalled');
    const { stall } = await recorded(scheduler);
    expect(stall.message).toContain('blocked');
    expect(stall.at).toBeGreaterThan(0);
    await scheduler.terminate();
  });
});
