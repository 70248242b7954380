/** What a scheduler hands over to its store, and what it makes of a record whose end was not that of the task. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { outcomeKind, Scheduler } from '../../src/index.js';
import { Gate } from '../support/gate.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { NotedStore } from '../support/noted-store.js';
import { quiet } from '../support/event-loop.js';
import { type Run, run, toItsEnd } from '../support/store-run.js';

const version = 1;
const typeOf = (value: unknown): string => typeof value;
const double = (n: number): number => 2 * n;
function* countTo(n: number): Generator<number> {
  for (let k = 1; k <= n; k += 1) yield k;
}

/** What the store is told in the course of `work`. */
async function changesOf(store: NotedStore, program: Run, work: (of: Run) => unknown): Promise<string[]> {
  store.changes.length = 0;
  work(program);
  program.scheduler.start();
  await program.scheduler.wait().catch(() => undefined);
  const changes = [...store.changes];
  await program.scheduler.close().catch(() => undefined);
  return changes;
}

describe('a store is told', () => {
  test('of the results of tasks that are kept, and of those only', async () => {
    const store = new NotedStore();
    const changes = await changesOf(store, run(store), ({ queue }) => {
      queue.submit({ id: 'alone' }, countTo, 2);
      const stream = queue.submit({ id: 'plain stream' }, countTo, 2);
      const versioned = queue.submit({ id: 'versioned', version }, countTo, 2);
      queue.submit({ key: 'k', version }, (...all: unknown[]) => all.length, stream, versioned);
    });
    expect(changes).toEqual(['keep k done']);
  });

  test.each([
    ['batch', ['keep s#0', 'keep s#1', 'keep s done', 'keep k done']],
    ['each', ['keep s#0', 'commit', 'keep s#1', 'commit', 'keep s done', 'commit', 'keep k done', 'commit']],
  ] as const)('to commit as the durability %s says', async (durability, expected) => {
    const store = new NotedStore();
    const changes = await changesOf(store, run(store, { durability }), ({ queue }) => {
      const stream = queue.submit({ key: 's', version }, countTo, 2);
      queue.submit({ key: 'k', version }, (values: number[]) => values, stream);
    });
    expect(changes).toEqual(expected);
  });

  test('of nothing that it has told itself', async () => {
    const store = new NotedStore();
    const submit = ({ queue }: Run) => {
      const stream = queue.submit({ key: 's', version }, countTo, 2);
      queue.submit({ key: 'k', version }, (values: number[]) => values, stream);
    };
    await changesOf(store, run(store), submit);
    expect(await changesOf(store, run(store), submit)).toEqual([]);
  });

  test('that a task begins which must not run twice, and of no result before its last', async () => {
    const store = new NotedStore();
    const changes = await changesOf(store, run(store), ({ queue }) =>
      queue.submit({ key: 's', version, onInterrupted: 'fail' }, countTo, 2),
    );
    expect(changes).toEqual(['keep s running', 'commit', 'keep s done']);
  });

  test('of no result after one that could not be kept', async () => {
    const store = new NotedStore();
    const program = run(store, { onStoreError: () => 'continue' });
    program.scheduler.on('partial', ({ index }) => {
      if (index === 0) store.failing.set('keepPartial', new Error('no room'));
      if (index === 1) store.failing.delete('keepPartial');
    });
    const changes = await changesOf(store, program, ({ queue }) => queue.submit({ key: 's', version }, countTo, 4));
    expect(changes).toEqual(['keep s#0', 'keep s done']);
  });

  test('of no task whose results a feed has released', async () => {
    const store = new NotedStore();
    const program = run(store, { concurrency: 2 });
    const taken: unknown[] = [];
    const changes = await changesOf(store, program, ({ queue }) => {
      const stream = queue.submit({ key: 's', version, ahead: 1 }, countTo, 3);
      queue.from(stream, (n) => void taken.push(n));
    });
    expect(taken).toEqual([1, 2, 3]);
    expect(changes).toEqual(['keep s#0', 'keep s#1', 'keep s#2']);
  });

  test('of a failure where failures are kept, and not of one that another task has caused', async () => {
    const store = new NotedStore();
    const changes = await changesOf(store, run(store, { keepFailures: true }), ({ queue }) => {
      const fails = queue.submit({ key: 'fails', version }, (): number => {
        throw new RangeError('no');
      });
      queue.submit({ key: 'follows', version }, double, fails);
    });
    expect(changes).toEqual(['keep fails failed']);
  });

  test('of nothing where a running task is cancelled, also where failures are kept', async () => {
    const store = new NotedStore();
    const program = run(store, { keepFailures: true });
    const task = program.queue.submit({ key: 'k', version }, () => new Promise(() => undefined));
    program.scheduler.on('task', ({ state }) => void (state === 'running' && queueMicrotask(() => task.cancel())));
    const changes = await changesOf(store, program, () => undefined);
    expect([task.state, changes]).toEqual(['cancelled', []]);
  });

  test('to take the fingerprint of a result once, whatever depends on it, also where it has none', async () => {
    const store = new NotedStore();
    const submitTo = ({ queue }: Run, values: readonly unknown[]) => {
      for (const [at, value] of values.entries()) {
        const source = queue.submit({ id: `source ${at}` }, () => value);
        for (const key of ['a', 'b', 'c']) queue.submit({ key: `${key}${at}`, version }, typeOf, source);
      }
    };
    await changesOf(store, run(store), (program) => submitTo(program, [7, () => 7]));
    const asked = store.fingerprinted.filter((what) => what.startsWith('the result of'));
    expect(asked.toSorted()).toEqual(['the result of source 0', 'the result of source 1']);
  });
});

