/** The parts of a feed by themselves: its options, its window, its turns, its record and the report of its end. */
import { describe, expect, test } from 'vitest';
import { FeedFailed } from '../../src/index.js';
import type { FeedFailure } from '../../src/core/failures.js';
import { FeedCompletion } from '../../src/runtime/feeds/completion.js';
import { type OpenFeed, OpenFeeds } from '../../src/runtime/feeds/open-feeds.js';
import {
  checkedFeedOptions,
  type FeedOptions,
  type OnFeedError,
  whatFollows,
  windowOf,
} from '../../src/runtime/feeds/options.js';
import { FeedTally } from '../../src/runtime/feeds/tally.js';
import { FeedTurns } from '../../src/runtime/feeds/turns.js';
import type { Failing } from '../../src/runtime/tasks/unhandled-failures.js';
import { isKept, quiet } from '../support/event-loop.js';
import { refusalOf } from '../support/refusal.js';

const failure: FeedFailure<number> = { stage: 'task', error: 'no', item: 7, index: 0 };

describe('the options of a feed', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ onResult: 1 }, 'onResult must be a function, got 1'],
    [{ collect: 'yes' }, 'collect must be true or false, got "yes"'],
    [{ ahead: -1 }, 'ahead must be an integer of at least 0, got -1'],
    [{ ahead: 0.5 }, 'ahead must be an integer of at least 0, got 0.5'],
    [{ onError: 'retry' }, 'onError must be stop, continue or a function, got "retry"'],
    [{ signal: {} }, 'signal must be an AbortSignal, got [object Object]'],
    [{ task: 7 }, 'task must be the options of submit or a function, got 7'],
    [{ task: null }, 'task must be the options of submit or a function, got null'],
    [{ task: { hold: 1 } }, 'hold must be true or false, got 1'],
    [{ every: 1 }, 'from has no option every. Its options are onResult, collect, ahead, onError, task, signal'],
  ])('%j are refused', (options, message) => {
    const error = refusalOf(() => checkedFeedOptions(options));
    expect([error.code, error.message]).toEqual(['InvalidOption', message]);
  });

  test.each<[Record<string, unknown>]>([
    [{}],
    [{ onResult: () => 1, collect: false, ahead: 0, onError: 'stop', task: { priority: 1 } }],
    [{ collect: true, ahead: 5, onError: 'continue', task: () => ({}), signal: new AbortController().signal }],
    [{ onError: () => undefined }],
  ])('%j are taken as a copy', (options) => {
    const copy = checkedFeedOptions(options);
    expect(copy).toEqual(options);
    expect(copy).not.toBe(options);
  });

  test('that throw when they are read are refused with what they throw', () => {
    const cause = new RangeError('no');
    const options = {
      get ahead(): number {
        throw cause;
      },
    };
    const message = 'the options of from cannot be read: RangeError: no';
    expect(refusalOf(() => checkedFeedOptions(options))).toMatchObject({ code: 'InvalidArgument', message, cause });
  });
});

test.each<[number, number | undefined, number]>([
  [3, undefined, 6],
  [1_000, undefined, 2_000],
  [5_000, undefined, 6_000],
  [3, 0, 3],
  [3, 4, 7],
  [Number.POSITIVE_INFINITY, undefined, 1_000],
  [Number.POSITIVE_INFINITY, 5, 5],
  [Number.POSITIVE_INFINITY, 0, 1],
])('of a queue of %s slots, with ahead %s, a feed takes %s items', (concurrency, ahead, window) => {
  expect(windowOf(concurrency, ahead)).toBe(window);
});

describe('after a failure a feed', () => {
  test.each<[string, FeedOptions<number, never>['onError'], OnFeedError]>([
    ['stops where nothing was said', undefined, 'stop'],
    ['stops where it is to', 'stop', 'stop'],
    ['goes on where it is to', 'continue', 'continue'],
    ['stops where a function says so', () => 'stop', 'stop'],
    ['goes on where a function says so', () => 'continue', 'continue'],
    ['goes on where a function says nothing', () => undefined, 'continue'],
  ])('%s', (_, onError, follows) => {
    expect(whatFollows(onError, failure)).toBe(follows);
  });

  test('refuses a promise as the answer, and leaves no rejection of it unhandled', async () => {
    const onError = (): never => Promise.reject(new Error('too late')) as never;
    const error = refusalOf(() => whatFollows(onError, failure));
    expect([error.code, error.message]).toEqual([
      'InvalidOption',
      'onError must return stop or continue synchronously, got a promise',
    ]);
    await quiet();
  });
});

describe('the record of a feed', () => {
  test('has the results at their places, without those that are missing, and the failures', () => {
    const tally = new FeedTally<number, string>();
    tally.keep(3, 'd');
    tally.keep(0, 'a');
    tally.fail(failure);
    const end = tally.end(5);
    tally.fail({ ...failure, index: 1 });
    expect(end).toEqual({ count: 5, failed: 1, failures: [failure], results: ['a', 'd'] });
  });

  test('lists a thousand failures, and counts those beyond', () => {
    const tally = new FeedTally<number, string>();
    for (let index = 0; index < 1_002; index += 1) tally.fail({ ...failure, index });
    const { failed, failures } = tally.end(1_002);
    expect([failed, failures.length, failures.at(-1)?.index]).toEqual([1_002, 1_000, 999]);
  });
});

