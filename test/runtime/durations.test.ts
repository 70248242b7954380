/** What is learned of how long tasks take: which kinds are told apart, what is measured, and when there is enough to plan anew. */
import { afterAll, describe, expect, test } from 'vitest';
import { addDuration, runningStats } from '../../src/core/durations.js';
import { Handle, Scheduler } from '../../src/index.js';
import { Durations } from '../../src/runtime/tasks/durations.js';
import type { TaskRecord } from '../../src/runtime/tasks/task-record.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

function resize(): void {}
function encode(): void {}

/** Never started: what begins and ends, the tests say. */
const scheduler = new Scheduler();
const queue = scheduler.queue('q');
afterAll(() => scheduler.terminate());

function recordOf(handle: Handle<unknown>): TaskRecord {
  return Handle._target(handle).record;
}

function learning(given?: (id: string) => number) {
  const clock = new SimulatedClock();
  const durations = new Durations(clock, given);
  let plans = 0;
  durations.learned = () => void (plans += 1);
  const take = (record: TaskRecord, ms: number): void => {
    const begunAt = durations.begun(record, 1);
    clock.advanceTo(clock.now() + ms);
    durations.done(record, begunAt);
  };
  return { clock, durations, take, plans: () => plans };
}

const [one, other] = [recordOf(queue.submit({ id: 'one' }, resize)), recordOf(queue.submit(encode))];

describe('the kind of a task', () => {
  test.each<[string, TaskRecord, string]>([
    ['the option', recordOf(queue.submit({ kind: 'photo' }, resize)), 'photo'],
    ['the name of its function', one, 'resize'],
    [
      'one for all functions without a name',
      recordOf(
        queue.submit(
          (
            () => () =>
              0
          )(),
        ),
      ),
      '(anonymous)',
    ],
  ])('is %s', (_, record, name) => {
    expect(learning().durations.kindOf(record).name).toBe(name);
  });

  test('is the same for the same name', () => {
    const { durations } = learning();
    expect(durations.kindOf(recordOf(queue.submit({ kind: 'resize' }, encode)))).toBe(durations.kindOf(one));
  });

  test('is one of a thousand; those after them are taken together', () => {
    const { durations } = learning();
    const kinds = Array.from({ length: 1_002 }, (_, n) =>
      durations.kindOf({ fn: resize, args: [], extras: { kind: `k${n}` } as never }),
    );
    expect(kinds.slice(998).map(({ name }) => name)).toEqual(['k998', 'k999', '(others)', '(others)']);
    expect(kinds[1_001]).toBe(kinds[1_000]);
    expect([...durations.kinds]).toHaveLength(1_001);
  });
});

describe('how long a task takes', () => {
  test('is 1 ms as long as nothing is known, and for what is no task', () => {
    const { durations, take } = learning();
    expect([durations.isAnyKnown, durations.isKnown(one), durations.weigh(one)]).toEqual([false, false, 1]);
    take(one, 6);
    expect(durations.weigh({} as never)).toBe(1);
  });

  test('is the mean of its kind, and of all for a kind that is not known', () => {
    const { durations, take } = learning();
    take(one, 6);
    take(one, 2);
    expect([durations.isAnyKnown, durations.isKnown(one), durations.isKnown(other)]).toEqual([true, true, false]);
    expect([durations.weigh(one), durations.weigh(other)]).toEqual([4, 4]);
    take(other, 1);
    expect([durations.weigh(one), durations.weigh(other)]).toEqual([4, 1]);
    expect(durations.weigh(recordOf(queue.submit({ kind: 'new' }, resize)))).toBe(3);
  });

  test('is never nothing', () => {
    const { durations, take } = learning();
    take(one, 0);
    expect([durations.weigh(one), durations.weigh(other)]).toEqual([0.001, 0.001]);
  });

  test('is what is given for its id, where that is, and nothing is measured', () => {
    const { clock, durations, take, plans } = learning((id) => id.length);
    clock.advanceTo(50);
    expect([durations.isAnyKnown, durations.isKnown(other), durations.weigh(one)]).toEqual([true, true, 3]);
    expect([durations.now(), durations.begun(one, 1)]).toEqual([0, 0]);
    take(one, 100);
    expect([durations.weigh(one), durations.kindOf(one).stats.count, durations.news(), plans()]).toEqual([3, 0, [], 0]);
  });

  test('from now on is less by what its attempt has taken, and never less than nothing', () => {
    const { clock, durations, take } = learning();
    take(one, 6);
    clock.advanceTo(100);
    const leftAt = (begunAt: number): number => {
      const record = recordOf(queue.submit(resize));
      record.run = { begunAt } as TaskRecord['run'];
      const left = durations.leftMs(record);
      record.run = undefined;
      return left;
    };
    expect([98, 100, 50, -1].map(leftAt)).toEqual([4, 6, 0, 6]);
    expect(durations.leftMs(one)).toBe(6);
  });
});

