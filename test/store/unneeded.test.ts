/** Tasks that nothing needs because all that depends on them was restored, and outcomes that are found late. */
import { expect, test } from 'vitest';
import { memoryStore } from '../../src/store/index.js';
import { refusalOf } from '../support/refusal.js';
import { type Run, run, toItsEnd } from '../support/store-run.js';

const double = (n: number): number => 2 * n;

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
  await second.scheduler.close();
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
