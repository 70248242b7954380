/** What a second run of the same program runs, and what it finds in the store. */
import { createRequire } from 'node:module';
import { describe, expect, test, vi } from 'vitest';
import type { Handle } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import type { Attempt } from '../../src/core/ports.js';
import { refusalOf } from '../support/refusal.js';
import { type Run, run, toItsEnd } from '../support/store-run.js';

const { inBlock } = createRequire(import.meta.url)('./fixtures/in-block.cjs') as { inBlock: () => number };

const double = (n: number): number => 2 * n;
const add = (a: number, b: number): number => a + b;
function* countTo(n: number): Generator<number> {
  for (let k = 1; k <= n; k += 1) yield k;
}

/** a → b, both kept. */
function chain({ queue }: Run, n = 2, version = 1) {
  const a = queue.submit({ id: 'a', key: 'a', version }, double, n);
  const b = queue.submit({ id: 'b', key: 'b' }, add, a, 1);
  return { a, b };
}

/** The first run, to its end. */
async function runChain(store: ReturnType<typeof memoryStore>): Promise<void> {
  const first = run(store);
  chain(first);
  await toItsEnd(first);
}

describe('a second run', () => {
  test('restores what was done, at submission and before the scheduler is started', async () => {
    const store = memoryStore();
    await runChain(store);
    const second = run(store);
    const { a, b } = chain(second);
    expect([a.state, b.state]).toEqual(['done', 'done']);
    expect(second.restored).toEqual(['a=a', 'b=b']);
    expect(await b.result()).toBe(5);
    await second.scheduler.wait();
    await toItsEnd(second);
    expect(second.ran).toEqual([]);
    expect(second.scheduler._counts).toMatchObject({ staleReports: 0, unexpectedEvents: 0 });
  });

  test('runs what changed and what follows from it, and says why', async () => {
    const store = memoryStore();
    await runChain(store);
    const second = run(store);
    const { a, b } = chain(second, 3);
    expect(a.why().notRestored).toBe('argument 1 changed');
    expect(b.why().notRestored).toBe('dependency a changed');
    second.scheduler.start();
    expect(await b.result()).toBe(7);
    expect(second.ran).toEqual(['a', 'b']);
  });

  test('runs a task whose function changed, and stops there if its result is the same', async () => {
    const store = memoryStore();
    await runChain(store);
    const second = run(store);
    const { a, b } = chain(second, 2, 2);
    expect(a.why().notRestored).toBe('function changed');
    second.scheduler.start();
    expect(await b.result()).toBe(5);
    expect(second.ran).toEqual(['a']);
    expect(second.restored).toEqual(['b=b']);
    await second.scheduler.close();
    // The new recipe is in the store, so that the third run need not wait for a.
    const third = run(store);
    expect(chain(third, 2, 2).b.state).toBe('done');
  });

  test('keeps the new recipe also where the results that a task needs were there when it was submitted', async () => {
    const store = memoryStore();
    const submitA = ({ queue }: Run, version: number) => queue.submit({ id: 'a', version }, double, 2);
    const submitB = ({ queue }: Run, a: Handle<number>) => queue.submit({ id: 'b', key: 'b' }, add, a, 1);
    for (const version of [1, 2]) {
      const late = run(store);
      late.scheduler.start();
      const a = submitA(late, version);
      await a.result();
      expect(submitB(late, a).state).toBe(version === 1 ? 'ready' : 'done');
      await late.scheduler.close();
    }
    const third = run(store);
    expect(submitB(third, submitA(third, 2)).state).toBe('done');
  });

  test('asks for nothing before a final result that the store has', async () => {
    const store = memoryStore();
    const submit = ({ queue }: Run) => {
      const a = queue.submit({ id: 'a' }, double, 1);
      const b = queue.submit({ id: 'b' }, double, a);
      return { a, b, c: queue.submit({ id: 'c', key: 'c' }, double, b) };
    };
    const first = run(store);
    submit(first);
    first.scheduler.start();
    await first.scheduler.wait();
    expect(first.ran).toEqual(['a', 'b', 'c']);
    await first.scheduler.close();
    const second = run(store);
    const { a, b, c } = submit(second);
    second.scheduler.start();
    await second.scheduler.wait();
    expect([a.state, b.state, c.state]).toEqual(['ready', 'pending', 'done']);
    expect(b.why().reason).toBe('not-needed');
    expect(second.scheduler.state).toBe('idle');
    // Whoever asks for a result wants it, and what it needs.
    expect(await b.result()).toBe(4);
    expect(second.ran).toEqual(['a', 'b']);
    await second.scheduler.close();
  });

  test('runs an unneeded task for a task that comes later, and cancels one on closing without a word', async () => {
    const store = memoryStore();
    const first = run(store);
    const last = (of: Run) => of.queue.submit({ key: 'last' }, double, of.queue.submit({ id: 'a' }, double, 1));
    last(first);
    await toItsEnd(first);
    const second = run(store);
    const a = second.queue.submit({ id: 'a' }, double, 1);
    second.queue.submit({ key: 'last' }, double, a);
    expect(a.why().reason).toBe('not-needed');
    second.scheduler.start();
    await second.scheduler.wait();
    expect(await second.queue.submit({ id: 'new' }, double, a).result()).toBe(4);
    expect(second.ran).toEqual(['a', 'new']);
    const spare = second.queue.submit({ id: 'b' }, double, 1);
    second.queue.submit({ key: 'last' }, double, spare);
    await second.queue.close();
    await second.scheduler.close();
    expect(spare.state).toBe('cancelled');
  });

  test('derives keys where the queue says so, and tells equal submissions apart', async () => {
    const store = memoryStore();
    const submit = ({ queue }: Run) => [1, 1, 2].map((n) => queue.submit(double, n));
    const first = run(store, { store: true });
    submit(first);
    await toItsEnd(first);
    const second = run(store, { store: true });
    expect(submit(second).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(new Set(second.restored).size).toBe(3);
    expect(second.queue.submit(double, 3).state).toBe('ready');
  });

  test('restores a task of many results, and its single results', async () => {
    const store = memoryStore();
    const submit = ({ queue }: Run) => {
      const all = queue.submit({ id: 's', key: 's' }, countTo, 3);
      return {
        all,
        one: queue.submit({ key: 'one' }, double, all.at(1)),
        sum: queue.submit((list: number[]) => list, all),
      };
    };
    const first = run(store);
    submit(first);
    await toItsEnd(first);
    const second = run(store);
    const { all, one, sum } = submit(second);
    second.scheduler.start();
    const seen: number[] = [];
    for await (const n of all) seen.push(n);
    expect([seen, await one.result(), await sum.result()]).toEqual([[1, 2, 3], 4, [1, 2, 3]]);
    expect(second.ran).not.toContain('s');
  });

  test('restores no failure, unless asked to', async () => {
    const fail = (): never => {
      throw new RangeError('no');
    };
    for (const keepFailures of [false, true]) {
      const store = memoryStore();
      const first = run(store, { keepFailures });
      first.queue.submit({ key: 'f' }, fail);
      first.scheduler.start();
      await expect(first.scheduler.wait()).rejects.toThrow('no');
      await first.scheduler.close();
      const second = run(store, { keepFailures });
      const again = second.queue.submit({ key: 'f' }, fail);
      expect(again.state).toBe(keepFailures ? 'failed' : 'ready');
      if (keepFailures) await expect(again.result()).rejects.toThrow(RangeError);
    }
  });
});

describe('a task that is kept', () => {
  test('is refused for a variable that is only spread, for a `this` of outside, and for one of a CommonJS module', () => {
    const { queue } = run(memoryStore());
    const values = [Math.random()];
    const spread = (): number[] => [...values];
    const host = { arrow: (): (() => unknown) => () => 0, factor: 2 };
    host.arrow = function (this: typeof host) {
      return () => this.factor;
    };
    // Words are no code.
    const commented = (n: number): number => /* this word */ n;
    const messageOf = (fn: () => unknown): string => refusalOf(() => queue.submit({ key: 'k' }, fn)).message;
    expect(messageOf(spread)).toContain('closes over values');
    expect(messageOf(host.arrow())).toContain('closes over this');
    vi.stubEnv('VITEST', undefined);
    try {
      expect(messageOf(inBlock)).toContain('closes over each');
    } finally {
      vi.unstubAllEnvs();
    }
    expect(queue.submit({ key: 'k' }, commented, 1).state).toBe('ready');
  });

  test('has another key and recipe as a stream', async () => {
    const store = memoryStore();
    const executor = {
      name: 'commands',
      runsCommands: true,
      run: (attempt: Attempt): void => attempt.done(1),
      abort: (): void => undefined,
      close: (): Promise<void> => Promise.resolve(),
    };
    const first = run(store, { store: true, executor });
    first.queue.run('anything');
    await toItsEnd(first);
    const second = run(store, { store: true, executor });
    expect([second.queue.lines('anything').state, second.queue.run('anything').state]).toEqual(['ready', 'done']);
  });

  test('is refused where no fingerprint tells what it does', () => {
    const { queue } = run(memoryStore());
    const factor = Math.random();
    const closure = (n: number): number => n * factor;
    const refused = [
      refusalOf(() => queue.submit({ key: 'k' }, closure, 1)),
      refusalOf(() => queue.submit({ key: 'k' }, double.bind(null), 1)),
      refusalOf(() => queue.submit({ key: 'k' }, (value: unknown) => value, { list: [() => 1] })),
    ];
    expect(refused.map(({ code }) => code)).toEqual(['NotStorable', 'NotStorable', 'NotStorable']);
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringContaining('closes over factor'),
      expect.stringContaining('is bound or built in'),
      expect.stringContaining('argument 1 of anonymous.list[0] is a function'),
    ]);
    expect(queue.submit({ key: 'k', version: 1 }, closure, 1).state).toBe('ready');
  });

  test('is kept as it says itself, whatever its queue says', async () => {
    const store = memoryStore();
    const submit = ({ queue }: Run, value: number) => [
      queue.submit({ id: 'a', store: false }, () => value),
      queue.submit(double, 3),
    ];
    const first = run(store, { store: true });
    submit(first, 1);
    await toItsEnd(first);
    const second = run(store, { store: true });
    expect(submit(second, 1).map(({ state }) => state)).toEqual(['ready', 'done']);
    await second.scheduler.terminate();
    const third = run(store);
    expect(third.queue.submit({ store: true }, double, 3).state).toBe('done');
    expect(third.queue.submit(double, 3).state).toBe('ready');
    expect(refusalOf(() => third.queue.submit({ key: 'k', store: false }, double, 3)).message).toContain('has no key');
    expect(refusalOf(() => third.queue.submit({ store: 1 as never }, double, 3)).message).toContain('true or false');
  });

  test('has a key that no other unsettled task has', () => {
    const { queue } = run(memoryStore());
    queue.submit({ key: 'k' }, double, 1);
    expect(refusalOf(() => queue.submit({ key: 'k' }, double, 2)).code).toBe('DuplicateTask');
  });

  test('does not fail because its result cannot be kept', async () => {
    const errors: string[] = [];
    const { queue, scheduler } = run(memoryStore(), { onStoreError: (error) => void errors.push(error.message) });
    const task = queue.submit({ key: 'k' }, () => ({ call: () => 1 }));
    scheduler.start();
    expect((await task.result()).call()).toBe(1);
    expect(errors).toEqual(['the result of k.call is a function, which cannot be kept']);
  });

  test('is looked at again when a dependency without a fingerprint is done', async () => {
    const store = memoryStore();
    const submit = ({ queue }: Run, value: number) =>
      queue.submit(
        { id: 'b', key: 'b' },
        double,
        queue.submit({ id: 'a' }, () => value),
      );
    const first = run(store);
    submit(first, 7);
    await toItsEnd(first);
    for (const [value, expected] of [
      [7, ['a']],
      [8, ['a', 'b']],
    ] as const) {
      const next = run(store);
      const b = submit(next, value);
      next.scheduler.start();
      expect(await b.result()).toBe(2 * value);
      expect(next.ran).toEqual(expected);
      await next.scheduler.close();
    }
  });
});

