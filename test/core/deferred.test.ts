/** A promise that is settled from outside. */
import { expect, test } from 'vitest';
import { deferred } from '../../src/core/deferred.js';

test('resolves or rejects once, with what the first call gives', async () => {
  const [kept, broken] = [deferred<number>(), deferred<number>()];
  kept.resolve(1);
  kept.reject(new Error('too late'));
  const error = new RangeError('x');
  broken.reject(error);
  broken.resolve(1);
  await expect(kept.promise).resolves.toBe(1);
  await expect(broken.promise).rejects.toBe(error);
});