describe('what is measured', () => {
  test('is every attempt that is done, and nothing that was not measured from its beginning', () => {
    const { durations, take } = learning();
    take(one, 4);
    durations.done(one, -1);
    durations.failed(one);
    durations.failed(one);
    expect(durations.kindOf(one).stats).toMatchObject({ count: 1, meanMs: 4, failures: 2, waits: 0 });
  });

  test('is, of many, one in sixteen after a short one, and every one after a long one', () => {
    const { durations, take } = learning();
    for (let count = 0; count < 999; count += 1) take(one, 0.5);
    take(one, 0.5);
    take(one, 1);
    expect(durations.kindOf(one).stats.count).toBe(1_001);
    take(one, 0.5);
    expect(durations.kindOf(one).stats.count).toBe(1_002);
    for (let count = 0; count < 15; count += 1) expect(durations.begun(one, 1)).toBe(-1);
    expect(durations.begun(one, 1)).toBeGreaterThan(0);
  });

  test('is how long a task that is kept has waited for its first attempt', () => {
    const { clock, durations } = learning();
    const kept = recordOf(queue.submit(resize));
    kept.kept = { readyAt: 10 } as TaskRecord['kept'];
    clock.advanceTo(30);
    expect(durations.begun(kept, 1)).toBe(30);
    expect(durations.begun(kept, 2)).toBe(30);
    expect(durations.begun(one, 1)).toBe(30);
    expect(durations.kindOf(one).stats).toMatchObject({ waits: 1, meanWaitMs: 20 });
    expect(durations.news().map(([name]) => name)).toEqual(['resize']);
  });
});

test('there is enough to plan anew when twice as much is known as before', () => {
  const { take, plans } = learning();
  const seen: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    take(one, 1);
    seen.push(plans());
  }
  expect(seen).toEqual([1, 2, 2, 3, 3, 3, 3, 4]);
});

test('what earlier runs have learned counts as if it had been learned now', () => {
  const { durations, take, plans } = learning();
  const stats = runningStats();
  for (const ms of [2, 4]) addDuration(stats, ms);
  durations.restore([
    ['resize', stats],
    ['photo', { ...runningStats(), count: 2, meanMs: 9 }],
  ]);
  expect([durations.weigh(one), durations.weigh(other)]).toEqual([3, 6]);
  expect(durations.news()).toEqual([]);
  for (let count = 0; count < 3; count += 1) take(one, 3);
  expect(plans()).toBe(0);
  take(one, 3);
  expect(plans()).toBe(1);
  expect(stats.count).toBe(2);
});

test('news are told once, as they are at that moment', () => {
  const { durations, take } = learning();
  take(one, 4);
  const news = durations.news();
  take(one, 8);
  durations.failed(other);
  expect(news).toEqual([['resize', expect.objectContaining({ count: 1, meanMs: 4, lastMs: [4] })]]);
  expect(durations.news().map(([name, { count, failures }]) => [name, count, failures])).toEqual([
    ['resize', 2, 0],
    ['encode', 0, 1],
  ]);
  expect(durations.news()).toEqual([]);
});
