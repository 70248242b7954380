import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from '../../src/runtime/events/event-queue.js';
import { property } from '../support/property.js';

test('messages are delivered in the order in which they were posted, whoever they are for', () => {
  const { queue, seen, receiver } = system();
  queue.post(receiver('a'), 1);
  queue.post(receiver('b'), 2);
  queue.post(receiver('a'), 3);
  expect(seen).toEqual([]);
  queue.drain();
  expect(seen).toEqual(['a 1', 'b 2', 'a 3']);
});

test('a message posted from within a delivery comes after those that were there before, and not within it', () => {
  const { queue, seen, receiver } = system();
  const second = receiver('second');
  queue.post(
    {
      send: () => {
        seen.push('begins');
        queue.post(second, 'posted within');
        queue.drain();
        seen.push('ends');
      },
    },
    undefined,
  );
  queue.post(second, 'posted before');
  queue.drain();
  expect(seen).toEqual(['begins', 'ends', 'second posted before', 'second posted within']);
});

test('a message kept for the end is delivered once, when there are no others', () => {
  const { queue, seen, receiver } = system();
  const last = receiver('last');
  queue.postLast(last, 'old');
  queue.postLast(last, 'new');
  queue.post({ send: () => queue.post(receiver('late'), 2) }, undefined);
  queue.post(receiver('early'), 1);
  expect(queue.hasLast).toBe(true);
  queue.drain();
  expect(queue.hasLast).toBe(false);
  expect(seen).toEqual(['early 1', 'late 2', 'last new']);
});

test('an urgent message overtakes all that wait, and other urgent ones do not overtake it', () => {
  const { queue, seen, receiver } = system();
  queue.post(
    {
      send: () => {
        queue.postUrgent(receiver('urgent'), 3);
        seen.push('begins');
      },
    },
    undefined,
  );
  queue.postLast(receiver('last'), 6);
  queue.post(receiver('plain'), 4);
  queue.postUrgent(receiver('urgent'), 1);
  queue.postUrgent({ send: () => queue.post(receiver('plain'), 5) }, undefined);
  queue.postUrgent(receiver('urgent'), 2);
  queue.drain();
  expect(seen).toEqual(['urgent 1', 'urgent 2', 'begins', 'urgent 3', 'plain 4', 'plain 5', 'last 6']);
});

test('an urgent message that nobody drains is delivered by a microtask', async () => {
  const { queue, seen, receiver } = system();
  queue.postUrgent(receiver('a'), 1);
  expect(seen).toEqual([]);
  await Promise.resolve();
  expect(seen).toEqual(['a 1']);
});

test('deliver drains at once, unless that is under way', () => {
  const { queue, seen, receiver } = system();
  queue.post(receiver('before'), 1);
  queue.deliver(
    {
      send: () => {
        queue.deliver(receiver('within'), 2);
        seen.push('ends');
      },
    },
    undefined,
  );
  expect(seen).toEqual(['before 1', 'ends', 'within 2']);
});

test('a message kept for the end can lead to another', () => {
  const { queue, seen, receiver } = system();
  let left = 3;
  const again = {
    send: (): void => {
      left -= 1;
      seen.push(`${left} left`);
      queue.post(receiver('between'), left);
      if (left > 0) queue.postLast(again, undefined);
    },
  };
  queue.postLast(again, undefined);
  queue.drain();
  expect(seen).toEqual(['2 left', 'between 2', '1 left', 'between 1', '0 left', 'between 0']);
});

test('what nobody drains is delivered by a microtask', async () => {
  const { queue, seen, receiver } = system();
  queue.post(receiver('a'), 1);
  queue.postLast(receiver('b'), 2);
  expect(seen).toEqual([]);
  await Promise.resolve();
  expect(seen).toEqual(['a 1', 'b 2']);
});

