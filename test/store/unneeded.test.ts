/** Tasks that nothing needs because all that depends on them was restored, and outcomes that are found late. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../src/core/store-port.js';
import { type Handle, Scheduler, type SubmitOptions } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';
import { type Run, run, toItsEnd } from '../support/store-run.js';

const double = (n: number): number => 2 * n;
function* countTo(n: number): Generator<number> {
  for (let k = 1; k <= n; k += 1) yield k;
}

test('a closed queue ends with a task that is needed by nothing any more', async () => {
  const store = memoryStore();
  const first = run(store);
  const submit = ({ queue, scheduler }: Run) => {
    const a = queue.submit({ id: 'a' }, double, 1);
    const closed = queue.close();
    scheduler.queue('other').submit({ id: 'b', key: 'b' }, double, a);
    return closed;
  };
  const closed = submit(first);
  first.scheduler.start();
  await closed;
  await first.scheduler.wait();
  await first.scheduler.close();
  const second = run(store);
  const again = submit(second);
  second.scheduler.start();
  await again;
  expect([second.restored, second.ran]).toEqual([['b=b'], ['a']]);
  expect(second.scheduler._counts['unexpectedEvents']).toBe(0);
  await second.scheduler.close();
});

test('a closed queue ends what nothing needs in it, and not what nothing needs elsewhere', async () => {
  const store = memoryStore();
  const submit = ({ queue, scheduler }: Run) => {
    const other = scheduler.queue('other');
    const inputs = [queue.submit({ id: 'a' }, double, 1), other.submit({ id: 'b' }, double, 2)];
    other.submit({ id: 'both', key: 'both' }, (m: number, n: number) => m + n, ...(inputs as [never, never]));
    return { inputs, other };
  };
  const first = run(store);
  submit(first);
  await toItsEnd(first);
  const second = run(store);
  const { inputs, other } = submit(second);
  second.scheduler.start();
  await other.close();
  expect(inputs.map(({ state }) => state)).toEqual(['ready', 'cancelled']);
  expect(await inputs[1]?.settled()).toEqual({ status: 'cancelled', reason: 'queue other was closed' });
  await second.scheduler.close();
  expect(await inputs[0]?.settled()).toEqual({ status: 'cancelled', reason: 'the scheduler was closed' });
});

test('an unneeded task takes no place in a queue with a bound, until it is wanted', async () => {
  const store = memoryStore();
  const first = run(store);
  const submit = ({ queue, scheduler }: Run) => {
    const a = queue.submit({ id: 'a' }, double, 1);
    scheduler.queue('other').submit({ id: 'b', key: 'b' }, double, a);
    return a;
  };
  submit(first);
  await toItsEnd(first);
  const second = run(store, { bound: 1 });
  const a = submit(second);
  expect(a.why().reason).toBe('not-needed');
  const other = second.queue.submit({ id: 'c' }, double, 2);
  expect(refusalOf(() => second.queue.submit(double, 3)).code).toBe('QueueFull');
  second.scheduler.start();
  expect(await other.result()).toBe(4);
  await second.scheduler.stop();
  const wanted = a.result();
  // It takes the place that the other one has left.
  expect(refusalOf(() => second.queue.submit(double, 3)).code).toBe('QueueFull');
  second.scheduler.start();
  expect(await wanted).toBe(2);
});

test.each(['newest', 'critical-path', 'soonest'] as const)(
  'an unneeded task that is wanted after all comes back with all that it needs, in the order %s',
  async (order) => {
    const store = memoryStore();
    const submit = ({ queue, scheduler }: Run) => {
      const x = queue.submit({ id: 'x' }, double, 1);
      const y = queue.submit({ id: 'y' }, double, x);
      scheduler.queue('other').submit({ id: 'z', key: 'z' }, double, y);
      return y;
    };
    const first = run(store, {}, order);
    submit(first);
    await toItsEnd(first);
    const second = run(store, {}, order);
    const y = submit(second);
    expect(y.why().reason).toBe('not-needed');
    const wanted = y.result();
    const last = second.queue.submit({ id: 'last' }, double, y);
    second.scheduler.start();
    expect([await wanted, await last.result()]).toEqual([4, 8]);
    expect(second.ran).toEqual(['x', 'y', 'last']);
  },
);

test('a task that is restored goes from pending to done', async () => {
  const store = memoryStore();
  const submit = ({ queue, scheduler }: Run): string[] => {
    const moves: string[] = [];
    scheduler.on('task', ({ id, previous, state }) => void (id === 'b' && moves.push(`${previous} to ${state}`)));
    queue.submit(
      { id: 'b', key: 'b' },
      double,
      queue.submit({ id: 'a' }, () => 7),
    );
    return moves;
  };
  const first = run(store);
  const ofFirst = submit(first);
  await toItsEnd(first);
  const second = run(store);
  const ofSecond = submit(second);
  await toItsEnd(second);
  expect(second.restored).toEqual(['b=b']);
  expect(ofFirst).toEqual(['pending to ready', 'ready to running', 'running to done']);
  expect(ofSecond).toEqual(['pending to done']);
});

test('a task whose outcome was found again, and which is cancelled before it has it, is cancelled and not restored', async () => {
  const store = memoryStore();
  const submit = ({ queue }: Run, value: number) => {
    const a = queue.submit({ id: 'a' }, () => value);
    return ['b', 'c'].map((key) => queue.submit({ id: key, key }, double, a));
  };
  const first = run(store);
  submit(first, 7);
  await toItsEnd(first);
  const second = run(store);
  const [b, c] = submit(second, 7);
  second.scheduler.on('restored', ({ id }) => void (id === 'b' ? c : b)?.cancel());
  second.scheduler.start();
  await Promise.all([b?.settled(), c?.settled()]);
  expect(second.restored).toHaveLength(1);
  expect(new Set([b?.state, c?.state])).toEqual(new Set(['cancelled', 'done']));
});

describe('a task that a restored one was made from', () => {
  /** A store that has the result of `last`, which is made from the task `a`. */
  async function storeOfLast(): Promise<Store> {
    const store = memoryStore();
    const first = run(store);
    last(first, first.queue.submit({ id: 'a', version: 1 }, double, 1));
    await toItsEnd(first);
    return store;
  }
  const last = ({ scheduler }: Run, a: Handle<number>): void => {
    scheduler.queue('other').submit({ id: 'last', key: 'last', version: 1 }, double, a);
  };

  test.each<[string, SubmitOptions, (of: Run, a: Handle<number>) => unknown]>([
    ['another task needs', {}, ({ queue }, a) => queue.submit({ id: 'b' }, double, a)],
    ['a caller awaits', {}, (_, a) => a.result()],
    ['somebody is to be told of', { onSettled: () => undefined }, () => undefined],
  ])('runs where %s it', async (_, options, need) => {
    const second = run(await storeOfLast());
    const a = second.queue.submit({ id: 'a', version: 1, ...options }, double, 1);
    need(second, a);
    last(second, a);
    expect(a.why().reason).not.toBe('not-needed');
    await toItsEnd(second);
    expect([a.state, second.restored, second.ran[0]]).toEqual(['done', ['last=last'], 'a']);
  });

  test('runs where it is of a group', async () => {
    const second = run(await storeOfLast());
    const group = second.scheduler.group();
    const a = second.queue.submit({ id: 'a', version: 1, group }, double, 1);
    last(second, a);
    await toItsEnd(second);
    expect([a.state, second.restored, second.ran]).toEqual(['done', ['last=last'], ['a']]);
  });

  test('is needed by nothing, also where it was submitted without any option', async () => {
    const store = memoryStore();
    const first = run(store);
    last(first, first.queue.submit(double, 1));
    await toItsEnd(first);
    const second = run(store);
    const a = second.queue.submit(double, 1);
    last(second, a);
    expect([a.why().reason, second.restored]).toEqual(['not-needed', ['last=last']]);
  });

  test('is needed by nothing once what needed it is cancelled', async () => {
    const second = run(await storeOfLast());
    const a = second.queue.submit({ id: 'a', version: 1 }, double, 1);
    const b = second.queue.submit({ id: 'b' }, double, a);
    const c = second.queue.submit({ id: 'c' }, double, a);
    b.cancel();
    c.cancel();
    last(second, a);
    expect(a.why().reason).toBe('not-needed');
    await toItsEnd(second);
    expect(second.ran).toEqual([]);
  });

  test('is over when it has been cancelled, whatever is submitted then', async () => {
    const second = run(await storeOfLast());
    const a = second.queue.submit({ id: 'a', version: 1 }, double, 1);
    last(second, a);
    a.cancel();
    const late = second.queue.submit({ id: 'late' }, double, a);
    expect([a.why().reason, late.state]).toEqual(['settled', 'failed']);
    second.scheduler.start();
    await expect(second.scheduler.wait()).rejects.toMatchObject({ tasks: ['late'] });
    expect(second.scheduler.state).toBe('idle');
  });

  test('stays needed by one task when another that needed it is cancelled', async () => {
    const second = run(await storeOfLast());
    const a = second.queue.submit({ id: 'a', version: 1 }, double, 1);
    const b = second.queue.submit({ id: 'b' }, double, a);
    second.queue.submit({ id: 'c' }, double, a).cancel();
    last(second, a);
    await toItsEnd(second);
    expect([await b.result(), second.ran]).toEqual([4, ['a', 'b']]);
  });

  test('goes on with its next attempt, as one has been made', async () => {
    const store = await storeOfLast();
    const clock = new SimulatedClock();
    const scheduler = new Scheduler({ store, _environment: { clock, random: () => 0 } });
    onTestFinished(() => scheduler.terminate());
    const executor = new ManualExecutor();
    const queue = scheduler.queue('q', { concurrency: 1, executor });
    const a = queue.submit({ id: 'a', version: 1, retry: { attempts: 2, backoffMs: 5 } }, double, 1);
    scheduler.start();
    await quiet();
    executor.attemptAt('a').failed(new Error('once'));
    await quiet();
    expect(a.why().reason).toBe('pause');
    const again = scheduler.queue('other').submit({ id: 'last', key: 'last', version: 1 }, double, a);
    expect([again.state, a.why().reason]).toEqual(['done', 'pause']);
    clock.advanceTo(clock.nextAt() ?? Number.NaN);
    await quiet();
    executor.attemptAt('a').done(2);
    expect(await a.result()).toBe(2);
  });

  test('runs where a caller awaits one of its partial results', async () => {
    const store = memoryStore();
    const submit = ({ queue }: Run, isAwaited: boolean) => {
      const stream = queue.stream({ id: 's', version: 1 }, countTo, 2);
      const awaited = isAwaited ? stream.at(0).result() : undefined;
      queue.submit({ id: 'part', key: 'part', version: 1 }, double, stream.at(1));
      return awaited;
    };
    const first = run(store);
    void submit(first, false);
    await toItsEnd(first);
    const second = run(store);
    const awaited = submit(second, true);
    second.scheduler.start();
    expect([await awaited, second.ran, second.restored]).toEqual([1, ['s'], ['part=part']]);
  });

  test('runs where an earlier run has left some of its results', async () => {
    const store = memoryStore();
    let isCut = false;
    function* halves(): Generator<number> {
      yield 1;
      if (isCut) throw new RangeError('cut');
      yield 2;
    }
    const submit = ({ queue }: Run, key: Record<string, string>) => {
      const stream = queue.stream({ id: 's', version: 1, ...key }, halves);
      queue.submit({ id: 'part', key: 'part', version: 1 }, double, stream.at(0));
      return stream;
    };
    const first = run(store);
    submit(first, {});
    await toItsEnd(first);
    const second = run(store);
    isCut = true;
    second.queue.stream({ id: 's', key: 's', version: 1 }, halves);
    second.scheduler.start();
    await expect(second.scheduler.wait()).rejects.toThrow('cut');
    await second.scheduler.close().catch(() => undefined);
    const third = run(store);
    isCut = false;
    const stream = submit(third, { key: 's' });
    expect([stream.at(0).state, stream.why().reason]).toEqual(['done', 'stopped']);
    await toItsEnd(third);
    expect([stream.state, third.ran]).toEqual(['done', ['s']]);
  });
});

