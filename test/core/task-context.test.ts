/** The record of the running function, as executors keep it. */
import { expect, test } from 'vitest';
import {
  enterContext,
  leaveContext,
  runningContext,
  type TaskContext,
  yieldNoSlot,
} from '../../src/core/task-context.js';

const contextOf = (id: string): TaskContext => ({
  id,
  queue: 'q',
  attempt: 1,
  signal: new AbortController().signal,
  yieldSlot: yieldNoSlot,
});

test('a function that runs within another has a context of its own, and the other has its own back afterwards', () => {
  const [outer, inner] = [contextOf('outer'), contextOf('inner')];
  const before = enterContext(outer);
  const around = enterContext(inner);
  const within = runningContext();
  leaveContext(around);
  const afterwards = runningContext();
  leaveContext(before);
  expect([within, afterwards, runningContext()]).toEqual([inner, outer, undefined]);
});

test('a worker has no slot to give away', async () => {
  await expect(yieldNoSlot()).rejects.toMatchObject({
    code: 'NotSupported',
    message:
      'yieldSlot is for functions on the thread of the scheduler: return the handle instead, or use another queue',
  });
});
