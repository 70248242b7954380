/** Items removed from an array in place. */
import { expect, test } from 'vitest';
import { retain } from '../../src/core/retain.js';

test.each([
  ['none', [2, 4], [2, 4]],
  ['some', [1, 2, 3, 4, 5], [2, 4]],
  ['all', [1, 3], []],
])('%s of the items removed, the others stay in their order', (_, items, left) => {
  retain(items, (item) => item % 2 === 0);
  expect(items).toEqual(left);
});
