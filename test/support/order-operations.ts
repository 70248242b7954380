/** What can happen to an order of tasks, at random. */
import * as fc from 'fast-check';
import type { Operation } from './order-play.js';

const fields = {
  kind: fc.constant('add' as const),
  deps: fc.array(fc.tuple(fc.oneof(fc.nat(3), fc.nat(40)), fc.option(fc.nat(2), { nil: undefined, freq: 2 })), {
    maxLength: 4,
  }),
  lane: fc.nat(1),
  priority: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -1, max: 2 }) },
  ),
};

export function operations(maxLength: number, withdrawals: boolean): fc.Arbitrary<readonly Operation[]> {
  const found = fc.record({ ...fields, isFound: fc.nat(11).map((drawn) => drawn === 11) });
  const changed = fc.record({
    kind: fc.constantFrom(
      ...(['rank', 'look', 'look', 'start', 'start', 'partial', 'done', 'done'] as const),
      ...(withdrawals ? (['withdraw', 'withdraw', 'again', 'spare', 'need'] as const) : []),
    ),
    pick: fc.nat(60),
  });
  return fc.array(fc.oneof(withdrawals ? found : fc.record(fields), changed), { maxLength, size: 'max' });
}
