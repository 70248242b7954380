/** The limit on pending tasks by itself. */
import { expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import { PendingLimit } from '../../src/runtime/policies/pending-limit.js';

test('room that is asked for after the end is refused with its reason', async () => {
  const limit = new PendingLimit('q', 2, { announce: () => undefined, later: () => undefined });
  const closed = new SchedulerError('QueueClosed', 'queue q was closed', { queue: 'q' });
  limit.close(closed);
  await expect(limit.room(1)).rejects.toBe(closed);
});
