import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import {
  recordTrace,
  type TraceEvent,
  traceEvents,
  type TraceRecording,
  type TraceRow,
  traceText,
} from '../../src/inspect/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { property } from '../support/property.js';
import { settleDown } from '../support/scheduler-comparison.js';
import { trackNames, validSlices } from './trace-format.js';

const NOTHING = { attempts: 0, partials: 0, samples: 0, dependencies: 0 };

function recordingOf(rows: readonly TraceRow[], rest: Partial<TraceRecording> = {}): TraceRecording {
  return { originMs: 0, rows, periods: [], samples: [], leftOut: NOTHING, ...rest };
}

function rowOf(id: string, startMs: number, endMs: number, rest: Partial<TraceRow> = {}): TraceRow {
  return { id, queue: 'work', lane: 0, startMs, endMs, attempt: 1, end: 'done', ...rest };
}

const named = (events: readonly TraceEvent[], ph: TraceEvent['ph']): string[] =>
  events.filter((event) => event.ph === ph).map(({ name }) => name);

describe('the trace of a recording', () => {
  test('has attempts as slices in microseconds, with what is known of them', () => {
    const row = rowOf('a', 12.5, 20, { name: 'load', readyMs: 2, lane: 1 });
    const [slice] = validSlices([...traceEvents(recordingOf([row], { originMs: 10 }))]);
    expect(slice).toEqual({
      ph: 'X',
      name: 'load',
      cat: 'attempt',
      ts: 2500,
      dur: 7500,
      pid: 2,
      tid: 2,
      args: { id: 'a', attempt: 1, end: 'done', waitedMs: 10.5 },
    });
  });

  test('says by its name how an attempt ended that did not do its work', () => {
    const ends = ['failed', 'cancelled', 'again', 'running', 'done'] as const;
    const rows = ends.map((end, at) => rowOf('a', at, at + 1, { end }));
    const slices = validSlices([...traceEvents(recordingOf(rows))]);
    expect(slices.map(({ name }) => name)).toEqual([
      'a (failed)',
      'a (cancelled)',
      'a (to be tried again)',
      'a (running)',
      'a',
    ]);
  });

  test('draws a dependency from within the slice of its producer to the beginning of its consumer', () => {
    const rows = [rowOf('a', 0, 1), rowOf('b', 0, 3, { lane: 1 }), rowOf('c', 3, 4, { needs: ['a', 'b', 'b'] })];
    const events = [...traceEvents(recordingOf(rows))];
    validSlices(events);
    const flows = events.flatMap((event) =>
      event.ph === 's' || event.ph === 'f' ? [[event.ph, event.id, event.ts, event.tid]] : [],
    );
    expect(flows).toEqual([
      ['s', 1, 999.999, 1],
      ['f', 1, 3000, 1],
      ['s', 2, 2999.999, 2],
      ['f', 2, 3000, 1],
    ]);
  });

  test('says what it lacks, in words and in numbers', () => {
    const leftOut = { ...NOTHING, attempts: 7, partials: 2 };
    const recording = recordingOf([rowOf('b', 1, 2, { needs: ['a', 'c'] })], { leftOut });
    const events = [...traceEvents(recording)];
    expect(named(events, 'i')).toEqual(['left out: 7 attempts, 2 partial results, 2 dependencies']);
    const { otherData } = JSON.parse([...traceText(recording)].join('')) as { otherData: unknown };
    expect(otherData).toEqual({
      leftOut: { ...leftOut, dependencies: 2 },
      note: 'left out: 7 attempts, 2 partial results, 2 dependencies',
    });
  });

  test('is written in pieces, which together are JSON', () => {
    const rows = Array.from({ length: 2_000 }, (_, n) => rowOf(`"${n}"\n</script>`, n, n + 1));
    const pieces = [...traceText(recordingOf(rows))];
    expect(pieces.length).toBeGreaterThan(2);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000);
    const { traceEvents: events } = JSON.parse(pieces.join('')) as { traceEvents: TraceEvent[] };
    expect(events).toEqual([...traceEvents(recordingOf(rows))]);
  });
});

/** A scheduler whose tasks end on command, in simulated time, and its recording. */
function recorded(maxAttempts = 100) {
  const clock = new SimulatedClock();
  const executor = new ManualExecutor();
  const scheduler = new Scheduler();
  const queue = scheduler.queue('work', { concurrency: 2, executor });
  const trace = recordTrace(scheduler, { maxAttempts, _clock: clock });
  const pass = async (ms: number): Promise<void> => {
    await settleDown();
    clock.advanceTo(clock.now() + ms);
  };
  const end = (): Promise<void> => {
    const ended = scheduler.terminate();
    for (const attempt of executor.started) attempt.done(undefined);
    return ended;
  };
  return { clock, executor, scheduler, queue, trace, pass, end };
}

