/** `order: 'fifo'`: the rule, compared with naive ones, and what it means for priorities, retries, evictions and resources. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { type Scenario, simulate } from '../../src/testing/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue } from '../support/one-queue.js';
import { operations } from '../support/order-operations.js';
import { play } from '../support/order-play.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { referenceSchedule } from '../support/reference-scheduler.js';
import { refusalOf } from '../support/refusal.js';
import { scenarioKinds, scenarioOfKind } from '../support/scenario-arbitrary.js';

describe.each(scenarioKinds)('for any scenario of kind %s with queues of both orders and priorities', (kind) => {
  const features = { priority: true, fifo: true };
  const scenarios = fc.oneof(
    scenarioOfKind(kind, 8, features),
    scenarioOfKind(kind, 25, features),
    scenarioOfKind(kind, 60, features),
  );
  property([scenarios], { numRuns: scaledRuns(60) })('simulate gives the trace of the rule', (scenario) => {
    expect(simulate(scenario)).toEqual(referenceSchedule(scenario));
  });

  property([scenarioOfKind(kind, 25, features)], { numRuns: scaledRuns(15) })(
    'either interpreter gives the same trace',
    (scenario) => {
      expect(simulate(scenario, { interpreter: 'xstate' })).toEqual(simulate(scenario));
    },
  );
});

property([operations(80, true)], { numRuns: scaledRuns(300) })(
  'for any tasks that come, start, deliver, end and are withdrawn, the ready ones stand by urgency and age',
  (ops) => {
    play(ops, 'fifo');
  },
);

test('tasks start in the order of their submission, whatever demands them', () => {
  const tasks = [task('a'), task('b'), task('c', ['a']), task('d'), task('last', ['d', 'b'])];
  expect(startsOf(tasks)).toEqual(['a', 'b', 'c', 'd', 'last']);
});

test('a dependency is as urgent as its most urgent dependent, also in another queue', () => {
  const tasks = [task('a'), task('source'), task('b'), { ...task('urgent', ['source'], 1), queue: 'newest' }];
  expect(startsOf(tasks)).toEqual(['source', 'urgent', 'a', 'b']);
});

test('what is not urgent any more returns to its place', async () => {
  const { scheduler, queue, started, executor } = manualQueue({ order: 'fifo' });
  queue.submit({ id: 'a' }, work);
  const source = queue.submit({ id: 'source' }, work);
  const between = queue.submit({ id: 'between' }, work, source);
  queue.submit({ id: 'urgent', priority: 1 }, work, between).cancel();
  scheduler.start();
  await quiet();
  executor.attemptAt('a').done(undefined);
  await quiet();
  expect(started()).toEqual(['a', 'source']);
});

test('the first queue of that order knows what was urgent before it came', async () => {
  const { scheduler, queue, executor, started } = manualQueue();
  const other = scheduler.queue('fifo', { order: 'fifo', concurrency: 1, executor });
  // A queue that comes later finds the urgency that tasks of the others have by then.
  const gate = queue.submit({ id: 'gate' }, work);
  other.submit({ id: 'first', after: [gate] }, work);
  const second = other.submit({ id: 'second', after: [gate] }, work);
  queue.submit({ id: 'urgent', priority: 1 }, work, second);
  scheduler.start();
  await quiet();
  executor.attemptAt('gate').done(undefined);
  await quiet();
  expect(started()).toEqual(['gate', 'second']);
});

test('a task that is retried keeps its place', async () => {
  const { scheduler, queue, executor, started } = manualQueue({ order: 'fifo', retry: { attempts: 2 } });
  for (const id of ['a', 'b', 'c']) queue.submit({ id }, work);
  scheduler.start();
  await quiet();
  executor.attemptAt('a').failed(new Error('once'));
  await quiet();
  expect(started()).toEqual(['a', 'a']);
});

test('an evicted task keeps its place, and none evicts an equally urgent one', async () => {
  const { scheduler, queue, executor, started } = manualQueue({ order: 'fifo', preempt: true, concurrency: 2 });
  for (const id of ['a', 'b', 'c']) queue.submit({ id }, work);
  scheduler.start();
  await quiet();
  expect(started()).toEqual(['a', 'b']);
  queue.submit({ id: 'urgent', priority: 1 }, work);
  await quiet();
  // Of two equally urgent ones the one that started last is evicted.
  expect([...executor.aborted]).toEqual(['b']);
  executor.attemptAt('b').failed(new Error('evicted'));
  await quiet();
  executor.attemptAt('a').done(undefined);
  await quiet();
  expect(started()).toEqual(['a', 'b', 'urgent', 'b']);
});

test('two urgent tasks get the room of two evicted ones, oldest first', async () => {
  const { scheduler, queue, executor, started } = manualQueue({ order: 'fifo', preempt: true, concurrency: 2 });
  for (const id of ['a', 'b']) queue.submit({ id }, work);
  scheduler.start();
  await quiet();
  for (const id of ['x', 'y', 'z']) queue.submit({ id, priority: 1 }, work);
  await quiet();
  expect([...executor.aborted].toSorted()).toEqual(['a', 'b']);
  for (const id of ['a', 'b']) executor.attemptAt(id).failed(new Error('evicted'));
  await quiet();
  expect(started()).toEqual(['a', 'b', 'x', 'y']);
});

test('a task that does not fit the resources left is passed over', () => {
  const tasks = [
    { ...task('a'), resources: { mem: 1 } },
    { ...task('large'), resources: { mem: 2 } },
    { ...task('b'), resources: { mem: 1 } },
  ];
  const queue = { name: 'q', concurrency: 3, order: 'fifo', resources: { mem: 2 } } as const;
  expect(startsIn(simulate({ queues: [queue], tasks }))).toEqual(['a', 'b', 'large']);
});

test('a scheduler of such queues only walks nothing, however long its chains', async () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { order: 'fifo', concurrency: 2 });
  const other = scheduler.queue('other', { order: 'fifo', concurrency: 2 });
  let last = queue.submit(() => 0);
  for (let index = 0; index < 1_000; index += 1) {
    last = (index % 2 === 0 ? queue : other).submit((before: number) => before + 1, last);
    queue.submit(() => 0);
  }
  scheduler.start();
  expect(await last.result()).toBe(1_000);
  expect(scheduler._counts).toMatchObject({ visits: 0, relabels: 0, reranks: 0 });
  await scheduler.close();
});

test('another order than the two is refused', () => {
  const error = refusalOf(() => new Scheduler().queue('q', { order: 'lifo' as 'fifo' }));
  expect(error).toMatchObject({ code: 'InvalidOption', queue: 'q' });
  expect(error.message).toBe('the order of queue q must be newest or fifo, got "lifo"');
  expect(
    refusalOf(() => simulate({ queues: [{ name: 'q', concurrency: 1, order: 'lifo' as 'fifo' }], tasks: [] })).message,
  ).toContain('queues[0].order: expected "newest" or "fifo"');
});

function work(..._needed: readonly unknown[]): void {
  throw new Error('the manual executor calls no function');
}

function task(id: string, deps: readonly string[] = [], priority = 0): Scenario['tasks'][number] {
  return { id, queue: 'q', deps, duration: 1, priority };
}

/** The order in which the tasks start on a queue of one slot, beside one of the other order. */
function startsOf(tasks: Scenario['tasks']): readonly string[] {
  const queues = [
    { name: 'q', concurrency: 1, order: 'fifo' },
    { name: 'newest', concurrency: 1 },
  ] as const;
  return startsIn(simulate({ queues, tasks }));
}

function startsIn({ trace }: ReturnType<typeof simulate>): readonly string[] {
  return trace.flatMap((event) => (event.event === 'start' ? [event.id] : []));
}