test('what waits together is delivered together, and each message counts, in whatever way it was posted', async () => {
  const { queue, seen, receiver } = system();
  queue.post({ send: () => queue.post(receiver('within'), 3) }, undefined);
  queue.post(receiver('plain'), 2);
  queue.postUrgent(receiver('urgent'), 1);
  queue.postLast(receiver('last'), 4);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  expect(seen).toEqual(['urgent 1', 'plain 2', 'within 3', 'last 4']);
  expect([queue.posted, queue.drains]).toEqual([5, 1]);
  queue.deliver(receiver('at once'), 5);
  expect([queue.posted, queue.drains]).toEqual([6, 2]);
});

test('a microtask delivers after every burst, not only after the first', async () => {
  const { queue, seen, receiver } = system();
  for (const burst of [1, 2, 3]) {
    queue.post(receiver('a'), burst);
    await Promise.resolve();
  }
  expect(seen).toEqual(['a 1', 'a 2', 'a 3']);
});

test('says of itself that it drains only while it does', () => {
  const { queue } = system();
  const seen: boolean[] = [];
  queue.post({ send: () => seen.push(queue.isDraining) }, undefined);
  seen.push(queue.isDraining);
  queue.drain();
  seen.push(queue.isDraining);
  expect(seen).toEqual([false, true, false]);
});

test('a receiver that throws lets its error through and takes no other message with it', async () => {
  const { queue, seen, receiver } = system();
  queue.post(receiver('before'), 1);
  queue.post(
    {
      send: () => {
        throw new Error('out of order');
      },
    },
    undefined,
  );
  queue.post(receiver('after'), 2);
  expect(() => queue.drain()).toThrow('out of order');
  expect(queue.isDraining).toBe(false);
  expect(seen).toEqual(['before 1']);
  // Nobody drains again: the rest comes by a microtask, like all that nobody drains.
  await Promise.resolve();
  await Promise.resolve();
  expect(seen).toEqual(['before 1', 'after 2']);
});

test('a chain of 100,000 receivers, each of which posts to the next, neither recurses nor loses its order', () => {
  const queue = new EventQueue();
  let delivered = 0;
  let depth = 0;
  let deepest = 0;
  let misplaced = 0;
  const link = {
    send: (number: number): void => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      if (number !== delivered) misplaced += 1;
      delivered += 1;
      if (delivered < 100_000) queue.post(link, delivered);
      depth -= 1;
    },
  };
  queue.post(link, 0);
  queue.drain();
  expect({ delivered, misplaced, deepest }).toEqual({ delivered: 100_000, misplaced: 0, deepest: 1 });
  expect(queue.posted).toBe(100_000);
});

property([fc.array(fc.nat(3), { maxLength: 6 }), fc.integer({ min: 0, max: 20_000 })])(
  'for any tree of messages that lead to messages, all come once and in the order of their posting',
  (branching, burst) => {
    const queue = new EventQueue();
    const posted: number[] = [];
    const delivered: number[] = [];
    const post = (level: number): void => {
      const number = posted.length;
      posted.push(number);
      queue.post(
        {
          send: () => {
            delivered.push(number);
            for (let child = 0; child < (branching[level] ?? 0); child += 1) post(level + 1);
          },
        },
        undefined,
      );
    };
    // More than the queue keeps room for.
    for (let message = 0; message < burst; message += 1) post(branching.length);
    post(0);
    queue.drain();
    expect(delivered).toEqual(posted);
    expect(queue.posted).toBe(posted.length);
  },
);

/** A queue, and receivers that note their name and what they get. */
function system(): { queue: EventQueue; seen: string[]; receiver: (name: string) => { send(event: unknown): void } } {
  const seen: string[] = [];
  return {
    queue: new EventQueue(),
    seen,
    receiver: (name) => ({ send: (event) => void seen.push(`${name} ${String(event)}`) }),
  };
}

test('a drain that never runs empty keeps the order, however long it goes on', () => {
  const queue = new EventQueue();
  const seen: number[] = [];
  const receiver = {
    send(number: number): void {
      seen.push(number);
      if (number < 50_000) queue.post(receiver, number + 3);
    },
  };
  for (const first of [0, 1, 2]) queue.post(receiver, first);
  queue.drain();
  expect(seen).toEqual(Array.from({ length: 50_003 }, (_, index) => index));
});
