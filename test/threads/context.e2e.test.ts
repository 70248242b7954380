/** What a function in a worker knows of its attempt. */
import { expect, test } from 'vitest';
import * as contexts from './fixtures/contexts.js';
import { filePool } from './run-in-threads.js';

const pool = filePool('contexts.js', { size: 1 });

test('a function knows the id, the queue and the number of its attempt', async () => {
  const attempt = pool.runWith({ id: 'invert', queue: 'compute', attempt: 2 }, contexts.whoAmI);
  expect(await attempt.value()).toEqual({ id: 'invert', queue: 'compute', attempt: 2 });
});

test('after its first await a function is told that it asks too late', async () => {
  expect(await pool.run(contexts.whoAmIAfterAwait).error()).toMatchObject({ code: 'NoTaskContext' });
});

test('the signal of an attempt that nobody aborted is quiet', async () => {
  expect(await pool.run(contexts.isAborted).value()).toBe(false);
});