describe('a recording', () => {
  test('has each attempt on a lane of its queue, with its partial results', async () => {
    const { executor, scheduler, queue, trace, pass, end } = recorded();
    for (const id of ['a', 'b', 'c']) queue.stream({ id, priority: -id.charCodeAt(0) }, () => []);
    scheduler.start();
    await pass(5);
    executor.started[0]?.partial('x');
    await pass(5);
    executor.started[0]?.done(undefined);
    executor.started[1]?.failed(new Error('broken'));
    await pass(5);
    trace.stop();
    const rows = [...trace.rows].map(({ id, startMs, endMs, partialsMs, error, ...row }) => {
      return { id, startMs, endMs, end: row.end, partialsMs, error };
    });
    expect(rows).toEqual([
      { id: 'a', startMs: 0, endMs: 10, end: 'done', partialsMs: [5], error: undefined },
      { id: 'b', startMs: 0, endMs: 10, end: 'failed', partialsMs: undefined, error: 'Error: broken' },
      { id: 'c', startMs: 10, endMs: 15, end: 'running', partialsMs: undefined, error: undefined },
    ]);
    const events = [...traceEvents(trace)];
    validSlices(events);
    expect(trackNames(events)).toEqual(expect.arrayContaining(['queue work/slot 1', 'queue work/slot 2']));
    await end();
  });

  test('calls an attempt by its function, or by the program that it runs', async () => {
    const { executor, scheduler, queue, trace, pass, end } = recorded();
    function resize(): void {}
    queue.submit({ id: 'a' }, resize);
    queue.submit({ id: 'b' }, () => undefined);
    scheduler
      .queue('commands', { executor: Object.assign(executor, { runsCommands: true }) })
      .run('/usr/bin/flac', ['-8']);
    scheduler.start();
    await pass(1);
    trace.stop();
    expect([...trace.rows].map(({ name }) => name)).toEqual(expect.arrayContaining(['resize', undefined, 'flac']));
    expect(named([...traceEvents(trace)], 'X')).toEqual(expect.arrayContaining(['resize (running)', 'b (running)']));
    await end();
  });

  test('has the periods in which the scheduler was stopped, and the load of its queues', async () => {
    const { executor, scheduler, queue, trace, pass, end } = recorded();
    for (const id of ['a', 'b', 'c']) queue.submit({ id }, () => 1);
    await pass(4);
    scheduler.start();
    await pass(6);
    void scheduler.stop();
    await pass(10);
    expect([...trace.samples].at(-1)).toEqual({ queue: 'work', atMs: 10, running: 2, waiting: 1 });
    for (const attempt of executor.started) attempt.done(1);
    await pass(1);
    trace.stop();
    expect([...trace.periods]).toEqual([
      { state: 'stopped', startMs: 0, endMs: 4 },
      { state: 'stopped', startMs: 10, endMs: 21 },
    ]);
    expect([...trace.samples].at(-1)).toEqual({ queue: 'work', atMs: 21, running: 0, waiting: 1 });
    expect(named([...traceEvents(trace)], 'X').filter((name) => name === 'stopped')).toHaveLength(2);
    await end();
  });

  test('that begins while tasks run shows them from its beginning', async () => {
    const { clock, executor, scheduler, queue, pass, end } = recorded();
    queue.submit({ id: 'early' }, () => 1);
    scheduler.start();
    await pass(7);
    const late = recordTrace(scheduler, { _clock: clock });
    await pass(3);
    executor.started[0]?.done(1);
    await pass(1);
    expect([...late.rows]).toMatchObject([{ id: 'early', startMs: 7, endMs: 10, isCut: true }]);
    await end();
  });

  test('keeps the newest attempts, and counts the others', async () => {
    const { executor, scheduler, queue, trace, pass, end } = recorded(3);
    for (let n = 0; n < 8; n += 1) queue.submit({ id: `${n}`, priority: -n }, () => n);
    scheduler.start();
    for (let n = 0; n < 8; n += 1) {
      await pass(1);
      executor.started[n]?.done(n);
    }
    trace.stop();
    expect([...trace.rows].map(({ id }) => id)).toEqual(['5', '6', '7']);
    expect(trace.leftOut).toEqual({ ...NOTHING, attempts: 5 });
    await end();
  });

  test.each([{ maxAttempts: 0 }, { maxAttempts: 1.5 }, { most: 1 }])('refuses the options %j', async (options) => {
    await using scheduler = new Scheduler();
    expect(() => recordTrace(scheduler, options as never)).toThrow(/maxAttempts/);
  });
});

property([
  fc.array(fc.record({ ends: fc.constantFrom('done', 'failed', 'cancelled'), partials: fc.nat(2) }), { maxLength: 12 }),
  fc.integer({ min: 1, max: 3 }),
  fc.nat(12),
])('for any run, the trace is valid and has every attempt once', async (tasks, concurrency, stopAt) => {
  const { clock, executor, scheduler, pass } = recorded();
  const queue = scheduler.queue('q', { concurrency, executor, retry: { attempts: 2, backoffMs: 0 } });
  const trace = recordTrace(scheduler, { _clock: clock });
  const handles = tasks.map((_, index) => queue.stream({ id: `${index}` }, () => []));
  scheduler.start();
  await pass(1);
  for (let at = 0; at < executor.started.length; at += 1) {
    const attempt = executor.started[at];
    const task = tasks[Number(attempt?.id)];
    for (let n = 0; n < (task?.partials ?? 0); n += 1) attempt?.partial(n);
    if (task?.ends === 'cancelled') handles[Number(attempt?.id)]?.cancel();
    if (task?.ends === 'failed') attempt?.failed(new Error('no'));
    else attempt?.done(undefined);
    if (at === stopAt) {
      void scheduler.stop();
      await pass(1);
      scheduler.start();
    }
    await pass(1);
  }
  await scheduler.terminate();
  const slices = validSlices([...traceEvents(trace)]).filter(({ cat }) => cat === 'attempt');
  const attempts = slices.map(({ args }) => `${String(args['id'])} ${String(args['attempt'])}`);
  expect(attempts.toSorted()).toEqual(executor.started.map(({ id, attempt }) => `${id} ${attempt}`).toSorted());
});
