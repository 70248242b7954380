/** What happens when the event loop has nothing left to do, with the end of the loop in the hands of the test. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LoopMember } from '../../src/core/ports.js';
import { type Queue, Scheduler } from '../../src/index.js';
import { systemEnvironment } from '../../src/system/environment.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { ManualExecutor } from '../support/manual-executor.js';

function watched() {
  const members: LoopMember[] = [];
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', note);
  const executor = new ManualExecutor();
  const _environment = { ...systemEnvironment, watchLoop: (member: LoopMember) => void members.push(member) };
  const scheduler = new Scheduler({ _environment });
  onTestFinished(async () => {
    const closed = scheduler.terminate().catch(() => undefined);
    for (const attempt of executor.started) attempt.done(undefined);
    await closed;
    await quiet();
    process.off('unhandledRejection', note);
    for (const other of others) process.on('unhandledRejection', other);
    warn.mockRestore();
  });
  return {
    scheduler,
    executor,
    queue: scheduler.queue('q', { executor, concurrency: 4 }),
    unhandled,
    members,
    codes: () => warn.mock.calls.map(([, details]) => (details as { readonly code?: string }).code),
    types: () => warn.mock.calls.map(([, details]) => (details as { readonly type?: string }).type),
    messages: () => warn.mock.calls.map(([message]) => message),
    loopEnds: async (): Promise<void> => {
      for (const member of members) member.loopEnds();
      await quiet();
    },
  };
}

describe('the end of the event loop', () => {
  test('warns once of a scheduler that was never started', async () => {
    const { queue, loopEnds, messages, codes, types } = watched();
    queue.submit({ id: 'a' }, () => 1);
    queue.submit({ id: 'b' }, () => 1);
    await loopEnds();
    await loopEnds();
    expect([types(), codes()]).toEqual([['PullgraphWarning'], ['PULLGRAPH_NOT_STARTED']]);
    expect(messages()).toEqual([
      'The process ends while a, b have not settled: the scheduler was never started. Call scheduler.start()',
    ]);
  });

  test('warns once of a running task that nothing will end', async () => {
    const { scheduler, queue, loopEnds, messages, codes } = watched();
    queue.submit({ id: 'a' }, () => 1);
    scheduler.start();
    await loopEnds();
    await loopEnds();
    expect(codes()).toEqual(['PULLGRAPH_UNFINISHED']);
    expect(messages()).toEqual(['The process ends while a has not settled; the scheduler is busy']);
  });

  test('rejects whoever waits, and does not warn of it', async () => {
    const { scheduler, queue, loopEnds, codes } = watched();
    queue.submit({ id: 'a' }, () => 1);
    scheduler.start();
    const told = scheduler.wait().catch((error: unknown) => error);
    await loopEnds();
    expect(await told).toMatchObject({
      code: 'Stalled',
      tasks: ['a'],
      message: 'nothing is left that could end them; stalled: a cannot proceed: task a is running on queue q',
    });
    expect(codes()).toEqual([]);
  });

  test.each<[string, (queue: Queue, scheduler: Scheduler) => readonly Promise<unknown>[]]>([
    ['a task', (queue) => [queue.submit({ id: 'a' }, () => 1).result()]],
    [
      'a group',
      (queue, scheduler) => {
        const group = scheduler.group();
        queue.submit({ id: 'a', group }, () => 1);
        return [group.done()];
      },
    ],
    ['the end of a feed', (queue) => [queue.from([1], (item) => item).done()]],
    ['a feed and all', (queue, scheduler) => [queue.from([1], (item) => item).done(), scheduler.wait()]],
  ])('rejects whoever waits for %s, and does not warn of it', async (_, wait) => {
    const { scheduler, queue, loopEnds, codes } = watched();
    const ends = Promise.allSettled(wait(queue, scheduler));
    scheduler.start();
    await quiet();
    await loopEnds();
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'Stalled' } });
    expect(codes()).toEqual([]);
  });

  test('is asked for once, however much there is to do', async () => {
    const { scheduler, queue, executor, members } = watched();
    scheduler.start();
    queue.submit({ id: 'a' }, () => 1);
    await quiet();
    executor.attemptAt('a').done(1);
    await scheduler.wait();
    queue.submit({ id: 'b' }, () => 1);
    await quiet();
    expect(members).toHaveLength(1);
  });

  test('warns of a stopped scheduler only where somebody needs its tasks', async () => {
    const idle = watched();
    idle.queue.submit({ id: 'a' }, () => 1);
    idle.scheduler.start();
    void idle.scheduler.stop();
    await idle.loopEnds();
    expect(idle.codes()).toEqual([]);
    void idle.scheduler.wait().catch(() => undefined);
    await idle.loopEnds();
    expect(idle.messages()).toEqual(['The process ends while a has not settled; the scheduler is stopped']);
  });

  test('counts the tasks of a group that somebody waits for as needed', async () => {
    const { scheduler, queue, loopEnds, codes } = watched();
    const group = scheduler.group();
    queue.submit({ id: 'a', group }, () => 1);
    scheduler.start();
    void scheduler.stop();
    void group.done().catch(() => undefined);
    await loopEnds();
    expect(codes()).toEqual(['PULLGRAPH_UNFINISHED']);
  });

  test('counts a task that another one waits for as needed', async () => {
    const { scheduler, queue, loopEnds, codes } = watched();
    queue.submit(
      (value: number) => value,
      queue.submit({ id: 'a' }, () => 1),
    );
    scheduler.start();
    void scheduler.stop();
    await loopEnds();
    expect(codes()).toEqual(['PULLGRAPH_UNFINISHED']);
  });

  test('makes failures that nothing has looked at an unhandled rejection, once', async () => {
    const { scheduler, queue, executor, loopEnds, unhandled } = watched();
    queue.submit({ id: 'a' }, () => 1);
    scheduler.start();
    executor.attemptAt('a').failed(new RangeError('no'));
    await quiet();
    await loopEnds();
    await loopEnds();
    expect(unhandled).toMatchObject([{ code: 'TasksFailed', tasks: ['a'] }]);
  });

  test('tells who waits for a close that no executor ends', async () => {
    const { scheduler, executor, loopEnds } = watched();
    const gate = new Gate();
    executor.close = () => gate.promise;
    scheduler.start();
    const told = scheduler.close().catch((error: unknown) => error);
    await quiet();
    await loopEnds();
    expect(await told).toMatchObject({
      code: 'Stalled',
      tasks: [],
      message: 'nothing is left that could close the executors: close() of one does not resolve',
    });
    gate.open();
  });

  test('means nothing to a closed scheduler', async () => {
    const { scheduler, queue, loopEnds, codes, unhandled } = watched();
    queue.submit({ id: 'a' }, () => 1);
    await scheduler.terminate();
    await loopEnds();
    expect([codes(), unhandled]).toEqual([[], []]);
  });
});
