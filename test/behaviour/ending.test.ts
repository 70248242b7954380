/** What is said of ends, and of attempts that go on after they were given up. */
import { describe, expect, test } from 'vitest';
import { quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;

describe('why() of a settled task', () => {
  test.each([
    [undefined, 'task t is cancelled'],
    ['no paper', 'task t is cancelled: no paper'],
  ])('that was cancelled for %j', (reason, message) => {
    const { queue } = oneQueue();
    const handle = queue.submit({ id: 't' }, nothing);
    handle.cancel(reason === undefined ? {} : { reason });
    expect(handle.why()).toEqual({ reason: 'settled', state: 'cancelled', message });
  });

  test('tells the whole from one of its results', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.stream({ id: 's' }, () => [1]);
    scheduler.start();
    await stream.result();
    expect([stream.why().message, stream.at(0).why().message]).toEqual([
      'task s is done',
      'result 0 of task s has been delivered',
    ]);
  });
});

test('what waits for a slot names the attempts that were given up and have not ended', async () => {
  const { scheduler, queue, executor } = manualQueue({ concurrency: 2, graceMs: 60_000 });
  const [first, second] = ['first', 'second'].map((id) =>
    queue.submit(
      { id, ...(id === 'second' ? { retry: { attempts: 2, backoffMs: 60_000 }, timeoutMs: 1 } : {}) },
      nothing,
    ),
  );
  const waiting = queue.submit({ id: 'waiting', priority: -1 }, nothing);
  scheduler.start();
  first?.cancel('enough');
  await expect.poll(() => executor.aborted.has('second')).toBe(true);
  const { message } = waiting.why();
  expect(message).toContain('first (cancelled, its function has not ended yet)');
  expect(message).toContain('second (given up, its function has not ended yet)');
  executor.attemptAt('first').done(undefined);
  executor.attemptAt('second').done(undefined);
  await quiet();
  expect(waiting.state).toBe('running');
  second?.cancel();
});

test('terminating a queue gives no time to its own attempts, and leaves those of others theirs', async () => {
  const { scheduler, queue, executor } = manualQueue({ concurrency: 2, graceMs: 60_000 });
  const other = scheduler.queue('other', { executor, graceMs: 50_000 });
  const [mine, theirs] = [queue.submit({ id: 'mine' }, nothing), other.submit({ id: 'theirs' }, nothing)];
  scheduler.start();
  mine.cancel();
  theirs.cancel();
  expect([executor.graces.get('mine'), executor.graces.get('theirs')]).toEqual([60_000, 50_000]);
  const ended = queue.terminate();
  expect([executor.graces.get('mine'), executor.graces.get('theirs')]).toEqual([0, 50_000]);
  executor.attemptAt('mine').done(undefined);
  await ended;
});

test('a queue whose tasks have all settled is not told of a stall elsewhere', async () => {
  const { scheduler, queue, executor } = manualQueue({ concurrency: 2, graceMs: 60_000 });
  const held = scheduler.queue('held', { concurrency: 1 });
  const running = queue.submit({ id: 'running' }, nothing);
  scheduler.start();
  const idle = queue.onIdle();
  running.cancel();
  held.submit({ hold: true }, () => 1);
  await quiet();
  held.submit({ id: 'stuck' }, () => 2);
  executor.attemptAt('running').done(undefined);
  await idle;
  await expect(held.onIdle()).rejects.toMatchObject({ code: 'Stalled', tasks: ['stuck'] });
});

test('the failures of a group are told with their errors, and a group is cancelled from its end', async () => {
  const { scheduler, queue } = oneQueue();
  const group = scheduler.group();
  const error = new RangeError('no');
  queue.submit({ id: 'fails', group }, () => {
    throw error;
  });
  scheduler.start();
  await quiet();
  expect(group.failures).toEqual([{ task: 'fails', error }]);
  await scheduler.stop();
  const first = queue.submit({ group }, () => 1);
  const second = queue.submit({ group }, (value: number) => value, first);
  expect(group.cancel()).toBe(2);
  expect([first.state, second.state]).toEqual(['cancelled', 'cancelled']);
});
