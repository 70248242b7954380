/** The messages of a scheduler, its groups and its routes, word by word: what is refused, and the reasons that it gives by itself. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Group, Scheduler } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;

describe('refused with its code and message is', () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q');
  const foreign = new Scheduler().queue('theirs');
  const closed = new Scheduler();
  const late = closed.queue('late');
  void closed.terminate();
  const ready = { queue, accepts: () => false };
  const rule = (index: number): string => `rule ${index} of a route must have a queue and a function accepts`;

  test.each<[string, () => unknown, string, string]>([
    ['a second queue of a name', () => scheduler.queue('q'), 'DuplicateQueue', 'there is already a queue q'],
    [
      'a queue of a closed scheduler',
      () => closed.queue('more'),
      'SchedulerClosed',
      'queue more comes too late: the scheduler is closed',
    ],
    ['a start after the end', () => closed.start(), 'SchedulerClosed', 'a closed scheduler cannot be started'],
    [
      'a feed after the end',
      () => late.from([1], nothing),
      'SchedulerClosed',
      'queue late takes no tasks: the scheduler is closed',
    ],
    [
      'a feed without a function',
      () => queue.from([1], 5 as never),
      'InvalidArgument',
      'from takes a source and a function, got 5',
    ],
    [
      'a group that is none',
      () => queue.in(5 as unknown as Group),
      'InvalidArgument',
      'in takes a group of scheduler.group(), got 5',
    ],
    [
      'a name of a group that is none',
      () => scheduler.group({ name: 5 as never }),
      'InvalidOption',
      'the name of a group must be a string, got 5',
    ],
    [
      'a signal of a group that is none',
      () => scheduler.group({ signal: 5 as never }),
      'InvalidOption',
      'signal must be an AbortSignal, got 5',
    ],
    [
      'an option that groups do not have',
      () => scheduler.group({ label: 'a' } as object),
      'InvalidOption',
      'group has no option label. Its options are name, signal',
    ],
    [
      'an option that events does not have',
      () => scheduler.events({ max: 1 } as object),
      'InvalidOption',
      'events has no option max. Its options are signal, limit',
    ],
    [
      'a listener of events that there are not',
      () => scheduler.on('ended' as 'settled', nothing),
      'InvalidArgument',
      'a scheduler has no event ended. ' +
        'Its events are task, partial, settled, submitted, restored, slot, scheduler, stalled',
    ],
    [
      'a route of no array',
      () => scheduler.route(5 as never),
      'InvalidOption',
      'route takes an array of rules that is not empty, got 5',
    ],
    ['a rule that is none', () => scheduler.route([ready, 5 as never]), 'InvalidOption', rule(1)],
    ['no rule', () => scheduler.route([null as never]), 'InvalidOption', rule(0)],
    ['a rule without a queue', () => scheduler.route([{ accepts: nothing } as never]), 'InvalidOption', rule(0)],
    ['a rule without a function', () => scheduler.route([{ queue } as never]), 'InvalidOption', rule(0)],
    ['a rule that accepts nothing', () => scheduler.route([{ queue, accepts: 1 as never }]), 'InvalidOption', rule(0)],
    [
      'a rule for the queue of another scheduler',
      () => scheduler.route([{ queue: foreign, accepts: () => true }]),
      'ForeignHandle',
      'queue theirs belongs to another scheduler',
    ],
    [
      'a task that no rule accepts',
      () => scheduler.route([ready, ready]).submit(nothing),
      'NotAccepted',
      'no queue accepts the task (nothing): asked q',
    ],
    [
      'a function without a name that no rule accepts',
      () => scheduler.route([ready]).submit(() => 1),
      'NotAccepted',
      'no queue accepts the task (a function without a name): asked q',
    ],
  ])('%s', (_, call, code, message) => {
    const error = refusalOf(call);
    expect([error.code, error.message]).toEqual([code, message]);
  });

  test('a rule that cannot be read', () => {
    const unreadable = {
      accepts: () => false,
      get queue(): never {
        throw new RangeError('x');
      },
    };
    expect(refusalOf(() => scheduler.route([unreadable])).message).toBe(rule(0));
  });

  test.each([
    [() => scheduler.queue('q'), 'q'],
    [() => scheduler.route([{ queue: foreign, accepts: () => true }]), 'theirs'],
    [() => late.from([1], nothing), 'late'],
  ])('what concerns a queue, by its name: %#', (call, name) => {
    expect(refusalOf(call).queue).toBe(name);
  });

  test('a task that no rule accepts, by its id if it has one', () => {
    const route = scheduler.route([ready]);
    expect(refusalOf(() => route.submit({ id: 'a' }, nothing)).tasks).toEqual(['a']);
    expect(refusalOf(() => route.submit(nothing)).tasks).toEqual([]);
  });
});

describe('the reason that is given for', () => {
  test.each([
    ['group', {}],
    ['request 7', { name: 'request 7' }],
  ])('the end of %s', async (name, options) => {
    const { scheduler, queue } = oneQueue();
    const [cancelled, terminated] = [scheduler.group(options), scheduler.group(options)];
    const [first, second] = [cancelled, terminated].map((group) => queue.submit({ group }, nothing));
    cancelled.cancel();
    await terminated.terminate();
    expect(await first?.settled()).toEqual({ status: 'cancelled', reason: `${name} was cancelled` });
    expect(await second?.settled()).toEqual({ status: 'cancelled', reason: `${name} was terminated` });
    await expect(cancelled.done()).rejects.toMatchObject({
      code: 'TaskCancelled',
      message: `${name} was cancelled: ${name} was cancelled`,
    });
  });

  test('the end of a scheduler', async () => {
    const { scheduler, queue } = oneQueue();
    const task = queue.submit(nothing);
    await scheduler.terminate();
    expect(await task.settled()).toEqual({ status: 'cancelled', reason: 'the scheduler was terminated' });
  });

  test('the end of a scheduler that was stopped, to each task that it has not run', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const paused = scheduler.queue('paused');
    paused.pause();
    const [plain, held] = [queue.submit({ id: 'plain' }, nothing), paused.submit({ id: 'held' }, nothing)];
    const waiting = paused.submit({ id: 'waiting', after: [plain] }, nothing);
    await expect(scheduler.close()).rejects.toMatchObject({ code: 'TasksFailed' });
    const reasons = await Promise.all([plain, held, waiting].map((task) => task.settled()));
    expect(reasons).toEqual([
      { status: 'cancelled', reason: 'the scheduler was closed' },
      { status: 'cancelled', reason: 'the scheduler was closed while queue paused was paused' },
      { status: 'cancelled', reason: 'the scheduler was closed' },
    ]);
  });

  test('the end of what runs when another task fails', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2, onFailure: 'abort' });
    const [bad, running] = [queue.submit({ id: 'bad' }, nothing), queue.submit({ id: 'running' }, nothing)];
    void bad.settled();
    scheduler.start();
    await quiet();
    executor.attemptAt('bad').failed(new Error('x'));
    expect(await running.settled()).toEqual({ status: 'cancelled', reason: 'another task failed' });
  });
});

test('a wait that a failure has ended says how many tasks have not run, if the failure itself has been looked at', async () => {
  const { scheduler, queue, executor } = manualQueue({ onFailure: 'stop' });
  const bad = queue.submit({ id: 'bad', priority: 1 }, nothing);
  for (let index = 0; index < 2; index += 1) queue.submit(nothing);
  void bad.settled();
  const waiting = scheduler.wait();
  scheduler.start();
  await quiet();
  executor.attemptAt('bad').failed(new Error('x'));
  await expect(waiting).rejects.toMatchObject({
    code: 'TasksFailed',
    message: 'stopped by a failure; 2 tasks have not run',
  });
});

test('many failures that nothing has looked at are told once, as a warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  const { scheduler, queue } = oneQueue({ concurrency: 1_000 });
  scheduler.start();
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 1_000; index += 1) queue.submit(() => Promise.reject(new RangeError('x')));
    await queue.onIdle();
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'TasksFailed', count: 1_000 });
  }
  expect(warn.mock.calls).toEqual([
    [
      'Many tasks have failed, and nothing has looked at them: ' +
        'use result(), settled(), wait(), a group, or onSettled with settled()',
      { type: 'PullgraphWarning', code: 'PULLGRAPH_UNSEEN_FAILURES' },
    ],
  ]);
});
