/** The options of queues and tasks that are numbers, words or flags: which values are taken, and what the others are refused with. */
import { describe, expect, test } from 'vitest';
import { type QueueOptions, Scheduler } from '../../src/index.js';
import { cancelOptionsOf } from '../../src/runtime/policies/cancel-options.js';
import { checkRoom } from '../../src/runtime/policies/pending-limit.js';
import { policyOf } from '../../src/runtime/policies/queue-policy.js';
import { pauseMs } from '../../src/runtime/policies/retry.js';
import { refusalOf } from '../support/refusal.js';

const LONGEST_TIMER_MS = 2_147_483_647;
const DAY_MS = 86_400_000;

test.each<[unknown, string]>([
  [{ timeoutMs: 0 }, 'timeoutMs must be a finite number greater than 0, got 0'],
  [{ timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs must be a finite number greater than 0, got Infinity'],
  [{ timeoutMs: '5' }, 'timeoutMs must be a finite number greater than 0, got "5"'],
  [{ graceMs: -1 }, 'graceMs must be from 0 to 2147483647, got -1'],
  [{ graceMs: LONGEST_TIMER_MS + 1 }, 'graceMs must be from 0 to 2147483647, got 2147483648'],
  [{ graceMs: '5' }, 'graceMs must be from 0 to 2147483647, got "5"'],
  [{ graceMs: Number.NaN }, 'graceMs must be from 0 to 2147483647, got NaN'],
  [{ retry: 3 }, 'the options of retry must be an object, got 3'],
  [{ retry: {} }, 'retry.attempts must be an integer of at least 1, got undefined'],
  [{ retry: { attempts: 0 } }, 'retry.attempts must be an integer of at least 1, got 0'],
  [{ retry: { attempts: 1.5 } }, 'retry.attempts must be an integer of at least 1, got 1.5'],
  [{ retry: { attempts: 1, backoffMs: -1 } }, 'retry.backoffMs must be a finite number of at least 0, got -1'],
  [{ retry: { attempts: 1, factor: 0.9 } }, 'retry.factor must be a finite number of at least 1, got 0.9'],
  [
    { retry: { attempts: 1, maxBackoffMs: Number.POSITIVE_INFINITY } },
    'retry.maxBackoffMs must be a finite number of at least 0, got Infinity',
  ],
  [{ retry: { attempts: 1, jitter: 1.1 } }, 'retry.jitter must be from 0 to 1, got 1.1'],
  [{ retry: { attempts: 1, jitter: -0.1 } }, 'retry.jitter must be from 0 to 1, got -0.1'],
  [{ retry: { attempts: 1, when: 'always' } }, 'retry.when must be a function, got "always"'],
  [{ onSettled: 'tell me' }, 'onSettled must be a function, got "tell me"'],
  [{ keepFailures: 'yes' }, 'keepFailures must be true or false, got "yes"'],
  [{ rate: { limit: 1.5, intervalMs: 1 } }, 'rate.limit must be an integer of at least 1, got 1.5'],
  [{ rate: { limit: '1', intervalMs: 1 } }, 'rate.limit must be an integer of at least 1, got "1"'],
  [{ rate: { limit: 1, intervalMs: 0 } }, 'rate.intervalMs must be a finite number greater than 0, got 0'],
  [
    { rate: { limit: 1, intervalMs: Number.POSITIVE_INFINITY } },
    'rate.intervalMs must be a finite number greater than 0, got Infinity',
  ],
  [{ rate: { limit: 1, intervalMs: '1' } }, 'rate.intervalMs must be a finite number greater than 0, got "1"'],
  [{ rateByKey: { limit: 1, intervalMs: 1, burst: 0 } }, 'rateByKey.burst must be an integer of at least 1, got 0'],
])('a queue with %j is refused', (options, message) => {
  const error = refusalOf(() => new Scheduler().queue('q', options as QueueOptions));
  expect([error.code, error.message]).toEqual(['InvalidOption', message]);
});

test.each<QueueOptions>([
  { timeoutMs: 0.5 },
  { graceMs: 0 },
  { graceMs: LONGEST_TIMER_MS },
  { retry: { attempts: 1, backoffMs: 0, factor: 1, maxBackoffMs: 0, jitter: 0 } },
  { retry: { attempts: 1, jitter: 1, when: () => false } },
  { preempt: false, keepFailures: false },
  { preempt: true, onEvict: 'requeue' },
  { onInterrupted: 'retry' },
  { onInterrupted: 'fail' },
  { rate: { limit: 1, intervalMs: 0.5, burst: 1 } },
])('a queue with %j is made', (options) => {
  expect(new Scheduler().queue('q', options).name).toBe('q');
});

test('the rules of a queue are a copy of what was given, without its other options', () => {
  const retry = { attempts: 2 };
  const options = { timeoutMs: 5, retry, concurrency: 3 };
  const policy = policyOf(options);
  retry.attempts = 9;
  expect(policy).toEqual({ timeoutMs: 5, retry: { attempts: 2 } });
  expect(Object.keys(policyOf({ graceMs: 1 }))).toEqual(['graceMs']);
});

describe('the options of cancel', () => {
  test.each<[unknown, unknown]>([
    [undefined, { reason: undefined }],
    [null, { reason: null }],
    ['enough', { reason: 'enough' }],
    [['a'], { reason: ['a'] }],
    [new Error('x'), { reason: new Error('x') }],
    [{}, {}],
    [
      { reason: 'r', downstream: false, orphans: true, graceMs: 0 },
      { reason: 'r', downstream: false, orphans: true, graceMs: 0 },
    ],
  ])('%j', (given, read) => {
    expect(cancelOptionsOf(given)).toStrictEqual(read);
  });

  test.each<[unknown, string]>([
    [{ downstream: 1 }, 'downstream must be true or false, got 1'],
    [{ orphans: 'yes' }, 'orphans must be true or false, got "yes"'],
    [{ graceMs: -1 }, 'graceMs must be from 0 to 2147483647, got -1'],
    [
      { orphan: true },
      'cancel has no option orphan; did you mean orphans? Its options are reason, downstream, orphans, graceMs',
    ],
  ])('%j are refused', (given, message) => {
    const error = refusalOf(() => cancelOptionsOf(given));
    expect([error.code, error.message]).toEqual(['InvalidOption', message]);
  });

  test('that throw when they are read are refused with what they throw', () => {
    const cause = new RangeError('x');
    const given = {
      get reason(): never {
        throw cause;
      },
    };
    const error = refusalOf(() => cancelOptionsOf(given));
    expect([error.code, error.cause]).toEqual(['InvalidArgument', cause]);
    expect(error.message).toBe('the options of cancel cannot be read: RangeError: x');
  });
});

test.each<[unknown, string]>([
  [0, '0'],
  [1.5, '1.5'],
  ['1', '"1"'],
])('room for %j is refused', (count, shown) => {
  const error = refusalOf(() => checkRoom(count as number));
  expect([error.code, error.message]).toEqual(['InvalidOption', `room takes an integer of at least 1, got ${shown}`]);
});

describe('the pause after a failed attempt', () => {
  const half = (): number => 0.5;

  test.each([
    ['is none unless asked for', { factor: 9, jitter: 1 }, [0, 0, 0]],
    ['doubles by default', { backoffMs: 10 }, [10, 20, 40]],
    ['grows by the factor, up to the longest pause', { backoffMs: 10, factor: 3, maxBackoffMs: 50 }, [10, 30, 50]],
    ['is at most a day by default', { backoffMs: DAY_MS - 1 }, [DAY_MS - 1, DAY_MS, DAY_MS]],
    ['is shortened by part of its random share', { backoffMs: 10, jitter: 0.2 }, [9, 18, 36]],
  ])('%s', (_, retry, pauses) => {
    expect([1, 2, 3].map((failures) => pauseMs({ attempts: 4, ...retry }, failures, half))).toEqual(pauses);
  });

  test('asks for no random number without a random share', () => {
    const random = (): never => expect.unreachable('nothing is random');
    expect(pauseMs({ attempts: 2, backoffMs: 10 }, 1, random)).toBe(10);
  });
});
