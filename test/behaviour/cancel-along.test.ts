/** Cancelling what depends on a task and what only it needed, and leaving an attempt a given time to end. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Handle, Scheduler } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;
const pass = (...values: unknown[]): unknown => values;
const never = (): Promise<never> => new Promise<never>(() => undefined);

describe('cancel with downstream', () => {
  test('cancels what depends on the task, near and far, instead of failing it', async () => {
    const { queue } = manualQueue();
    const a = queue.submit(nothing);
    const b = queue.submit(pass, a);
    const c = queue.submit(pass, b, a);
    const apart = queue.submit(nothing);
    a.cancel({ downstream: true, reason: 'no more' });
    expect([a.state, b.state, c.state, apart.state]).toEqual(['cancelled', 'cancelled', 'cancelled', 'ready']);
    expect(await c.settled()).toEqual({ status: 'cancelled', reason: 'no more' });
  });

  test('tells each of them once, and none that has settled', () => {
    const { scheduler, queue } = manualQueue();
    const a = queue.submit(nothing);
    const [b, c, gone] = [queue.submit(pass, a), queue.submit(pass, a), queue.submit(pass, a)];
    const d = queue.submit(pass, b, c);
    gone.cancel('before');
    expect(a.cancel({ downstream: true, orphans: true })).toBe(true);
    expect([a, b, c, d].map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'cancelled'));
    expect(scheduler._counts['staleReports']).toBe(0);
  });

  test('reaches the dependents of partial results, and the end of a long chain', () => {
    const { queue } = manualQueue();
    const stream = queue.submit(function* () {
      yield 1;
    });
    let end: Handle<unknown> = queue.submit(pass, stream.at(0));
    for (let length = 0; length < 20_000; length += 1) end = queue.submit(pass, end);
    stream.cancel({ downstream: true });
    expect(end.state).toBe('cancelled');
  });
});

describe('cancel with orphans', () => {
  test('cancels the inputs that nothing else needs, near and far', () => {
    const { queue } = manualQueue();
    const source = queue.submit(nothing);
    const only = queue.submit(pass, source);
    const shared = queue.submit(nothing);
    const sink = queue.submit(pass, only, shared);
    const other = queue.submit(pass, shared);
    sink.cancel({ orphans: true });
    expect([source, only, sink, shared, other].map((handle) => handle.state)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
      'ready',
      'pending',
    ]);
  });

  test('cancels them also where their actors are in other hands', () => {
    const { queue } = manualQueue();
    const source = queue.submit(nothing);
    const middle = queue.submit(pass, source);
    const sink = queue.submit(pass, middle);
    expect([middle, sink].map(({ actor }) => actor.getSnapshot().value)).toEqual(['pending', 'pending']);
    sink.cancel({ orphans: true });
    expect([source, middle, sink].map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  test.each([
    ['with actors in other hands', true],
    ['without', false],
  ])('cancels them also from within a callback, %s', async (_, isSeen) => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
    const source = queue.submit({ id: 'source' }, nothing);
    const middle = queue.submit(pass, source);
    const sink = queue.submit(pass, middle);
    // Fails with the sink, and needs the input no more.
    const beyond = queue.submit(pass, sink, source);
    if (isSeen) for (const { actor } of [middle, sink, beyond]) expect(actor.getSnapshot().value).toBe('pending');
    queue.submit({ id: 'told', onSettled: () => void sink.cancel({ orphans: true }) }, nothing);
    scheduler.start();
    await quiet();
    executor.attemptAt('told').done(1);
    await quiet();
    expect([source, middle, sink, beyond].map(({ state }) => state)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
      'failed',
    ]);
  });

  test('leaves alone what has settled', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const [done, running] = [queue.submit({ id: 'done' }, nothing), queue.submit({ id: 'running' }, nothing)];
    const sink = queue.submit(pass, done, running);
    scheduler.start();
    await quiet();
    executor.attemptAt('done').done(1);
    expect(sink.cancel({ orphans: true })).toBe(true);
    expect([done, running, sink].map(({ state }) => state)).toEqual(['done', 'cancelled', 'cancelled']);
    expect(scheduler._counts['staleReports']).toBe(0);
  });

  test('of a running task cancels from within a callback the input that only what fails with it needs', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
    const source = queue.stream({ id: 'source' }, () => [1]);
    const sink = queue.submit({ id: 'sink' }, pass, source.at(0));
    const beyond = queue.submit(pass, sink, source);
    queue.submit({ id: 'told', onSettled: () => void sink.cancel({ orphans: true }) }, nothing);
    scheduler.start();
    await quiet();
    executor.attemptAt('source').partial(0);
    await quiet();
    expect([source, sink, beyond].map(({ state }) => state)).toEqual(['partial', 'running', 'pending']);
    executor.attemptAt('told').done(1);
    await quiet();
    expect([source, sink, beyond].map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'failed']);
  });

  test('spares an input of which somebody waits for a result', async () => {
    const { queue } = manualQueue();
    const stream = queue.stream(() => [1]);
    const sink = queue.submit(pass, stream);
    const result = stream.at(2).settled();
    sink.cancel({ orphans: true });
    expect([stream.state, await isKept(result)]).toEqual(['ready', false]);
  });

  test('spares an input that somebody waits for', async () => {
    const { queue } = manualQueue();
    const awaited = queue.submit(nothing);
    const sink = queue.submit(pass, awaited);
    const result = awaited.settled();
    sink.cancel({ orphans: true });
    expect(awaited.state).toBe('ready');
    expect(await isKept(result)).toBe(false);
  });

  property([fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 }), fc.nat(), fc.boolean()])(
    'for any graph, cancels just the tasks that only the cancelled ones need',
    (shape, pick, downstream) => {
      const queue = new Scheduler().queue('q');
      const handles: Handle<unknown>[] = [];
      const inputs = shape.map((picks, seq) => [...new Set(seq === 0 ? [] : picks.map((one) => one % seq))]);
      for (const each of inputs) handles.push(queue.submit(pass, ...each.map((input) => handles[input])));
      const root = pick % handles.length;
      handles[root]?.cancel({ orphans: true, downstream });
      const dependentsOf = (task: number): number[] =>
        inputs.flatMap((each, seq) => (each.includes(task) ? [seq] : []));
      const gone = new Set([root]);
      // What is downstream of the root is gone either way, cancelled or failed.
      for (let seq = root; seq < inputs.length; seq += 1)
        if (inputs[seq]?.some((input) => gone.has(input))) gone.add(seq);
      const cancelled = new Set(downstream ? gone : [root]);
      for (let seq = inputs.length - 1; seq >= 0; seq -= 1) {
        const isDemanded = [...cancelled].some((one) => inputs[one]?.includes(seq) === true);
        if (isDemanded && dependentsOf(seq).every((one) => gone.has(one) || cancelled.has(one))) cancelled.add(seq);
      }
      for (const [seq, handle] of handles.entries()) {
        if (cancelled.has(seq)) expect(handle.state).toBe('cancelled');
        else if (gone.has(seq)) expect(handle.state).toBe('failed');
        else expect(['ready', 'pending']).toContain(handle.state);
      }
    },
  );
});

describe('cancel with graceMs', () => {
  test('of 0 gives the slot of a function on this thread back at once, whatever the function does', async () => {
    const { scheduler, queue } = oneQueue();
    const task = queue.submit(never);
    const next = queue.submit({ priority: -1 }, () => 'next');
    scheduler.start();
    await quiet();
    task.cancel({ graceMs: 0 });
    expect(await next.result()).toBe('next');
  });

  test('is passed on to the executor, the queue’s where none is given', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2, graceMs: 7 });
    const [a, b] = [queue.submit({ id: 'a' }, nothing), queue.submit({ id: 'b' }, nothing)];
    scheduler.start();
    await quiet();
    a.cancel();
    b.cancel({ graceMs: 3 });
    expect(executor.graces).toEqual(
      new Map([
        ['a', 7],
        ['b', 3],
      ]),
    );
  });
});

test.each([
  [{ downstream: 1 }, /downstream/],
  [{ orphans: 'all' }, /orphans/],
  [{ graceMs: -1 }, /graceMs/],
  [{ graceMs: 2 ** 31 }, /graceMs/],
  [{ because: 'x' }, /cancel has no option because/],
])('cancel(%j) is refused', (options, message) => {
  const { queue } = manualQueue();
  const task = queue.submit(nothing);
  const refused = refusalOf(() => task.cancel(options as never));
  expect([refused.code, task.state]).toEqual(['InvalidOption', 'ready']);
  expect(refused.message).toMatch(message);
});

describe('terminate', () => {
  test('cancels everything, waits for no function on this thread, and closes', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 1 });
    const running = queue.submit(never);
    const waiting = queue.submit(nothing);
    const dependent = queue.submit(pass, running);
    scheduler.start();
    await quiet();
    await scheduler.terminate('power failure');
    expect(scheduler.state).toBe('closed');
    for (const task of [running, waiting, dependent]) {
      expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'power failure' });
    }
  });

  test('ends a close that waits for what runs, also for an attempt that was cancelled before', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 2 });
    const [cancelled] = [queue.submit(never), queue.submit(never)];
    scheduler.start();
    await quiet();
    cancelled.cancel();
    const closed = scheduler.close();
    expect(await isKept(closed)).toBe(false);
    await scheduler.terminate();
    await closed;
  });
});
