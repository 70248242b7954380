/** `monitor`: silent about what is right, on schedulers of every kind, and bounded. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scheduler, SchedulerError, taskContext } from '../../src/index.js';
import { ALL_FAULTS, monitor, simulate } from '../../src/testing/index.js';
import { memoryStore } from '../../src/store/index.js';
import { EventHub } from '../../src/runtime/events/event-hub.js';
import { quiet } from '../support/event-loop.js';
import { planted } from '../support/planted.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { scenarioOfKind } from '../support/scenario-arbitrary.js';

const interpreters = ['compiled', 'xstate'] as const;

test.each(interpreters)('a scheduler that does all it can breaks nothing (%s)', async (interpreter) => {
  const scheduler = new Scheduler({ interpreter });
  const watch = monitor(scheduler);
  const q = scheduler.queue('q', { concurrency: 4, resources: { mem: 3 }, retry: { attempts: 2 } });
  const fifo = scheduler.queue('fifo', { concurrency: 1, order: 'fifo' });
  const evicting = scheduler.queue('evicting', { concurrency: 1, preempt: true });
  scheduler.start();
  const numbers = q.submit({ id: 'numbers', results: 3 }, function* () {
    yield* [1, 2, 3];
  });
  const held = q.submit({ id: 'held', hold: true, resources: { mem: 2 } }, () => 1);
  const sum = fifo.submit({ id: 'sum', release: [held] }, (a: number, b: number) => a + b, held, numbers.at(1));
  const bad = q.submit({ id: 'bad' }, () => {
    throw new Error('no');
  });
  const after = fifo.submit({ id: 'after', after: [bad] }, () => 2);
  const followed = q.submit({ id: 'followed' }, () => fifo.submit({ id: 'inner' }, () => 3));
  const yielding = q.submit({ id: 'yielding' }, () => taskContext().yieldSlot(() => Promise.resolve(4)));
  const evicted = evicting.submit({ id: 'low' }, () => new Promise((resolve) => setImmediate(resolve)));
  evicting.submit({ id: 'high', priority: 1 }, () => 5);
  const gone = q.submit({ id: 'gone', resources: { mem: 1 } }, () => new Promise(() => undefined));
  await Promise.allSettled([sum.result(), bad.result(), after.result(), followed.result(), yielding.result()]);
  gone.cancel();
  await scheduler.stop();
  q.set({ concurrency: 3, resources: { mem: 9 } });
  q.submit({ id: 'more', resources: { mem: 8 } }, () => 6);
  scheduler.start();
  await evicted.result();
  await scheduler.wait();
  await scheduler.close();
  expect(watch.violations).toEqual([]);
  expect(watch.checked.get('order') ?? 0).toBeGreaterThan(3);
  expect(watch.checked.get('accounting') ?? 0).toBeGreaterThan(2);
});

test.each(interpreters)('what is restored, and what is then not needed, is no violation (%s)', async (interpreter) => {
  const store = memoryStore();
  const double = (n: number): number => 2 * n;
  function* countTo(n: number): Generator<number> {
    for (let k = 1; k <= n; k += 1) yield k;
  }
  const events: string[] = [];
  for (let run = 1; run <= 2; run += 1) {
    const scheduler = new Scheduler({ interpreter, store });
    const watch = monitor(scheduler);
    scheduler.on('restored', ({ id }) => void events.push(`${run} ${id}`));
    const queue = scheduler.queue('q', { concurrency: 1 });
    scheduler.start();
    const a = queue.submit({ id: 'a' }, double, 1);
    queue.submit({ id: 'b', key: 'b' }, double, a);
    const numbers = queue.submit({ id: 'numbers', key: 'numbers', version: 1 }, countTo, 3);
    queue.submit({ id: 'c' }, double, numbers.at(2));
    const d = queue.submit({ id: 'd' }, () => 1);
    queue.submit({ id: 'e', key: 'e' }, double, d);
    await scheduler.wait();
    await a.result();
    expect(watch.violations).toEqual([]);
    await scheduler.close();
    expect(watch.violations).toEqual([]);
  }
  expect(events.toSorted()).toEqual(['2 b', '2 e', '2 numbers']);
});

test('a stall in which functions keep their slots is no violation', async () => {
  const scheduler = new Scheduler();
  const watch = monitor(scheduler);
  const queue = scheduler.queue('q', { concurrency: 1 });
  const states: string[] = [];
  scheduler.on('scheduler', ({ state }) => void states.push(state));
  scheduler.start();
  const outer = queue.submit({ id: 'outer' }, () => queue.submit({ id: 'inner' }, () => 1).result());
  await expect(outer.result()).rejects.toMatchObject({ code: 'Stalled' });
  await scheduler.close();
  expect(states).toContain('stalled');
  expect(watch.violations).toEqual([]);
});

test('a slot that comes back late counts for the task that had it, and not for the next of its id', async () => {
  const scheduler = new Scheduler();
  const watch = monitor(scheduler);
  const queue = scheduler.queue('q', { concurrency: 2 });
  const ends: (() => void)[] = [];
  scheduler.start();
  const work = (): Promise<void> => new Promise((resolve) => void ends.push(resolve));
  const first = queue.submit({ id: 'x' }, work);
  await quiet();
  first.cancel();
  const second = queue.submit({ id: 'x' }, work);
  await quiet();
  for (const end of ends) end();
  await second.result();
  await scheduler.wait();
  await scheduler.close();
  expect(watch.violations).toEqual([]);
});

test('a violation is reported with the story of the tasks', async () => {
  const scheduler = new Scheduler();
  const told: string[] = [];
  const watch = monitor(scheduler, { onViolation: ({ message }) => told.push(message) });
  const queue = scheduler.queue('q', { concurrency: 1 });
  // What a scheduler would tell that starts a task which is not ready.
  const back = planted(
    EventHub.prototype,
    'moved',
    (moved) =>
      function (this: EventHub, task, previous, state) {
        const early = { id: 'b', attempt: 1, outcome: undefined, extras: undefined, queue: task.queue };
        if (task.id === 'a' && state === 'running') moved.call(this, early, 'ready', 'running');
        moved.call(this, task, previous, state);
      },
  );
  try {
    const a = queue.submit({ id: 'a' }, () => 1);
    queue.submit({ id: 'b' }, (value: number) => value, a);
    scheduler.start();
    await scheduler.wait();
  } finally {
    back();
  }
  expect(told).toContain('b starts before a is there');
  const [first] = watch.violations;
  expect(first?.tasks).toEqual(['b', 'a']);
  expect(first?.events.map(({ event }) => event)).toContain('submit');
  watch.stop();
});

test('it begins only where nothing is under way', () => {
  const scheduler = new Scheduler();
  scheduler.queue('q').submit({ id: 'early' }, () => 1);
  expect(() => monitor(scheduler)).toThrow(SchedulerError);
});

property([scenarioOfKind('mixed', 20, { priority: true, fifo: true }), fc.nat()], { numRuns: scaledRuns(40) })(
  'for any simulation with faults, a monitor beside it reports nothing',
  (scenario, seed) => {
    const reports: string[] = [];
    simulate(scenario, {
      seed,
      faults: ALL_FAULTS,
      _watch: (scheduler) => monitor(scheduler, { onViolation: ({ message }) => reports.push(message) }),
    });
    expect(reports).toEqual([]);
  },
);

test('what it keeps is bounded by what is unsettled', async () => {
  const scheduler = new Scheduler();
  const watch = monitor(scheduler);
  const queue = scheduler.queue('q', { concurrency: 1 });
  scheduler.start();
  let last = queue.submit(() => 0);
  for (let round = 0; round < 50; round += 1) {
    for (let index = 0; index < 100; index += 1) last = queue.submit((value: number) => value + 1, last);
    await last.result();
  }
  expect(await last.result()).toBe(5_000);
  expect(watch.violations).toEqual([]);
  expect(watch._kept).toBeLessThanOrEqual(2_001);
  await scheduler.close();
});
