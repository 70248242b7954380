/** The options of schedulers and queues: what is refused and by which words, what is taken, and what holds when nothing is said. */
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type QueueOptions, Scheduler, type SchedulerOptions } from '../../src/index.js';
import { inline } from '../../src/executors/inline.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';

describe('options that are no object are refused', () => {
  test.each([null, 3, []])('%j', (options) => {
    const scheduler = new Scheduler();
    for (const call of [() => new Scheduler(options as never), () => scheduler.queue('q', options as never)]) {
      const error = refusalOf(call);
      expect(error.code).toBe('InvalidOption');
      expect(error.message).toMatch(/^the options of (new Scheduler|queue) must be an object, got /);
    }
  });
});

describe('an option that does not exist is refused by its name', () => {
  test('by new Scheduler', () => {
    const error = refusalOf(() => new Scheduler({ onfailure: 'stop' } as object));
    expect(error).toMatchObject({
      code: 'InvalidOption',
      message:
        'new Scheduler has no option onfailure; did you mean onFailure? ' +
        'Its options are onFailure, order, interpreter, parent, inspect, onSettled, store, durability, onStoreError',
    });
  });

  test('by queue, which leaves no queue behind', () => {
    const scheduler = new Scheduler();
    const error = refusalOf(() => scheduler.queue('q', { concurency: 2 } as object));
    expect(error.code).toBe('InvalidOption');
    expect(error.message).toMatch(
      /^queue has no option concurency; did you mean concurrency\? Its options are .*timeoutMs, retry/,
    );
    expect([...scheduler.queues.keys()]).toEqual([]);
  });
});

test.each([0, -1, 1.5, Number.NaN])('events refuses to keep %s events', (limit) => {
  const scheduler = new Scheduler();
  expect(refusalOf(() => scheduler.events({ limit })).code).toBe('InvalidOption');
});

describe('what is neither of the words, numbers and objects that an option takes is refused', () => {
  const unreadable = new Proxy({}, { has: () => expect.fail('cannot be looked into') });

  test.each<[string, object, string]>([
    ['order', { order: 'oldest' }, 'order must be newest, critical-path or soonest, got "oldest"'],
    ['an object as parent', { parent: { send: 1 } }, 'parent must be an actor, got [object Object]'],
    ['a system without more', { parent: { system: 1 } }, 'parent must be an actor, got [object Object]'],
    ['no parent', { parent: null }, 'parent must be an actor, got null'],
    ['a word as inspector', { inspect: 'all' }, 'inspect must be a function or an observer, got "all"'],
    ['a parent that cannot be read', { parent: unreadable }, 'parent must be an actor, got [object Object]'],
  ])('by new Scheduler: %s', (_, options, message) => {
    const error = refusalOf(() => new Scheduler(options));
    expect([error.code, error.message]).toEqual(['InvalidOption', message]);
  });

  test.each<[string, QueueOptions | object, string]>([
    ['', {}, 'a queue\'s name must be a string that is not empty, got ""'],
    [5 as unknown as string, {}, "a queue's name must be a string that is not empty, got 5"],
    ['q', { order: 'oldest' }, 'the order of queue q must be newest or fifo, got "oldest"'],
    ['q', { bound: 0 }, 'the bound of queue q must be an integer of at least 1, or Infinity, got 0'],
    ['q', { concurrency: 1.5 }, 'the concurrency of queue q must be an integer of at least 1, or Infinity, got 1.5'],
    ['q', { concurrency: '1' }, 'the concurrency of queue q must be an integer of at least 1, or Infinity, got "1"'],
    ['q', { resources: null }, 'the resources of queue q must be an object of capacities, got null'],
    [
      'q',
      { concurrency: 'workers' },
      'the concurrency of queue q is workers, which is for executors such as distributed()',
    ],
    [
      'q',
      { concurrency: 'workers', executor: inline() },
      'the concurrency of queue q is workers, which is for executors such as distributed()',
    ],
    [
      'q',
      { executor: { run: () => 1, abort: () => 1 } },
      'the executor of queue q must have the methods run, abort and close: close is missing',
    ],
  ])('by queue: %j, %j', (name, options, message) => {
    const error = refusalOf(() => new Scheduler().queue(name, options));
    expect([error.code, error.message, error.queue]).toEqual([
      'InvalidOption',
      message,
      name === 'q' ? 'q' : undefined,
    ]);
  });

  test.each(['rate', 'rateByKey'])('by queue: a limit of the %s, by that name', (name) => {
    const error = refusalOf(() => new Scheduler().queue('q', { [name]: { max: 1 } }));
    expect(error.message).toBe(`${name} has no option max. Its options are limit, intervalMs, burst`);
  });

  test('by queue: the order newest in a scheduler of another order', () => {
    const scheduler = new Scheduler({ order: 'soonest' });
    const error = refusalOf(() => scheduler.queue('q', { order: 'newest' }));
    expect(error).toMatchObject({ code: 'InvalidOption', queue: 'q' });
    expect(error.message).toBe(
      'queue q cannot have the order newest in a scheduler with the order soonest: leave it out, or use fifo',
    );
    expect(scheduler.queue('q', { order: 'fifo' })._view.order).toBe('fifo');
    expect(new Scheduler().queue('q', { order: 'newest' })._view.order).toBe('newest');
  });
});

test.each<SchedulerOptions>([
  {},
  { order: 'newest', onFailure: 'continue', interpreter: 'compiled' },
  { order: 'critical-path', onFailure: 'stop', interpreter: 'xstate' },
  { order: 'soonest', onFailure: 'abort', inspect: () => undefined },
  { inspect: { next: () => undefined } },
])('new Scheduler(%j) is made', (options) => {
  expect(new Scheduler(options).state).toBe('stopped');
});

test('a queue of which nothing is said has as many slots as the machine has processors, and no bound', () => {
  const queue = new Scheduler().queue('q');
  expect([queue.concurrency, queue.bound, queue._view.resources]).toEqual([
    availableParallelism(),
    Number.POSITIVE_INFINITY,
    {},
  ]);
});

test('a queue as wide as its workers has a slot for each as they come and go, and one while there are none', () => {
  const watchers: ((slots: number) => void)[] = [];
  class Workers extends ManualExecutor {
    watchSlots(changed: (slots: number) => void): void {
      watchers.push(changed);
    }
  }
  const scheduler = new Scheduler();
  scheduler.queue('fixed', { concurrency: 4, executor: new Workers() });
  expect(watchers).toEqual([]);
  const queue = scheduler.queue('q', { concurrency: 'workers', executor: new Workers() });
  const seen = [queue.concurrency];
  for (const slots of [3, 0, 2]) {
    for (const changed of watchers) changed(slots);
    seen.push(queue.concurrency);
  }
  expect(seen).toEqual([1, 3, 1, 2]);
});

test('the limit of events is refused by its value, and may be 1', () => {
  const scheduler = new Scheduler();
  const error = refusalOf(() => scheduler.events({ limit: 0 }));
  expect(error.message).toBe('limit must be an integer of at least 1, got 0');
  expect(() => scheduler.events({ limit: 1 })).not.toThrow();
});
