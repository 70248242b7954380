/** What each error says, to people and to programs. */
import { describe, expect, test } from 'vitest';
import {
  CommandFailed,
  CommandResult,
  DependencyFailed,
  FeedFailed,
  type FeedFailure,
  PartialCountMismatch,
  PartialOutOfRange,
  QueueFull,
  SchedulerError,
  TaskCancelled,
  TaskEvicted,
  TaskInterrupted,
  TasksFailed,
  TaskTimedOut,
  WorkerCrashed,
  WorkerLost,
} from '../../src/index.js';

const harm = new RangeError('too far');

/** Of an error: its message, its tasks, its queue, its cause, and what only its class has. */
type Told = readonly [
  message: string,
  parts: { readonly tasks?: readonly string[]; readonly queue?: string; readonly cause?: unknown },
  own: object,
];

// Made in the tests, not while the file is loaded: what is made by then counts as reached by no test when mutants are looked for.
const errors: readonly (readonly [message: string, make: () => SchedulerError, parts: Told[1], own: Told[2]])[] = [
  [
    'task t cannot run: its dependency s ended with RangeError: too far',
    () => new DependencyFailed('t', 's', harm),
    { tasks: ['t', 's'], cause: harm },
    { origin: 's', root: harm },
  ],
  [
    'queue q is full: 3 tasks are pending, which is its bound',
    () => new QueueFull('q', 3),
    { queue: 'q' },
    { bound: 3 },
  ],
  [
    'task t announced 3 results and delivered 2',
    () => new PartialCountMismatch('t', 3, 2),
    { tasks: ['t'] },
    { announced: 3, delivered: 2 },
  ],
  [
    'task t has 2 results, there is no result 5',
    () => new PartialOutOfRange('t', 5, 2),
    { tasks: ['t'] },
    { index: 5, count: 2 },
  ],
  ['task t was cancelled: enough', () => new TaskCancelled('t', 'enough'), { tasks: ['t'], cause: 'enough' }, {}],
  ['task t was cancelled', () => new TaskCancelled('t', undefined), { tasks: ['t'] }, {}],
  ['task t timed out after 50 ms', () => new TaskTimedOut('t', 50), { tasks: ['t'] }, { timeoutMs: 50 }],
  [
    'task t was evicted from queue q: task u is more urgent',
    () => new TaskEvicted('t', 'u', 'q'),
    { tasks: ['t', 'u'], queue: 'q' },
    { by: 'u' },
  ],
  [
    'task t was running when an earlier run ended; to run it again, have the store forget k',
    () => new TaskInterrupted('t', 'k'),
    { tasks: ['t'] },
    { key: 'k' },
  ],
  [
    'the worker that ran task t ended: RangeError: too far',
    () => new WorkerCrashed('t', harm),
    { tasks: ['t'], cause: harm },
    {},
  ],
  [
    'worker w, which ran task t, ended or was not heard of in time',
    () => new WorkerLost('t', 'w'),
    { tasks: ['t'] },
    { worker: 'w' },
  ],
  [
    'task t failed and 1 more: RangeError: too far',
    () =>
      new TasksFailed(
        [
          { task: 't', error: harm },
          { task: 'u', error: 'no' },
        ],
        2,
      ),
    { tasks: ['t', 'u'], cause: harm },
    { errors: [harm, 'no'], count: 2 },
  ],
];

function expectTold(error: SchedulerError, ...[message, { tasks = [], queue, cause }, own]: Told): void {
  const name = error.constructor.name;
  expect(error.toJSON()).toEqual({ name, code: name, message, tasks, queue });
  expect(error.cause).toBe(cause);
  expect(error).toMatchObject(own);
}

test.each(errors)('%s', (message, make, parts, own) => {
  expectTold(make(), message, parts, own);
});

test('an error of no class of its own has the code that it was made with, and says what it is about', () => {
  const error = new SchedulerError('NotHeld', 'task t is not held', { tasks: ['t'], queue: 'q', cause: harm });
  const told = { name: 'SchedulerError', code: 'NotHeld', message: 'task t is not held', tasks: ['t'], queue: 'q' };
  expect(JSON.parse(JSON.stringify(error))).toEqual(told);
  expect(error.cause).toBe(harm);
});

test('an error has a cause only if it was given one, which may be undefined', () => {
  expect('cause' in new SchedulerError('NotHeld', 'x')).toBe(false);
  expect('cause' in new SchedulerError('NotHeld', 'x', { cause: undefined })).toBe(true);
});