describe('a record', () => {
  /** A store with a mark of the task `pay`, which a process that died has left. */
  async function interrupted(): Promise<NotedStore> {
    const store = new NotedStore();
    const executor = new ManualExecutor();
    const first = new Scheduler({ store, onStoreError: () => 'continue' });
    onTestFinished(() => first.terminate());
    first.queue('q', { executor }).submit({ key: 'pay', version, onInterrupted: 'fail' }, double, 5);
    first.start();
    await quiet();
    for (const method of ['drop', 'keep']) store.failing.set(method, new Error('the process is dead'));
    executor.attemptAt('#1').done(10);
    await first.close();
    store.failing.clear();
    return store;
  }

  test('of a task that was running fails the task where it is to, and no other way of asking does', async () => {
    const store = await interrupted();
    for (const [options, state] of [
      [{ onInterrupted: 'fail' }, 'failed'],
      [{ onInterrupted: 'retry' }, 'ready'],
      [{}, 'ready'],
    ] as const) {
      const errors: unknown[] = [];
      const { scheduler, queue } = run(store, { keepFailures: true, onStoreError: (error) => void errors.push(error) });
      const task = queue.submit({ key: 'pay', version, ...options }, double, 5);
      expect([task.state, errors]).toEqual([state, []]);
      if (state === 'ready') expect(task.why().notRestored).toBe('interrupted');
      else expect(outcomeKind(await task.settled())).toBe('interrupted');
      await scheduler.terminate();
    }
  });

  test('of a result, or of a failure, is no interruption', async () => {
    const store = new NotedStore();
    const onInterrupted = 'fail';
    const fails = (): never => {
      throw new RangeError('no');
    };
    await changesOf(store, run(store, { keepFailures: true }), ({ queue }) => {
      queue.submit({ key: 'done', version }, double, 5);
      queue.submit({ key: 'failed', version }, fails);
    });
    const { queue } = run(store);
    const tasks = [
      queue.submit({ key: 'done', version: 2, onInterrupted }, double, 5),
      queue.submit({ key: 'failed', version, onInterrupted }, fails),
    ];
    expect(tasks.map((task) => task.why().notRestored)).toEqual(['function changed', 'failed before']);
  });

  test('of a list is one result, and brings no partial results', async () => {
    const store = new NotedStore();
    const submit = ({ queue }: Run) => queue.submit({ key: 'k', version }, () => [1, 2]);
    await changesOf(store, run(store), submit);
    const second = run(store);
    const indices: number[] = [];
    second.scheduler.on('partial', ({ index }) => void indices.push(index));
    expect([await submit(second).result(), indices]).toEqual([[1, 2], []]);
  });

  test('of other arguments is of no use, also where the results that the task needs turn out to be the same', async () => {
    const store = new NotedStore();
    const submit = ({ queue }: Run, n: number) =>
      queue.submit({ id: 'b', key: 'b', version }, (a: number, c: number) => a + c, queue.submit(Math.abs, -3), n);
    await changesOf(store, run(store), (program) => submit(program, 1));
    const second = run(store);
    const b = submit(second, 2);
    expect(b.why().notRestored).toBe('argument 2 changed');
    await toItsEnd(second);
    expect([await b.result(), second.ran.includes('b')]).toEqual([5, true]);
  });

  test('that was found late is found at submission by the next run', async () => {
    const store = new NotedStore();
    const submit = ({ queue }: Run, by: number) =>
      queue.submit({ id: 'b', key: 'b', version }, double, queue.submit({ id: 'a', version: by }, double, 2));
    await changesOf(store, run(store), (program) => submit(program, 1));
    const second = run(store);
    expect(await changesOf(store, second, (program) => submit(program, 2))).toEqual(['relabel b']);
    expect([second.ran, second.restored]).toEqual([['a'], ['b=b']]);
    expect(second.scheduler._engine.keeping?.restored).toBe(1);
    expect(submit(run(store), 2).state).toBe('done');
  });

  test('is found by one result of a task of many that has others now', async () => {
    const store = new NotedStore();
    const submit = ({ queue }: Run, by: number) => {
      const stream = queue.submit({ id: 's', key: 's', version: by }, countTo, by);
      return queue.submit({ id: 'b', key: 'b', version }, double, stream.at(0));
    };
    await changesOf(store, run(store), (program) => submit(program, 1));
    const second = run(store);
    await changesOf(store, second, (program) => submit(program, 2));
    expect([second.ran, second.restored]).toEqual([['s'], ['b=b']]);
  });

  test('is found by one result of a task that was over before, whatever its others are', async () => {
    const store = new NotedStore();
    const states: string[] = [];
    for (const by of [1, 2]) {
      const program = run(store);
      const stream = program.queue.submit({ key: 's', version: by }, countTo, by);
      program.scheduler.start();
      await stream.result();
      states.push(program.queue.submit({ key: 'b', version }, double, stream.at(0)).state);
      await program.scheduler.close();
    }
    expect(states).toEqual(['ready', 'done']);
  });

  test('of all results is of no use where one of them is the same', async () => {
    const store = new NotedStore();
    const submit = ({ queue }: Run, by: number) => {
      const stream = queue.submit({ id: 's', version: by }, countTo, by);
      queue.submit({ id: 'part', key: 'part', version, priority: 1 }, double, stream.at(0));
      return queue.submit({ id: 'all', key: 'all', version }, (values: number[]) => values.length, stream);
    };
    await changesOf(store, run(store), (program) => submit(program, 1));
    const second = run(store);
    const all = submit(second, 2);
    await toItsEnd(second);
    expect([await all.result(), second.ran, second.restored]).toEqual([2, ['s', 'all'], ['part=part']]);
  });

  test('of all results is delivered from where an interrupted run has come to', async () => {
    const store = new NotedStore();
    const gate = new Gate();
    let from = 1;
    const submit = ({ queue }: Run, by: number) => {
      const source = queue.submit({ id: 'source', version: by }, () => from);
      return queue.stream(
        { id: 's', key: 's', version },
        async function* count(first: number) {
          yield 1;
          if (first > 1) await gate.promise;
          yield 2;
        },
        source,
      );
    };
    await changesOf(store, run(store), (program) => submit(program, 1));
    const cut = run(store);
    from = 2;
    const held = submit(cut, 2);
    cut.scheduler.start();
    expect(await held.at(0).result()).toBe(1);
    await cut.scheduler.terminate();
    const third = run(store);
    from = 1;
    const indices: number[] = [];
    third.scheduler.on('partial', ({ index }) => void indices.push(index));
    const again = submit(third, 2);
    await toItsEnd(third);
    expect([await again.result(), indices, third.ran]).toEqual([[1, 2], [0, 1], ['source']]);
  });
});

test('a stream after one whose recipe cannot be known looks for no results of an earlier run', async () => {
  const store = new NotedStore();
  const errors: unknown[] = [];
  const { queue } = run(store, { onStoreError: (error) => void errors.push(error) });
  const stream = queue.stream({ key: 's', version }, countTo, queue.submit(Math.abs, -3));
  expect([stream.why().notRestored, errors]).toEqual(['no record', []]);
});
