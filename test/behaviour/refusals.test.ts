/** What is refused at once: each wrong value by the name of what it stands for, what was given, and what is allowed. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type QueueOptions, Scheduler, type SchedulerOptions, type SubmitOptions } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { refusalOf } from '../support/refusal.js';

const executor = { name: 'x', run() {}, abort() {}, close: () => Promise.resolve() };

test.each<[unknown, string]>([
  [{ parent: 5 }, 'parent must be an actor, got 5'],
  [{ inspect: 5 }, 'inspect must be a function or an observer, got 5'],
  [{ inspect: null }, 'inspect must be a function or an observer, got null'],
  [{ onSettled: 5 }, 'onSettled must be a function, got 5'],
  [{ interpreter: 'fast' }, 'interpreter must be compiled or xstate, got "fast"'],
  [{ onFailure: 'go on' }, 'onFailure must be continue, stop or abort, got "go on"'],
])('a scheduler with %j', (options, message) => {
  const error = refusalOf(() => new Scheduler(options as SchedulerOptions));
  expect([error.code, error.message]).toEqual(['InvalidOption', message]);
});

test.each<[string, unknown, string]>([
  [
    'a function as executor',
    { executor: () => executor },
    'the executor of queue q is a function: call it, as in threads(url), and give what it returns',
  ],
  ['a text as executor', { executor: 'inline' }, 'the executor of queue q must be an object, got "inline"'],
  ['no executor', { executor: null }, 'the executor of queue q must be an object, got null'],
  [
    'half an executor',
    { executor: { ...executor, abort: undefined } },
    'the executor of queue q must have the methods run, abort and close: abort is missing',
  ],
  ['a preemption that is no flag', { preempt: 1 }, 'preempt must be true or false, got 1'],
  ['another way to evict', { preempt: true, onEvict: 'move' }, 'onEvict must be requeue or drop, got "move"'],
  [
    'a way to evict without preemption',
    { onEvict: 'drop' },
    'onEvict is for queues with preempt: true; other queues evict nothing',
  ],
  ['another answer to an interruption', { onInterrupted: 'ask' }, 'onInterrupted must be retry or fail, got "ask"'],
  ['a store that is no flag', { store: 1 }, 'store must be true or false, got 1'],
])('a queue with %s', (_, options, message) => {
  const error = refusalOf(() => new Scheduler().queue('q', options as QueueOptions));
  expect([error.code, error.message]).toEqual(['InvalidOption', message]);
});

test.each<[unknown, string]>([
  [{ key: '' }, 'a key must be a string that is not empty, got ""'],
  [{ key: 5 }, 'a key must be a string that is not empty, got 5'],
  [{ version: {} }, 'a version must be a string or a number, got'],
  [{ signal: 5 }, 'signal must be an AbortSignal, got 5'],
  [{ group: {} }, 'group must be made by scheduler.group(), got'],
  [{ rateKey: 5 }, 'rateKey must be a string, got 5'],
])('a task with %j', (options, message) => {
  const queue = new Scheduler({ store: memoryStore() }).queue('q');
  const error = refusalOf(() => queue.submit(options as SubmitOptions, () => 1));
  expect([error.code, error.message]).toEqual(['InvalidOption', expect.stringContaining(message)]);
});

describe('a call', () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q');
  const handle = queue.submit({ id: 't' }, () => 1);
  const stream = queue.stream(() => [1]);

  test.each<[string, () => unknown, string, string]>([
    [
      'submit with a handle first',
      () => queue.submit(handle as never, 1 as never),
      'InvalidArgument',
      'submit takes a function first, got the handle of task t: handles are arguments',
    ],
    [
      'submit with an array first',
      () => queue.submit([1] as never, 1 as never),
      'InvalidArgument',
      'submit takes a function first, got an array: pass its items after the function',
    ],
    [
      'submit with a promise',
      () => queue.submit(Promise.resolve() as never, 1 as never),
      'InvalidArgument',
      'submit takes a function, got a promise: pass the function itself, not what it returns',
    ],
    [
      'asCompleted with no handle',
      () => scheduler.asCompleted([5 as never]),
      'InvalidArgument',
      'asCompleted takes handles, got 5',
    ],
    [
      'asCompleted with a foreign handle',
      () => scheduler.asCompleted([new Scheduler().queue('q').submit({ id: 'f' }, () => 1)]),
      'ForeignHandle',
      'task f belongs to another scheduler',
    ],
    [
      'iterator with options that are wrong',
      () => stream.iterator({ cancelOnReturn: 1 as never }),
      'InvalidOption',
      'cancelOnReturn must be true or false, got 1',
    ],
    [
      'on without a listener',
      () => scheduler.on('task', 5 as never),
      'InvalidArgument',
      'on takes a function as the listener, got 5',
    ],
    ['on of no event', () => scheduler.on('tusk' as never, () => undefined), 'InvalidArgument', 'did you mean task?'],
    ['on of an event that is no text', () => scheduler.on(5 as never, () => undefined), 'InvalidArgument', 'event 5.'],
  ])('%s', (_, call, code, message) => {
    const error = refusalOf(call);
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });
});

test('a handle in a Map or a Set is refused by its place, up to a bound', () => {
  const queue = new Scheduler().queue('q');
  const handle = queue.submit(() => 1);
  const after = (count: number): unknown[] => Array.from({ length: count }, (_, at) => at);
  const messageOf = (value: unknown): string => refusalOf(() => queue.submit((given: unknown) => given, value)).message;
  expect(messageOf({ list: [new Map([['a b', handle]])] })).toContain('at [0].list[0].get("a b") of');
  expect(messageOf(new Map([[5, handle]]))).toContain('at [0].get(number) of');
  expect(messageOf(new Map([[handle, 1]]))).toContain('at [0] (a key of a Map) of');
  expect(messageOf(new Set([handle]))).toContain('at [0] (a member of a Set) of');
  const cyclic: Record<string, unknown> = { set: new Set([handle]) };
  cyclic['self'] = cyclic;
  cyclic['text'] = 'x';
  expect(messageOf(cyclic)).toContain('at [0].set (a member of a Set) of');
  // What lies beyond the first thousand is not looked at.
  for (const large of [
    new Map([...after(1000).map((at) => [at, at]), [-1, handle]] as [number, unknown][]),
    new Set([...after(1000), handle]),
  ])
    expect(queue.submit((given: unknown) => given, large).state).toBe('ready');
});

describe('an error of the store', () => {
  const broken = (onStoreError?: SchedulerOptions['onStoreError']) => {
    const store = memoryStore();
    const open = store._open.bind(store);
    store._open = (setup) =>
      Object.assign(open(setup), {
        find() {
          throw new RangeError('disk');
        },
      });
    return new Scheduler({ store, ...(onStoreError === undefined ? {} : { onStoreError }) });
  };
  const use = (scheduler: Scheduler, times: number): void => {
    const queue = scheduler.queue('q');
    for (let at = 0; at < times; at += 1) queue.submit({ key: `k${at}` }, (value: number) => value, at);
  };

  test('is a warning, once for each message, and fails no task', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => warn.mockRestore());
    use(broken(), 3);
    expect(warn.mock.calls).toEqual([
      ['the store memory failed: RangeError: disk', { type: 'PullgraphWarning', code: 'PULLGRAPH_STORE' }],
    ]);
  });

  test('is told to a listener, and no warning', () => {
    const told: string[] = [];
    use(
      broken((error) => {
        told.push(error.code);
      }),
      2,
    );
    expect(told).toEqual(['StoreUnavailable', 'StoreUnavailable']);
  });
});
