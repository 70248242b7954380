/** The ledger of a queue by itself: what fits, what is lacking, what is left after a start and an end, and which demands are refused. */
import { describe, expect, test } from 'vitest';
import * as ledgers from '../../src/core/order/resource-ledger.js';

const { demandOf, emptyLedger, fits, giveBack, lacking, left, take, withLimits } = ledgers;

describe('a ledger', () => {
  test('has what was neither taken nor given back', () => {
    const start = emptyLedger(3, [1, 4]);
    const one = take(start, [1, 3]);
    expect(one).toEqual({ slots: 3, slotsTaken: 1, capacity: [1, 4], taken: [1, 3] });
    const two = take(take(one, []), [0, 1]);
    expect(two).toEqual({ slots: 3, slotsTaken: 3, capacity: [1, 4], taken: [1, 4] });
    expect(giveBack(two, [1, 3]).taken).toEqual([0, 1]);
    expect(giveBack(two, []).taken).toBe(two.taken);
    expect(giveBack(one, [1, 3])).toEqual(start);
  });

  test('never holds less than nothing, however sums of fractions are rounded', () => {
    const taken = take(take(take(emptyLedger(3, [1]), [0.1]), [0.2]), []);
    expect(giveBack(giveBack(taken, [0.2]), [0.1 + 1e-12]).taken).toEqual([0]);
    expect(fits(take(emptyLedger(3, [0.3]), [0.1]), [0.2])).toBe(true);
  });

  test('says the first resource that lacks', () => {
    const ledger = take(emptyLedger(2, [1, 4]), [0, 3]);
    expect([lacking(ledger, [1, 1]), lacking(ledger, [1, 2]), lacking(ledger, [2, 2]), lacking(ledger, [])]).toEqual([
      -1, 1, 0, -1,
    ]);
    expect([fits(ledger, [1, 1]), fits(ledger, [1, 2]), fits(take(ledger, []), [])]).toEqual([true, false, false]);
  });

  test('with lower limits keeps what is taken, and has nothing left', () => {
    const ledger = withLimits(take(emptyLedger(2, [4]), [3]), 1, [2]);
    expect(ledger).toEqual({ slots: 1, slotsTaken: 1, capacity: [2], taken: [3] });
    expect([left(ledger, 0), left(ledger, 1)]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  test('of a full resource still takes a demand for nothing', () => {
    expect(lacking(withLimits(take(emptyLedger(2, [4]), [3]), 2, [2]), [0])).toBe(-1);
  });
});

describe('a demand', () => {
  const queue = { name: 'main', resourceNames: ['cpu', 'disk'], capacity: [2, 5] };
  const none = { name: 'bare', resourceNames: [], capacity: [] };

  test('stands in the order of the queue, and is empty when it asks for nothing', () => {
    expect(demandOf({ disk: 5, cpu: 0 }, queue)).toEqual([0, 5]);
    expect(demandOf({ cpu: 2 }, queue)).toEqual([2, 0]);
    expect([demandOf({ cpu: 0 }, queue), demandOf({}, queue), demandOf(undefined, queue)]).toEqual([[], [], []]);
  });

  const notAnObject = (given: string) => `resources must be an object of amounts, got ${given}`;
  const notAnAmount = (given: string) =>
    `the demand for resource cpu must be a finite number of at least 0, got ${given}`;
  test.each<[unknown, typeof queue | typeof none, string, string]>([
    [null, queue, 'InvalidOption', notAnObject('null')],
    [3, queue, 'InvalidOption', notAnObject('3')],
    [{ gpu: 1 }, queue, 'UnknownResource', 'queue main has no resource gpu: it has cpu, disk'],
    [{ gpu: 1 }, none, 'UnknownResource', 'queue bare has no resource gpu: it has none'],
    [{ cpu: 3 }, queue, 'DemandOverCapacity', 'a task demands 3 of cpu, queue main has 2'],
    [{ cpu: '1' }, queue, 'InvalidOption', notAnAmount('"1"')],
    [{ cpu: Number.NaN }, queue, 'InvalidOption', notAnAmount('NaN')],
    [{ cpu: -1 }, queue, 'InvalidOption', notAnAmount('-1')],
  ])('%j is refused', (resources, of, code, message) => {
    const inQueue = code === 'InvalidOption' ? {} : { queue: of.name };
    // @ts-expect-error What an untyped caller may hand over.
    expect(() => demandOf(resources, of)).toThrow(expect.objectContaining({ code, message, ...inQueue }));
  });
});
