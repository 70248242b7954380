/** The limit on pending tasks by itself. */
import { expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import { type BoundEvent, closedError, PendingLimit } from '../../src/runtime/policies/pending-limit.js';
import { isKept } from '../support/event-loop.js';

/** A limit, what it has announced, and its calls that are put off to a later turn. */
function limited(limit: number) {
  const told: BoundEvent['type'][] = [];
  const later: (() => void)[] = [];
  const bound = new PendingLimit('q', limit, {
    announce: ({ type }) => void told.push(type),
    later: (callback) => void later.push(callback),
  });
  return { bound, told, later };
}

test('room that is asked for after the end is refused with its reason', async () => {
  const { bound } = limited(2);
  const closed = new SchedulerError('QueueClosed', 'queue q was closed', { queue: 'q' });
  expect(bound.isClosed).toBe(false);
  bound.close(closed);
  expect(bound.isClosed).toBe(true);
  await expect(bound.room(1)).rejects.toBe(closed);
});

test('only the last place and the first one that comes free again are announced', () => {
  const { bound, told } = limited(2);
  const [a, b] = [{}, {}];
  bound.add(a);
  expect(told).toEqual([]);
  bound.add(b);
  expect(told).toEqual(['bound.reached']);
  bound.leave(a);
  bound.leave(b);
  expect(told).toEqual(['bound.reached', 'room.made']);
});

test('a submission uses up a place that was promised', async () => {
  const { bound } = limited(2);
  await bound.room(1);
  bound.add({});
  expect([bound.count, bound.isFree]).toEqual([1, true]);
});

test('nobody overtakes a caller who waits for more than the one place that is left', async () => {
  const { bound, later } = limited(2);
  const first = {};
  bound.add(first);
  const wide = bound.room(2);
  expect([bound.isFree, await isKept(wide), later.length]).toEqual([false, false, 0]);
  bound.leave(first);
  await wide;
});

test('room for more than the bound is refused by its number', async () => {
  const { bound } = limited(2);
  await expect(bound.room(3)).rejects.toMatchObject({
    code: 'InvalidOption',
    queue: 'q',
    message: 'queue q never has room for 3: its bound is 2',
  });
});

test('the error of a closed scheduler names the queue', () => {
  expect(closedError('q')).toMatchObject({
    code: 'SchedulerClosed',
    queue: 'q',
    message: 'queue q takes no tasks: the scheduler is closed',
  });
});