describe('the turns of a feed', () => {
  test('come in microtasks, one at a time', async () => {
    const turns: string[] = [];
    const feed = new FeedTurns(
      () => void turns.push('turn'),
      () => void turns.push('later'),
    );
    expect(feed.isDue).toBe(false);
    feed.soon();
    feed.soon();
    expect([feed.isDue, turns]).toEqual([true, []]);
    await Promise.resolve();
    expect([feed.isDue, turns]).toEqual([false, ['turn']]);
  });

  test('wait for the event loop after a hundred items that waited for nothing', async () => {
    const turns: string[] = [];
    const later: (() => void)[] = [];
    const feed = new FeedTurns(
      () => void turns.push('turn'),
      (callback) => void later.push(callback),
    );
    for (let count = 0; count < 99; count += 1) feed.countIdle();
    feed.soon();
    await Promise.resolve();
    expect([turns.length, later.length]).toEqual([1, 0]);
    feed.countIdle();
    feed.soon();
    await Promise.resolve();
    expect([turns.length, later.length, feed.isDue]).toEqual([1, 1, true]);
    later[0]?.();
    feed.soon();
    await Promise.resolve();
    expect([turns.length, later.length]).toEqual([3, 1]);
  });
});

describe('the end of a feed', () => {
  const end = { count: 1, failed: 1, failures: [failure], results: [] };
  function completion(isAttended = false) {
    const lookedAt: Failing[] = [];
    return { completion: new FeedCompletion<number, number>('q', isAttended, (each) => lookedAt.push(each)), lookedAt };
  }

  test('fulfils the promise where the feed came to it by itself', async () => {
    const { completion: report, lookedAt } = completion();
    const done = report.wait();
    expect(report.finish(end, undefined, false)).toBeUndefined();
    expect([await done, await report.end, lookedAt]).toEqual([end, end, []]);
  });

  test.each(['failed', 'cancelled', 'closed'] as const)('rejects the promise of a feed that was %s', async (how) => {
    const { completion: report } = completion();
    const done = report.wait();
    expect(report.finish(end, { how, reason: 'why' }, true)).toBeUndefined();
    const error = await done.catch((given: unknown) => given);
    expect(error).toBeInstanceOf(FeedFailed);
    expect(error).toMatchObject({ ended: how, end, queue: 'q' });
  });

  test.each<['failed' | 'cancelled' | 'closed' | 'over', boolean, boolean]>([
    ['over', false, false],
    ['over', true, true],
    ['failed', true, true],
    ['cancelled', false, false],
    ['cancelled', true, true],
    ['closed', false, true],
  ])(
    'that was %s, with a failure: %s, is reported to wait() where nobody is told: %s',
    (how, hasFailed, isReported) => {
      const stop = how === 'over' ? undefined : { how, reason: undefined };
      const { completion: report, lookedAt } = completion();
      const failing = report.finish(end, stop, hasFailed);
      expect(failing !== undefined).toBe(isReported);
      expect(completion(true).completion.finish(end, stop, hasFailed)).toBeUndefined();
      if (failing === undefined) return;
      expect(failing).toMatchObject({ id: '(a feed of queue q)', isLookedAt: false, failedIn: -1 });
      expect(failing.outcome).toMatchObject({
        status: 'failed',
        error: { ended: how === 'over' ? 'failed' : how, end },
      });
      expect(lookedAt).toEqual([]);
      report.attend();
      expect(lookedAt).toEqual([failing]);
    },
  );

  test('is not awaited beyond a stall, which each wait is told of once', async () => {
    const { completion: report } = completion();
    const waits = [report.wait(), report.wait()];
    const told = Promise.allSettled(waits);
    expect([report.stalled('stalled'), report.stalled('again')]).toEqual([2, 0]);
    expect(await told).toEqual([
      { status: 'rejected', reason: 'stalled' },
      { status: 'rejected', reason: 'stalled' },
    ]);
    const later = report.wait();
    expect(await isKept(later)).toBe(false);
    report.finish(end, undefined, false);
    expect(await later).toEqual(end);
    await quiet();
    expect(report.stalled('too late')).toBe(0);
  });
});

describe('the feeds of a scheduler', () => {
  function open(queue: string, isMoving = false) {
    const told: string[] = [];
    let over = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    const feed: OpenFeed = {
      queue,
      isMoving,
      windowChanged: () => void told.push('window'),
      close: (reason) => void told.push(`close ${String(reason)}`),
      giveUp: (reason) => void told.push(`give up ${String(reason)}`),
      stalled: (error) => told.push(`stalled ${String(error)}`) + 1,
      terminate: (reason) => void told.push(`terminate ${String(reason)}`),
      quiet: () => ended,
    };
    return { feed, told, over: () => over() };
  }

  test('are told together, as long as they are open', () => {
    const feeds = new OpenFeeds();
    const [a, b, gone] = [open('a'), open('b'), open('a', true)];
    expect([feeds.count, feeds.isMoving]).toEqual([0, false]);
    for (const { feed } of [a, b, gone]) feeds.add(feed);
    expect([feeds.count, feeds.isMoving]).toEqual([3, true]);
    feeds.remove(gone.feed);
    expect([feeds.count, feeds.isMoving]).toEqual([2, false]);
    feeds.windowsChanged();
    feeds.giveUp('why');
    expect(feeds.stalled('stuck')).toBe(8);
    feeds.terminate('now');
    const expected = ['window', 'give up why', 'stalled stuck', 'terminate now'];
    expect([a.told, b.told, gone.told]).toEqual([expected, expected, []]);
  });

  test.each([
    [undefined, ['close why'], ['close why']],
    ['a', ['close why'], []],
  ])('of the queue %s are closed, and their ends awaited', async (queue, ofA, ofB) => {
    const feeds = new OpenFeeds();
    const [a, b] = [open('a'), open('b')];
    for (const { feed } of [a, b]) feeds.add(feed);
    const closed = feeds.close('why', queue);
    expect([a.told, b.told]).toEqual([ofA, ofB]);
    if (queue === undefined) b.over();
    expect(await isKept(closed)).toBe(false);
    a.over();
    await closed;
  });
});
