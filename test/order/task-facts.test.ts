import { expect, test } from 'vitest';
import * as facts from '../../src/core/order/task-facts.js';

test('every fact has a bit of its own, within a small integer', () => {
  const bits: readonly number[] = Object.values(facts);
  expect(bits.reduce((union, bit) => union | bit, 0)).toBe(bits.reduce((sum, bit) => sum + bit, 0));
  for (const bit of bits) expect([bit & (bit - 1), bit > 0 && bit < 2 ** 30]).toEqual([0, true]);
});
