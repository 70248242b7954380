/** Feeds of a queue with a bound: their place in the line for room, and whether room is still coming. */
import { describe, expect, test } from 'vitest';
import { quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { double } from './feeds.js';

describe('a feed leaves the places to those who were promised them', () => {
  test('before it has begun', async () => {
    const { scheduler, queue, started } = manualQueue({ bound: 2 });
    const room = queue.room(2);
    const feed = queue.from([1], double, { task: { id: 'item' } });
    await room;
    await Promise.resolve();
    for (const id of ['first', 'second']) queue.submit({ id }, double, 1);
    expect(scheduler._unsettled).toEqual(['first', 'second']);
    await quiet();
    expect([started(), scheduler._unsettled]).toEqual([[], ['first', 'second']]);
    feed.cancel();
  });

  test('when an item of its own has started', async () => {
    const { scheduler, queue, started } = manualQueue({ bound: 2 });
    const feed = queue.from([1, 2], double, { task: (item) => ({ id: `item ${item}` }) });
    await quiet();
    const room = queue.room(2);
    scheduler.start();
    await room;
    await Promise.resolve();
    for (const id of ['first', 'second']) queue.submit({ id }, double, 1);
    expect(scheduler._unsettled).toEqual(['item 1', 'first', 'second']);
    expect(started()).toEqual(['item 1']);
    feed.cancel();
  });
});

describe('a feed that waits for room', () => {
  test('gets that which others were promised and do not use, and is not taken for stalled meanwhile', async () => {
    const { scheduler, queue } = oneQueue({ bound: 1 });
    const stalls: unknown[] = [];
    scheduler.on('stalled', (event) => stalls.push(event));
    scheduler.start();
    void queue.room();
    const feed = queue.from([1, 2], double);
    expect((await feed.done()).results).toEqual([2, 4]);
    expect(stalls).toEqual([]);
  });

  test.each([
    ['is full of tasks that cannot start', 1, ['other']],
    ['has room, and its own task cannot start', 2, ['item 1']],
  ])('is stalled where the queue %s', async (_, bound, tasks) => {
    const { scheduler, queue } = oneQueue({ bound });
    scheduler.start();
    await queue.submit({ hold: true }, double, 1).settled();
    if (bound === 1) queue.submit({ id: 'other' }, double, 1);
    const feed = queue.from([1, 2], double, { task: (item) => ({ id: `item ${item}` }) });
    await expect(feed.done()).rejects.toMatchObject({ code: 'Stalled', tasks });
    feed.cancel();
  });
});
