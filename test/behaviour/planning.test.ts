/** Estimates and plans: what is left, how long it takes, and in which order it would run. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { finalsOf, lowerBound, scenarioOf, workflows } from '../../bench/workflows.js';
import { type Handle, Scheduler } from '../../src/index.js';
import { ProgressTally } from '../../src/progress/progress-tally.js';
import { boundsOf } from '../../src/runtime/planning/estimate.js';
import { memoryStore } from '../../src/store/index.js';
import { simulate } from '../../src/testing/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

const ORDERS = ['newest', 'critical-path', 'soonest'] as const;
const SMALL = workflows([3, 5]);

property([fc.constantFrom(...SMALL), fc.constantFrom(1, 2, 4, 16), fc.constantFrom(...ORDERS, 'fifo' as const)], {
  numRuns: scaledRuns(40),
})('for any workflow and order, the time that it takes is within the bounds', (workflow, slots, order) => {
  const places = new Map(workflow.tasks.map(({ id }, place) => [id, place]));
  const tasks = workflow.tasks.map(({ duration, deps, queue }) => {
    return { ms: duration, spreadMs: 0, queue, needs: deps.flatMap((dep) => places.get(dep) ?? []) };
  });
  const { least, likely, most } = boundsOf(tasks, () => slots);
  const total = Math.max(...simulate(scenarioOf(workflow, slots, order)).trace.map(({ at }) => at));
  expect(likely).toBe(lowerBound(workflow, slots));
  expect(least).toBeLessThanOrEqual(total);
  expect(total).toBeLessThanOrEqual(most + 1e-6);
});

property([fc.constantFrom(...SMALL), fc.constantFrom(...ORDERS)], { numRuns: scaledRuns(20) })(
  'for any workflow and order, the plan is what the simulation does',
  (workflow, order) => {
    const durations = new Map(workflow.tasks.map(({ id, duration }) => [id, duration]));
    const scheduler = new Scheduler({ order, _durations: (id) => durations.get(id) ?? 0 });
    const queue = scheduler.queue('work', { concurrency: 3 });
    const handles = new Map<string, Handle<unknown>>();
    for (const { id, deps } of workflow.tasks) {
      handles.set(id, queue.submit({ id, after: deps.flatMap((dep) => handles.get(dep) ?? []) }, work));
    }
    const { tasks, totalMs } = scheduler.plan();
    const { trace } = simulate(scenarioOf(workflow, 3, order));
    const starts = trace.flatMap((event) => (event.event === 'start' ? [`${event.id} ${event.at}`] : []));
    expect(tasks.map(({ id, startMs }) => `${id} ${startMs}`)).toEqual(starts);
    expect(totalMs).toBe(Math.max(...trace.map(({ at }) => at)));
    expect(finalsOf(workflow).size).toBeGreaterThan(0);
    expect(scheduler._unsettled).toHaveLength(workflow.tasks.length);
  },
);

test('a running scheduler plans with the time that running tasks have left, and leaves out what is done', async () => {
  const { clock, executor, scheduler, queue } = timed();
  const first = queue.submit({ id: 'first' }, slow);
  scheduler.start();
  await quiet();
  clock.advanceTo(100);
  executor.attemptAt('first').done(undefined);
  await quiet();
  queue.submit({ id: 'running' }, slow);
  await quiet();
  clock.advanceTo(130);
  queue.submit({ id: 'next' }, slow, first);
  queue.submit({ id: 'new' }, quick);
  const { tasks, totalMs } = scheduler.plan();
  expect(tasks.map(({ id, startMs, endMs, isUnknown }) => [id, startMs, endMs, isUnknown])).toEqual([
    ['running', 0, 70, false],
    ['new', 70, 170, true],
    ['next', 170, 270, false],
  ]);
  expect(totalMs).toBe(270);
  const { leftMs, ...rest } = scheduler.estimate();
  expect(rest).toMatchObject({ tasks: 3, unknown: 1, workMs: 270, criticalPath: { ms: 100 } });
  expect(leftMs).toEqual({ least: 270, likely: 270, most: 270 });
  expect(new ProgressTally(scheduler).view(1).leftS).toBe(0.27);
  for (const id of ['running', 'new', 'next']) {
    executor.attemptAt(id).done(undefined);
    await quiet();
  }
  expect(scheduler.estimate()).toMatchObject({ tasks: 0, workMs: 0, criticalPath: { ms: 0, tasks: [] } });
  await scheduler.close();
});

test('a need that is satisfied counts no more for a task that waits for others', async () => {
  const { executor, scheduler, queue } = timed();
  const holds = queue.submit({ id: 'holds', hold: true }, slow);
  queue.set({ concurrency: 2 });
  const stream = queue.stream({ id: 'stream', ahead: 5 }, () => [1, 2]);
  scheduler.start();
  await quiet();
  void executor.attemptAt('stream').partial(1);
  executor.attemptAt('holds').done(undefined);
  await quiet();
  const pending = queue.submit({ id: 'pending' }, slow);
  queue.submit({ id: 'last', release: [holds] }, slow, holds, stream.at(0), pending, stream.at(2));
  const { tasks } = scheduler.plan();
  expect(tasks.map(({ id, needs }) => [id, needs])).toEqual([
    ['stream', []],
    ['pending', []],
    ['last', ['stream', 'pending']],
  ]);
  expect(scheduler.estimate().criticalPath.tasks).toEqual(['stream', 'last']);
  const terminated = scheduler.terminate();
  executor.attemptAt('stream').failed(new Error('ended'));
  await terminated;
});

test('an estimate says nothing of times as long as nothing is known', async () => {
  const { scheduler, queue } = timed();
  queue.submit({ id: 'b' }, quick, queue.submit({ id: 'a' }, slow));
  expect(scheduler.estimate()).toEqual({
    tasks: 2,
    unknown: 2,
    workMs: undefined,
    leftMs: undefined,
    criticalPath: { ms: undefined, tasks: ['a', 'b'] },
  });
  await scheduler.terminate();
});

test('a plan knows resources, holds, partial results, priorities and queues in order of submission', async () => {
  const scheduler = new Scheduler({ _durations: (id) => (id === 'stream' ? 10 : 4) });
  const queue = scheduler.queue('q', { concurrency: 2, resources: { ram: 1 } });
  const fifo = scheduler.queue('fifo', { order: 'fifo', concurrency: 1 });
  const stream = queue.stream({ id: 'stream', results: 2 }, () => [1, 2]);
  fifo.submit({ id: 'after one' }, work, stream.at(0));
  fifo.submit({ id: 'old' }, work);
  fifo.submit({ id: 'urgent', priority: 1 }, work);
  const held = queue.submit({ id: 'held', hold: true, resources: { ram: 1 } }, work);
  queue.submit({ id: 'ram', resources: { ram: 1 } }, work);
  queue.submit({ id: 'releases', release: [held] }, work);
  const never = queue.submit({ id: 'holds for ever', hold: true, resources: { ram: 1 }, after: [held] }, work);
  queue.submit({ id: 'stuck', resources: { ram: 1 }, after: [never] }, work);
  const plain = scheduler.queue('plain');
  plain.stream(() => [1]);
  plain.submit(work);
  const { tasks, stuck } = scheduler.plan();
  const starts = Object.fromEntries(tasks.map(({ id, startMs }) => [id, startMs]));
  expect(starts).toMatchObject({ urgent: 0, old: 4, 'after one': 8 });
  expect(stuck).toEqual(expect.arrayContaining(['stuck']));
  expect(tasks.filter((task) => task.queue === 'plain')).toHaveLength(2);
  await scheduler.terminate();
});

test('a plan says what was restored, what is not needed, and why the rest is not restored', async () => {
  const store = memoryStore();
  const run = (version: number) => {
    const scheduler = new Scheduler({ store });
    const queue = scheduler.queue('q');
    const source = queue.submit({ id: 'source' }, work);
    queue.submit({ id: 'kept', key: 'kept', version: 1 }, work, source);
    queue.submit({ id: 'changed', key: 'changed', version }, work);
    return scheduler;
  };
  const first = run(1);
  first.start();
  await first.close();
  const second = run(2);
  expect(second.plan()).toMatchObject({
    restored: 1,
    notNeeded: ['source'],
    tasks: [{ id: 'changed', kind: 'work', notRestored: 'function changed', isUnknown: false }],
  });
  await second.terminate();
});

test('a plan without a store restores nothing and needs everything', async () => {
  const scheduler = new Scheduler({ _durations: () => 4 });
  const queue = scheduler.queue('q', { concurrency: 1 });
  const first = queue.submit(work);
  queue.submit({ id: 'second', kind: 'other' }, work, first, [first]);
  expect(scheduler.plan()).toStrictEqual({
    tasks: [
      { id: first.id, queue: 'q', kind: 'work', startMs: 0, endMs: 4, isUnknown: false, needs: [] },
      { id: 'second', queue: 'q', kind: 'other', startMs: 4, endMs: 8, isUnknown: false, needs: [first.id] },
    ],
    totalMs: 8,
    restored: 0,
    notNeeded: [],
    stuck: [],
  });
  await scheduler.terminate();
});

test('the plan of a queue in order of submission starts the oldest first', async () => {
  const scheduler = new Scheduler({ _durations: () => 1 });
  const queue = scheduler.queue('q', { concurrency: 1, order: 'fifo' });
  for (const id of ['a', 'b', 'c']) queue.submit({ id }, work);
  expect(scheduler.plan().tasks.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  await scheduler.terminate();
});

test('a plan starts a task when its partial result is there, and the whole of its other needs', async () => {
  const scheduler = new Scheduler({ _durations: (id) => (id === 'stream' ? 9 : 4) });
  const queue = scheduler.queue('q', { concurrency: 3 });
  const stream = queue.stream({ id: 'stream', results: 3 }, () => [1, 2, 3]);
  const whole = queue.submit({ id: 'whole' }, work);
  queue.submit({ id: 'both' }, work, whole, stream.at(1));
  const { tasks, totalMs } = scheduler.plan();
  expect(Object.fromEntries(tasks.map(({ id, startMs }) => [id, startMs]))).toEqual({ stream: 0, whole: 0, both: 6 });
  expect(totalMs).toBe(10);
  await scheduler.terminate();
});

test('an estimate names the first 20 tasks of the longest way, and counts all of them', async () => {
  const scheduler = new Scheduler({ _durations: (id) => (id === 'short' ? 1 : 2) });
  const queue = scheduler.queue('q', { concurrency: 1 });
  const short = queue.submit({ id: 'short' }, work);
  let last = queue.submit({ id: 't0' }, work);
  for (let place = 1; place < 25; place += 1) last = queue.submit({ id: `t${place}` }, work, short, last);
  const { criticalPath } = scheduler.estimate();
  expect(criticalPath).toEqual({ ms: 50, tasks: Array.from({ length: 20 }, (_, place) => `t${place}`) });
  await scheduler.terminate();
});

test('a task whose partial result is there is no longer on the way of what it depends on', async () => {
  const { executor, scheduler, queue } = timed();
  const stream = queue.stream({ id: 'stream', ahead: 5 }, () => [1, 2]);
  scheduler.start();
  await quiet();
  void executor.attemptAt('stream').partial(1);
  queue.submit({ id: 'ready' }, slow, stream.at(0));
  expect(scheduler.estimate().criticalPath.tasks).toHaveLength(1);
  const terminated = scheduler.terminate();
  executor.attemptAt('stream').failed(new Error('ended'));
  await terminated;
});

test.each([
  ['no tasks', [], 1, { workMs: 0, least: 0, likely: 0, most: 0, path: [], pathMs: 0 }],
  [
    'a way that is longer than its share of the slots',
    [of(10, 3), of(20, 4, 0), of(6, 0)],
    2,
    { workMs: 36, least: 20, likely: 30, most: 43, path: [0, 1], pathMs: 30 },
  ],
  [
    'equal tasks that one slot takes one by one',
    [of(10, 3), of(10, 4)],
    1,
    { workMs: 20, least: 10, likely: 20, most: 30, path: [0], pathMs: 10 },
  ],
  [
    'more slots than tasks',
    [of(10, 0), of(10, 0)],
    Number.POSITIVE_INFINITY,
    { workMs: 20, least: 10, likely: 10, most: 15, path: [0], pathMs: 10 },
  ],
  [
    'a spread that is wider than the task is long',
    [of(5, 10)],
    1,
    { workMs: 5, least: 0, likely: 5, most: 25, path: [0], pathMs: 5 },
  ],
  [
    'several needs, of which the longest counts, and of equals the first',
    [of(1, 0), of(5, 0), of(5, 0), of(1, 0), of(2, 0, 0, 1, 2, 3)],
    5,
    { workMs: 14, least: 7, likely: 7, most: 8.4, path: [1, 4], pathMs: 7 },
  ],
])('the bounds of %s', (_, tasks, slots, bounds) => {
  const { most, ...rest } = boundsOf(tasks, () => slots);
  const { most: expected, ...others } = bounds;
  expect(rest).toEqual(others);
  expect(most).toBeCloseTo(expected, 9);
});

test('the bounds of two queues share the work of each among its own slots', () => {
  const tasks = [
    { ...of(8, 0), queue: 'wide' },
    { ...of(8, 0), queue: 'wide' },
    { ...of(6, 0), queue: 'narrow' },
    { ...of(6, 0), queue: 'narrow' },
  ];
  expect(boundsOf(tasks, (queue) => (queue === 'wide' ? 2 : 1))).toEqual({
    workMs: 28,
    least: 12,
    likely: 12,
    most: 24,
    path: [0],
    pathMs: 8,
  });
});

function of(ms: number, spreadMs: number, ...needs: readonly number[]) {
  return { ms, spreadMs, queue: 'q', needs };
}

function work(...needs: readonly unknown[]): number {
  return needs.length;
}

function slow(...needs: readonly unknown[]): number {
  return needs.length;
}

function quick(...needs: readonly unknown[]): number {
  return needs.length;
}

function timed() {
  const clock = new SimulatedClock();
  const executor = new ManualExecutor();
  const scheduler = new Scheduler({ _environment: { clock, random: () => 0 } });
  return { clock, executor, scheduler, queue: scheduler.queue('q', { concurrency: 1, executor }) };
}
