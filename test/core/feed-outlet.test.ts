/** The outlet of a feed by itself: when it submits an item under the queue's bound, and what it knows of the tasks. */
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/outcome.js';
import { FeedIntake } from '../../src/runtime/feeds/intake.js';
import { FeedOutlet } from '../../src/runtime/feeds/outlet.js';
import { ItemSource } from '../../src/runtime/feeds/source.js';
import { PendingLimit } from '../../src/runtime/policies/pending-limit.js';
import { isKept, quiet } from '../support/event-loop.js';

interface Submitted {
  readonly item: number;
  /** The task starts. */
  readonly start: () => void;
  readonly settle: (outcome: Outcome<string>) => void;
}

/** An outlet with the items 0, 1, … of a queue of that bound; it submits whenever a turn is due. */
function outlet(bound: number, count = 4) {
  const limit = new PendingLimit('q', bound, { announce: () => undefined, later: () => undefined });
  const submitted: Submitted[] = [];
  const told: string[] = [];
  const intake = new FeedIntake(new ItemSource(Array.from({ length: count }, (_, item) => item)), () => count, {
    sourceFailed: () => undefined,
    turnSoon: () => undefined,
  });
  const made: FeedOutlet<number, string> = new FeedOutlet(
    {
      bound: limit,
      prepare: (item) => (left, settle) => {
        const task = {
          id: `task ${item}`,
          cancel: (reason: unknown) => told.push(`cancel ${item}: ${String(reason)}`),
        };
        limit.check();
        limit.add(task);
        const start = (): void => {
          limit.leave(task);
          left();
        };
        submitted.push({ item, start, settle });
        return task;
      },
    },
    intake,
    {
      settled: ({ id, item, index, outcome }) => told.push(`${id} of ${item} at ${index} is ${outcome.status}`),
      givenUp: ({ item }) => told.push(`${item} is given up`),
      refused: (error, { item }) => told.push(`${item} is refused: ${String(error)}`),
      wentIdle: () => told.push('idle'),
      turnSoon: () => made.submit(),
    },
  );
  intake.take();
  return { outlet: made, limit, submitted, told };
}

const another = {};

describe('the outlet of a feed', () => {
  test('submits one item at a time, the next when the task has started, and knows it by its id', () => {
    const { outlet: out, submitted, told } = outlet(2);
    out.submit();
    out.submit();
    expect(submitted.map(({ item }) => item)).toEqual([0]);
    submitted[0]?.start();
    expect(submitted.map(({ item }) => item)).toEqual([0, 1]);
    submitted[0]?.settle({ status: 'done', result: 'a' });
    expect(told).toEqual(['task 0 of 0 at 0 is done']);
  });

  test('cancels the tasks that have not settled', () => {
    const { outlet: out, submitted, told } = outlet(2);
    out.submit();
    submitted[0]?.start();
    submitted[1]?.start();
    submitted[0]?.settle({ status: 'done', result: 'a' });
    told.length = 0;
    out.cancel('enough');
    expect(told).toEqual(['cancel 1: enough', 'cancel 2: enough']);
  });

  test('waits in line for room once, and leaves the next place to who came after it', async () => {
    const { outlet: out, limit, submitted } = outlet(1);
    limit.add(another);
    out.submit();
    out.submit();
    const next = limit.room(1);
    limit.leave(another);
    expect(await isKept(next)).toBe(false);
    expect(submitted.map(({ item }) => item)).toEqual([0]);
    submitted[0]?.start();
    expect(await isKept(next)).toBe(true);
    expect(submitted.map(({ item }) => item)).toEqual([0]);
  });

  test('waits for room behind those who wait already', async () => {
    const { outlet: out, limit, submitted } = outlet(2);
    void limit.room(2);
    out.submit();
    await quiet();
    // There is room, and it is promised.
    expect([submitted, out.isRoomComing]).toEqual([[], true]);
  });

  test('uses the place that it was promised once', async () => {
    const { outlet: out, limit, submitted } = outlet(1);
    limit.add(another);
    out.submit();
    limit.leave(another);
    await quiet();
    expect(submitted.map(({ item }) => item)).toEqual([0]);
    // Asked for while the task waits for its start; the outlet comes after it.
    const next = limit.room(1);
    submitted[0]?.start();
    expect([await isKept(next), submitted.length]).toEqual([true, 1]);
  });

  test('waits anew when others have used the place that it was promised', async () => {
    const { outlet: out, limit, submitted, told } = outlet(1);
    limit.add(another);
    out.submit();
    limit.leave(another);
    const faster = {};
    limit.add(faster);
    await quiet();
    expect([submitted, told, out.isRoomComing]).toEqual([[], [], false]);
    limit.leave(faster);
    expect(out.isRoomComing).toBe(true);
    await quiet();
    expect(submitted.map(({ item }) => item)).toEqual([0]);
  });

  test('expects no room where nothing is waiting for it', () => {
    const { outlet: out, submitted } = outlet(2);
    out.submit();
    expect([submitted.length, out.isRoomComing]).toEqual([1, false]);
  });
});