test('a task that was not needed and is cancelled leaves what it depends on to the others that need it', async () => {
  const store = memoryStore();
  const version = 1;
  const submit = ({ queue }: Run) => {
    const x = queue.submit({ id: 'x', version }, double, 1);
    const y = queue.submit({ id: 'y', version }, double, x);
    queue.submit({ id: 'z', key: 'z', version }, double, y);
    return { x, y };
  };
  const first = run(store);
  const one = submit(first);
  first.queue.submit({ id: 'v', key: 'v', version }, double, one.x);
  await toItsEnd(first);
  const second = run(store);
  const { x, y } = submit(second);
  expect([x.why().reason, y.why().reason]).toEqual(['not-needed', 'not-needed']);
  y.cancel();
  const w = second.queue.submit({ id: 'w' }, double, x);
  second.queue.submit({ id: 'v', key: 'v', version }, double, x);
  await toItsEnd(second);
  expect([w.state, second.ran]).toEqual(['done', ['x', 'w']]);
});

test('asking for the result of a task that is to run anyway changes nothing, and the run ends with it', async () => {
  const program = run(memoryStore());
  const a = program.queue.submit({ id: 'a' }, double, 1);
  const results = [a.result(), a.result()];
  await toItsEnd(program);
  expect([await Promise.all(results), program.scheduler._engine.keeping?.unneeded.count]).toEqual([[2, 2], 0]);
});
