/** What follows when a store cannot do what it was asked for, and which stores and options are refused. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Scheduler, SchedulerError } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { quiet } from '../support/event-loop.js';
import { NotedStore } from '../support/noted-store.js';
import { refusalOf } from '../support/refusal.js';
import { run, toItsEnd } from '../support/store-run.js';
import { uncaughtErrors } from '../support/uncaught-errors.js';

const version = 1;
const double = (n: number): number => 2 * n;

function warnings(): readonly unknown[][] {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  return warn.mock.calls;
}

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('is refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a store that is null', { store: null }, 'store must be one of pullgraph/store, got null'],
    ['a path', { store: 'run.db' }, 'store must be one of pullgraph/store, got "run.db"'],
    [
      'an object that is no store',
      { store: { name: 'mine' } },
      'store must be one of pullgraph/store, got [object Object]',
    ],
    ['what cannot be opened', { store: { _open: 1 } }, 'store must be one of pullgraph/store, got [object Object]'],
    [
      'a function that has been given the methods of a store',
      { store: Object.assign(() => 0, { _open: () => 0, toString: () => 'a function' }) },
      'store must be one of pullgraph/store, got a function',
    ],
    [
      'what throws when it is looked at',
      { store: revoked() },
      'store must be one of pullgraph/store, got a value that cannot be described',
    ],
    ['another durability', { durability: 'always' }, 'durability must be batch or each, got "always"'],
    [
      'another answer to errors',
      { onStoreError: 'warn' },
      'onStoreError must be continue, stop or a function, got "warn"',
    ],
  ])('%s', (_, options, message) => {
    const error = refusalOf(() => new Scheduler(options));
    expect([error.code, error.message]).toEqual(['InvalidOption', message]);
  });
});

test.each([undefined, 'batch', 'each'] as const)('a store is opened for the durability %s', async (durability) => {
  const store = new NotedStore();
  const scheduler = new Scheduler({ store, ...(durability === undefined ? {} : { durability }) });
  expect(store.durability).toBe(durability ?? 'batch');
  await scheduler.close();
});

test('a scheduler without a store has nothing to commit', async () => {
  expect(await new Scheduler().flush()).toBeUndefined();
});

describe('an error of a store', () => {
  test('is one of pullgraph, with what the store has thrown as its cause', async () => {
    const store = new NotedStore();
    const errors: SchedulerError[] = [];
    const cause = new RangeError('no room');
    store.failing.set('keep', cause);
    const program = run(store, { onStoreError: (error) => void errors.push(error) });
    const task = program.queue.submit({ key: 'k', version }, double, 2);
    await toItsEnd(program);
    expect([task.state, await task.result()]).toEqual(['done', 4]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(SchedulerError);
    expect(errors[0]).toMatchObject({
      code: 'StoreUnavailable',
      message: 'the store noted failed: RangeError: no room',
      cause,
    });
  });

  test('of pullgraph is told as it is', async () => {
    const store = new NotedStore();
    const errors: unknown[] = [];
    const damaged = new SchedulerError('StoreCorrupt', 'damaged');
    store.failing.set('keep', damaged);
    const program = run(store, { onStoreError: (error) => void errors.push(error) });
    program.queue.submit({ key: 'k', version }, double, 2);
    await toItsEnd(program);
    expect(errors).toEqual([damaged]);
    expect(errors[0]).toBe(damaged);
  });

  test.each([undefined, 'continue'] as const)(
    'warns once for each message where onStoreError is %s',
    async (answer) => {
      const told = warnings();
      const store = new NotedStore();
      store.failing.set('keep', new Error('no room'));
      const program = run(store, answer === undefined ? {} : { onStoreError: answer });
      const tasks = ['a', 'b', 'c'].map((key) => program.queue.submit({ key, version }, double, 2));
      program.scheduler.on('settled', ({ id }) => {
        if (id === tasks[1]?.id) store.failing.set('keep', new Error('no disk'));
      });
      await toItsEnd(program);
      expect(tasks.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
      const options = { type: 'PullgraphWarning', code: 'PULLGRAPH_STORE' };
      expect(told).toEqual([
        ['the store noted failed: Error: no room', options],
        ['the store noted failed: Error: no disk', options],
      ]);
    },
  );

  test.each(['continue', undefined] as const)('warns of nothing where a function answers %s', async (answer) => {
    const told = warnings();
    const store = new NotedStore();
    store.failing.set('keep', new Error('no room'));
    const program = run(store, { onStoreError: () => answer });
    const tasks = ['a', 'b'].map((key) => program.queue.submit({ key, version }, double, 2));
    await toItsEnd(program);
    expect([tasks.map(({ state }) => state), told]).toEqual([['done', 'done'], []]);
  });

  test.each([
    ['stop', 'stop'],
    ['a function that answers stop', () => 'stop'],
  ] as const)('ends the run and warns of nothing where onStoreError is %s', async (_, onStoreError) => {
    const told = warnings();
    const store = new NotedStore();
    store.failing.set('keep', new Error('no room'));
    const { scheduler, queue } = run(store, { onStoreError });
    const first = queue.submit({ key: 'first', version, priority: 1 }, double, 1);
    const second = queue.submit(double, 2);
    scheduler.start();
    await expect(scheduler.wait()).rejects.toThrow('the store noted failed: Error: no room');
    expect([first.state, second.state, told]).toEqual(['done', 'ready', []]);
  });

  test('goes on where the function that is to answer throws, and its own error is uncaught', async () => {
    const uncaught = uncaughtErrors();
    const store = new NotedStore();
    store.failing.set('keep', new Error('no room'));
    const own = new RangeError('the listener has failed');
    const program = run(store, {
      onStoreError: () => {
        throw own;
      },
    });
    const task = program.queue.submit({ key: 'k', version }, double, 2);
    await toItsEnd(program);
    await quiet();
    expect([task.state, uncaught]).toEqual(['done', [own]]);
  });

  test('is counted, whatever it leads to', async () => {
    const store = new NotedStore();
    const program = run(store, { onStoreError: () => 'continue' });
    const errors = (): number | undefined => program.scheduler._engine.keeping?.errors;
    expect(errors()).toBe(0);
    store.failing.set('keep', new Error('no room'));
    for (const key of ['a', 'b']) program.queue.submit({ key, version }, double, 2);
    await toItsEnd(program);
    expect(errors()).toBe(2);
  });

  test('in looking for a record makes the task run, and why() says so', async () => {
    const store = new NotedStore();
    const errors: string[] = [];
    store.failing.set('find', new Error('unreadable'));
    const program = run(store, { onStoreError: ({ message }) => void errors.push(message) });
    const task = program.queue.submit({ key: 'k', version }, double, 2);
    expect([task.state, task.why().notRestored]).toEqual(['ready', 'the store could not be read']);
    expect(errors).toEqual(['the store noted failed: Error: unreadable']);
    await toItsEnd(program);
    expect(await task.result()).toBe(4);
  });

  test('in reading a result that was found late makes the task run', async () => {
    const store = new NotedStore();
    const errors: string[] = [];
    const submit = ({ queue }: ReturnType<typeof run>) =>
      queue.submit({ id: 'b', key: 'b', version }, double, queue.submit({ id: 'a' }, Math.abs, -3));
    const first = run(store);
    submit(first);
    await toItsEnd(first);
    store.failing.set('valueOf', new Error('unreadable'));
    const second = run(store, { onStoreError: ({ message }) => void errors.push(message) });
    const b = submit(second);
    await toItsEnd(second);
    expect([await b.result(), second.ran]).toEqual([6, ['a', 'b']]);
    expect(errors).toEqual(['the store noted failed: Error: unreadable']);
  });
});

test('a key that another unsettled task has is refused, with the queue', () => {
  const { queue } = run(memoryStore());
  queue.submit({ key: 'k', version }, double, 1);
  const error = refusalOf(() => queue.submit({ key: 'k', version }, double, 2));
  expect(error).toMatchObject({
    code: 'DuplicateTask',
    message: 'a task with the key k has not settled yet',
    queue: 'q',
  });
});

test('a scheduler tells its executors which store its runs continue from', () => {
  const told: string[] = [];
  const executor = {
    name: 'resuming',
    run: (): void => undefined,
    abort: (): void => undefined,
    close: (): Promise<void> => Promise.resolve(),
    resumes: (id: string): void => void told.push(id),
  };
  const store = new NotedStore();
  run(store, { executor });
  expect(told).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
});
