/** Who waits for a task or its partial results, and what they find: on records that have only what the two modules read. */
import { describe, expect, test } from 'vitest';
import { WHOLE } from '../../src/core/order/graph-node.js';
import type { Outcome } from '../../src/core/outcome.js';
import { SchedulerError } from '../../src/core/scheduler-error.js';
import { errorAt, outcomeAt, releasedOf } from '../../src/runtime/tasks/outcome-at.js';

import type { TaskRecord } from '../../src/runtime/tasks/task-record.js';
import { Waiters } from '../../src/runtime/tasks/waiters.js';

interface Read {
  delivered?: number;
  partials?: unknown[];
  announced?: number;
  isSettled?: boolean;
  outcome?: Outcome;
  flow?: { readonly released: number; readonly take?: (index: number) => void };
}

function recordWith(parts: Read): TaskRecord {
  return { id: 't', delivered: 0, isSettled: false, ...parts } as unknown as TaskRecord;
}

describe('who waits', () => {
  function watched(parts: Read = {}) {
    const record = recordWith(parts);
    const waiters = new Waiters();
    const seen: string[] = [];
    const watcher =
      (name: string, gives = false) =>
      (stall?: SchedulerError) => {
        seen.push(stall === undefined ? name : `${name} stalls`);
        return gives;
      };
    return { record, waiters, seen, watcher };
  }

  test('for the end is called once, when the task settles', () => {
    const { record, waiters, seen, watcher } = watched();
    for (const name of ['a', 'b']) waiters.end(record, watcher(name));
    waiters.partial(record, 3, watcher('result 3'));
    waiters.delivered(record, 0);
    expect(seen).toEqual([]);
    waiters.settled(record);
    waiters.settled(record);
    expect(seen).toEqual(['a', 'b', 'result 3']);
    waiters.end(recordWith({ isSettled: true }), watcher('late'));
    expect(seen).toEqual(['a', 'b', 'result 3', 'late']);
  });

  test('for a result is called once, when that is delivered or will not be', () => {
    const taken: number[] = [];
    const { record, waiters, seen, watcher } = watched({ flow: { released: 0, take: (index) => taken.push(index) } });
    for (const [index, name] of [
      [0, 'a'],
      [0, 'b'],
      [1, 'c'],
      [2, 'd'],
      [3, 'e'],
    ] as const) {
      waiters.partial(record, index, watcher(name));
    }
    waiters.delivered(record, 0);
    waiters.delivered(record, 0);
    expect([seen, taken]).toEqual([['a', 'b'], [0]]);
    waiters.announced(record, 2);
    expect(seen).toEqual(['a', 'b', 'd', 'e']);
    waiters.settled(record);
    expect(seen).toEqual(['a', 'b', 'd', 'e', 'c']);
  });

  test.each<[Read, number, boolean]>([
    [{}, 0, false],
    [{ delivered: 1 }, 0, true],
    [{ delivered: 1 }, 1, false],
    [{ announced: 1 }, 0, false],
    [{ announced: 1 }, 1, true],
    [{ isSettled: true }, 0, true],
  ])('with %j a wait for result %i is answered at once: %s', (parts, index, isAtOnce) => {
    const { record, waiters, seen, watcher } = watched(parts);
    waiters.partial(record, index, watcher('a'));
    expect(seen).toEqual(isAtOnce ? ['a'] : []);
    waiters.settled(record);
    expect(seen).toEqual(['a']);
  });

  test('is told of a stall, and forgotten where it gives up', () => {
    const { record, waiters, seen, watcher } = watched();
    waiters.end(record, watcher('leaves', true));
    waiters.end(record, watcher('stays'));
    waiters.partial(record, 0, watcher('0 leaves', true));
    waiters.partial(record, 1, watcher('1 leaves', true));
    waiters.partial(record, 1, watcher('1 stays'));
    expect(waiters.stalled(record, new SchedulerError('Stalled', 's'))).toBe(3);
    expect(seen.splice(0)).toEqual([
      'leaves stalls',
      'stays stalls',
      '0 leaves stalls',
      '1 leaves stalls',
      '1 stays stalls',
    ]);
    expect(record.partialWatchers?.has(0)).toBe(false);
    waiters.settled(record);
    expect(seen).toEqual(['stays', '1 stays']);
    waiters.end(record, watcher('only', true));
    expect(waiters.stalled(record, new SchedulerError('Stalled', 's'))).toBe(1);
    expect(record.endWatchers).toBeUndefined();
    expect(waiters.stalled(record, new SchedulerError('Stalled', 's'))).toBe(0);
  });

  test('may be forgotten, one by one', () => {
    const { record, waiters, seen, watcher } = watched();
    const [a, b, c, d] = [watcher('a'), watcher('b'), watcher('c'), watcher('d')];
    for (const each of [a, b]) waiters.end(record, each);
    for (const each of [c, d]) waiters.partial(record, 0, each);
    waiters.forget(record, WHOLE, a);
    waiters.forget(record, 0, d);
    waiters.forget(record, 5, d);
    waiters.delivered(record, 0);
    waiters.settled(record);
    expect(seen).toEqual(['c', 'b']);
    waiters.end(record, a);
    waiters.partial(record, 1, c);
    waiters.forget(record, WHOLE, a);
    waiters.forget(record, 1, c);
    expect([record.endWatchers, record.partialWatchers?.size]).toEqual([undefined, 0]);
  });
});

