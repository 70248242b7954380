/** What a listener throws does not reach its caller, and is not silenced. */
import { expect, test } from 'vitest';
import { callListener } from '../../src/core/throw-outside.js';
import { quiet } from '../support/event-loop.js';
import { uncaughtErrors } from '../support/uncaught-errors.js';

test('what a listener throws is uncaught once its caller has gone on', async () => {
  const errors = uncaughtErrors();
  const harm = new RangeError('a bad listener');
  callListener(() => {
    throw harm;
  });
  expect(errors).toEqual([]);
  await quiet();
  expect(errors).toEqual([harm]);
});

test('a listener that throws nothing is called once', async () => {
  const errors = uncaughtErrors();
  let calls = 0;
  callListener(() => (calls += 1));
  await quiet();
  expect([calls, errors]).toEqual([1, []]);
});