describe('a run that is cut', () => {
  test('delivers from a task of many results what was not delivered yet', async () => {
    const store = memoryStore();
    const first = run(store);
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      yield 3;
    }
    const stream = first.queue.stream({ key: 's' }, slow);
    first.scheduler.start();
    await stream.at(1).result();
    await first.scheduler.terminate('cut');
    const second = run(store);
    const indices: number[] = [];
    second.scheduler.on('partial', ({ index }) => void indices.push(index));
    const again = second.queue.stream({ id: 's', key: 's' }, slow);
    expect(await again.at(1).result()).toBe(2);
    second.scheduler.start();
    expect(await again.result()).toEqual([1, 2, 3]);
    expect(indices).toEqual([0, 1, 2]);
    expect(second.ran).toEqual(['s']);
  });
});

test('what needs a result without a fingerprint, or a part of what cannot be known, runs again', async () => {
  const store = memoryStore();
  const seen: unknown[] = [];
  for (let round = 0; round < 2; round += 1) {
    const { scheduler, queue, ran } = run(store);
    const odd = queue.submit(
      { id: 'odd' },
      (f: () => number) => f,
      () => 1,
    );
    const call = (f: () => number, n: number): number => f() + n;
    const version = 1;
    queue.submit({ id: 'a', key: 'a', version }, call, odd, 1);
    queue.submit({ id: 'b', key: 'b', version }, call, odd, 2);
    const stream = queue.stream({ id: 's', key: 's', version }, (f: () => number) => [f(), 5], odd);
    const part = queue.submit({ id: 'part', key: 'part', version }, double, stream.at(1));
    scheduler.start();
    await scheduler.wait();
    seen.push([await part.result(), ran.toSorted()]);
    await scheduler.close();
  }
  expect(seen).toEqual([
    [10, ['a', 'b', 'odd', 'part', 's']],
    [10, ['a', 'b', 'odd', 's']],
  ]);
});