describe('what is found', () => {
  const done: Outcome = { status: 'done', result: ['x', 'y'] };
  const error = new Error('own');
  const failed: Outcome = { status: 'failed', error };
  const cancelled: Outcome = { status: 'cancelled', reason: 'r' };

  test.each<[string, Read, number, unknown]>([
    ['nothing of a task that goes on', {}, WHOLE, undefined],
    ['nothing of a result to come', {}, 0, undefined],
    ['the outcome of the whole', { outcome: done }, WHOLE, done],
    ['a result', { delivered: 2, partials: ['x', 'y'] }, 1, { status: 'done', result: 'y' }],
    [
      'a result by its place when earlier ones are released',
      { delivered: 2, partials: ['y'], flow: { released: 1 } },
      1,
      { status: 'done', result: 'y' },
    ],
    ['the failure, for a result that was not delivered', { delivered: 1, outcome: failed }, 1, failed],
    ['a failure of the whole, though results are released', { outcome: failed, flow: { released: 1 } }, WHOLE, failed],
  ])('is %s', (_, parts, index, outcome) => {
    expect(outcomeAt(recordWith(parts), index)).toEqual(outcome);
  });

  const first =
    'the first result of task t went to a feed and is no longer there: what a feed takes from a task with ahead is kept for nobody else';
  test.each<[string, Read, number, object]>([
    ['beyond the announced end', { announced: 1, delivered: 0 }, 1, { code: 'PartialOutOfRange' }],
    ['beyond the end', { delivered: 1, partials: ['x'], outcome: done }, 1, { code: 'PartialOutOfRange' }],
    [
      'of a released result',
      { delivered: 2, flow: { released: 1 } },
      0,
      { code: 'ResultReleased', message: first, tasks: ['t'] },
    ],
    [
      'of the whole with a part released',
      { outcome: done, flow: { released: 2 } },
      WHOLE,
      { message: first.replace('first result', 'first 2 results').replace('is no', 'are no') },
    ],
    ['of the whole, not yet known', { flow: { released: 1 } }, WHOLE, { code: 'ResultReleased' }],
    ['of a cancelled task', { outcome: cancelled }, WHOLE, { code: 'TaskCancelled', cause: 'r' }],
    ['of a failed task', { outcome: failed }, WHOLE, error],
  ])('as an error %s', (_, parts, index, expected) => {
    expect(errorAt(recordWith(parts), index)).toEqual(expect.objectContaining(expected));
  });

  test('no error where there is a result, or nothing yet', () => {
    expect(errorAt(recordWith({ outcome: done }), WHOLE)).toBeUndefined();
    expect(errorAt(recordWith({}), WHOLE)).toBeUndefined();
    expect(releasedOf(recordWith({}))).toBe(0);
  });
});
