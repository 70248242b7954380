/** Why a record in the store is of no use, in words. */
import { expect, test } from 'vitest';
import type { Recipe, StoredRecord } from '../../src/core/store-port.js';
import { unusable, upstreamOf } from '../../src/runtime/keeping/missing.js';

const recipe = (...dependencies: readonly (string | undefined)[]): Recipe => ({
  name: 'f',
  fn: 'f',
  args: [],
  dependencies: dependencies.map((each, place) => ({ name: `d${place}`, recipe: each })),
  whole: undefined,
});

test.each<[StoredRecord['status'], string]>([
  ['forgotten', 'forgotten'],
  ['running', 'interrupted'],
  ['failed', 'failed before'],
  ['done', 'done'],
])('a record that is %s is called %s', (status, words) => {
  expect(unusable({ status } as StoredRecord)).toBe(words);
});

test.each([
  [recipe('1', '2'), recipe('1', '3'), 'dependency d1 changed'],
  [recipe('1', undefined), recipe('1', undefined), 'dependency d1 changed'],
  [recipe('1', '2'), recipe('1', '2'), 'its recipe cannot be known'],
])('the dependency that was made from something else is named', (now, kept, words) => {
  expect(upstreamOf(now, kept)).toBe(words);
});
