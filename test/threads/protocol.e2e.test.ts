/** What the threads say to each other, where it is not what they should say. */
import { expect, test } from 'vitest';
import {
  fromWorker,
  PARTIAL,
  READY,
  sessionStart,
  STREAM_ENDED,
  toWorker,
} from '../../src/executors/threads/messages.js';
import * as broken from './fixtures/broken-ports.js';
import { testedPool } from './run-in-threads.js';

test.each([[undefined], ['ready'], [{}], [[]], [[READY]], [[PARTIAL, 1]], [[STREAM_ENDED, 1, 'two']], [['run', 1, 2]]])(
  'the main thread does not take %j for a message of a worker',
  (message) => {
    expect(() => fromWorker(message)).toThrow(expect.objectContaining({ code: 'InvariantBroken' }) as Error);
  },
);

test.each([
  [undefined],
  ['run'],
  [['run', 1]],
  [['run', [[1, 'fn', false, 't', 'q', 1]]]],
  [['abort', '1', 2]],
  [['unheard of', 1]],
])('a worker does not take %j for a message of the main thread', (message) => {
  expect(() => toWorker(message)).toThrow(expect.objectContaining({ code: 'InvariantBroken' }) as Error);
});

test('a session is not begun with anything else', () => {
  const start = {
    port: new MessageChannel().port1,
    cells: new Int32Array(4),
    moduleHref: 'file:///m.js',
    share: false,
  };
  expect(() => sessionStart(start)).toThrow(expect.objectContaining({ code: 'InvariantBroken' }) as Error);
});

test('an attempt whose worker says what cannot be understood fails, and its worker is replaced', async () => {
  const pool = testedPool('broken-ports.js', { size: 1 });
  expect(await pool.run(broken.babble).error()).toMatchObject({ code: 'InvariantBroken' });
  expect(await pool.run(broken.fine).value()).toBe('fine');
});

test('a partial result that was lost on its way does not go unseen', async () => {
  const attempt = testedPool('broken-ports.js', { size: 1 }).runWith({ id: 'leaky', stream: true }, broken.losing);
  expect(await attempt.error()).toMatchObject({
    code: 'InvariantBroken',
    message: 'task leaky sent 3 partial results, of which 2 arrived',
  });
});
