/** The order of what restored tasks depend on, where something else needs it: a restored task makes nothing urgent. */
import { describe, expect, test } from 'vitest';
import type { QueueOptions, SchedulerOrder } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { type Run, run, toItsEnd } from '../support/store-run.js';

const double = (n: number): number => 2 * n;

type Submit = (run: Run) => void;

/** Ids in the order in which they run where nothing is restored, and where something is. */
async function twice(submit: Submit, options: QueueOptions, order: SchedulerOrder): Promise<readonly string[][]> {
  const store = memoryStore();
  const runs: string[][] = [];
  for (const restored of [[], ['restored=restored']]) {
    const each = run(store, options, order);
    submit(each);
    await toItsEnd(each);
    expect(each.restored).toEqual(restored);
    runs.push(each.ran);
  }
  return runs;
}

describe.each([
  ['of submission', { order: 'fifo' }, 'newest'],
  ['of the critical path', {}, 'critical-path'],
  ['of the soonest result', {}, 'soonest'],
] as const)('in the order %s', (_, options, order) => {
  test.each(['before', 'after'])(
    'a restored task makes nothing urgent that is needed by one that came %s it',
    async (when) => {
      const submit = ({ queue }: Run): void => {
        const b = queue.submit({ id: 'b' }, double, 1);
        queue.submit({ id: 'behind b' }, double, b);
        const a = queue.submit({ id: 'a' }, double, 1);
        if (when === 'before') queue.submit({ id: 'behind a' }, double, a);
        queue.submit({ id: 'restored', key: 'restored', priority: 1 }, double, a);
        if (when === 'after') queue.submit({ id: 'behind a' }, double, a);
      };
      const [first, second] = await twice(submit, options, order);
      expect([first?.slice(0, 2), second?.slice(0, 1)]).toEqual([['a', 'restored'], ['b']]);
    },
  );
});

test('a restored task is on no way to an end', async () => {
  const submit = ({ queue }: Run): void => {
    queue.submit({ id: 'b' }, double, 1);
    const a = queue.submit({ id: 'a' }, double, 1);
    void a.result();
    queue.submit({ id: 'restored', key: 'restored' }, double, a);
  };
  expect(await twice(submit, {}, 'critical-path')).toEqual([
    ['a', 'b', 'restored'],
    ['b', 'a'],
  ]);
});