test('a failure that is passed on names the task that failed first, and keeps the way to it as its causes', () => {
  const near = new DependencyFailed('b', 'a', harm);
  expectTold(
    new DependencyFailed('c', 'b', near),
    'task c cannot run: its dependency a ended with RangeError: too far',
    { tasks: ['c', 'b'], cause: near },
    { origin: 'a', root: harm },
  );
});

describe('the failure of a command', () => {
  const ended = (stderr: string, exitCode?: number, signal?: string): CommandResult => {
    const bytes = new TextEncoder();
    return new CommandResult({
      stdout: bytes.encode('a'),
      stderr: bytes.encode(stderr),
      exitCode,
      signal,
      truncated: false,
    });
  };

  test.each<readonly [how: string, result: CommandResult, details: { readonly cause?: unknown }, message: string]>([
    ['by its exit code', ended('', 2), {}, 'ended with exit code 2'],
    ['by a signal', ended('', undefined, 'SIGKILL'), {}, 'was ended by SIGKILL'],
    ['with its last words', ended('\nno such file\n', 2), {}, 'ended with exit code 2: \nno such file'],
    ['before it started', ended(''), { cause: harm }, 'could not be started: RangeError: too far'],
  ])('says that it ended %s', (_, result, details, message) => {
    const { exitCode, signal, stderr } = result;
    const error = new CommandFailed('t', 'ls', result, details);
    expectTold(error, `task t: ls ${message}`, { tasks: ['t'], ...details }, { exitCode, signal, stderr, result });
  });

  test('says how it ended, and not that it never started, if its time was up', () => {
    const cause = new TaskTimedOut('t', 5);
    const result = ended('', undefined, 'SIGTERM');
    const told = 'task t: ls was ended by SIGTERM';
    expectTold(new CommandFailed('t', 'ls', result, { cause }), told, { tasks: ['t'], cause }, { signal: 'SIGTERM' });
  });

  test('keeps the last 4,096 characters of its error output, and tells 200 of them', () => {
    const kept = `${'y'.repeat(3_896)}${'z'.repeat(200)}`;
    const { message, stderr } = new CommandFailed('t', 'ls', ended(`x${kept}`, 1));
    expect(stderr).toBe(kept);
    expect(message).toBe(`task t: ls ended with exit code 1: ${'z'.repeat(200)}`);
  });

  test.each([
    ['x'.repeat(200), 'x'.repeat(200)],
    ['x'.repeat(201), `${'x'.repeat(200)}…`],
  ])('tells at most 200 characters of the command', (command, told) => {
    expect(new CommandFailed('t', command, ended('', 1)).message).toBe(`task t: ${told} ended with exit code 1`);
  });
});

describe('the failure of a feed', () => {
  const failure = (stage: FeedFailure['stage']): FeedFailure => ({ stage, error: harm, item: 'x', index: 4 });
  const totals = (...failures: FeedFailure[]): FeedFailed['end'] => ({
    count: 9,
    failed: failures.length,
    failures,
    results: [],
  });

  test.each<readonly [stage: FeedFailure['stage'], what: string]>([
    ['source', 'the source'],
    ['task', 'the task'],
    ['result', 'onResult'],
    ['report', 'onError'],
  ])('in the stage %s names %s, the item and the error', (stage, what) => {
    const end = totals(failure(stage));
    expectTold(
      new FeedFailed('q', 'failed', end, undefined),
      `a feed of queue q failed: ${what} of item 4 ended with RangeError: too far`,
      { queue: 'q', cause: harm },
      { ended: 'failed', end },
    );
  });

  test('tells the first of several, and how many there are more', () => {
    const end = totals(failure('task'), failure('result'), failure('task'));
    const { message } = new FeedFailed('q', 'failed', end, undefined);
    expect(message).toBe('a feed of queue q failed: the task of item 4 ended with RangeError: too far and 2 more');
  });

  test.each<readonly [ended: 'cancelled' | 'closed', reason: unknown, message: string]>([
    ['cancelled', 'enough', 'was cancelled: enough'],
    ['cancelled', undefined, 'was cancelled'],
    ['closed', undefined, 'was closed'],
    ['closed', 'queue q was closed', 'was closed: queue q was closed'],
  ])('that was %s for the reason %s has that as its cause, whatever failed before', (ended, reason, message) => {
    const end = totals(failure('task'), failure('task'));
    expectTold(
      new FeedFailed('q', ended, end, reason),
      `a feed of queue q ${message}`,
      { queue: 'q', cause: reason },
      { ended, end },
    );
  });
});
