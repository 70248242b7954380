/** The answers of `why()`, one for every reason. */
import { describe, expect, test } from 'vitest';
import { quiet } from '../support/event-loop.js';
import { manualQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;
const pass = (...values: readonly unknown[]): unknown => values;

describe('why', () => {
  test('names the dependencies that a task waits for, with their states', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const stream = queue.stream({ id: 's' }, () => [1]);
    const done = queue.submit({ id: 'done' }, nothing);
    const task = queue.submit({ id: 'task', after: [done] }, pass, stream.at(2), stream);
    expect(task.why()).toEqual({
      reason: 'dependencies',
      waitingFor: ['s#2 (ready)', 's (ready)', 'done (ready)'],
      message: 'task task waits for s#2 (ready), s (ready), done (ready)',
    });
    scheduler.start();
    await quiet();
    executor.attemptAt('done').done(1);
    executor.attemptAt('s').partial(0);
    expect(task.why()).toMatchObject({ waitingFor: ['s#2 (partial)', 's (partial)'] });
    executor.attemptAt('s').partial(1);
    executor.attemptAt('s').partial(2);
    expect(task.why()).toMatchObject({ reason: 'dependencies', waitingFor: ['s (partial)'] });
  });

  test('names at most 20 of them, and how many there are', () => {
    const { queue } = manualQueue();
    const many = Array.from({ length: 25 }, (_, index) => queue.submit({ id: `d${index}` }, nothing));
    const why = queue.submit(pass, many).why();
    expect(why).toMatchObject({ reason: 'dependencies', waitingFor: { length: 20 } });
    const named = why.message.match(/d\d+ \(ready\)/g) ?? [];
    expect(why.message).toContain(`and ${25 - named.length} more`);
  });

  test('says that the scheduler is stopped', async () => {
    const { scheduler, queue } = manualQueue();
    const task = queue.submit({ id: 'task' }, nothing);
    expect(task.why()).toEqual({ reason: 'stopped', message: 'task task is ready; the scheduler is stopped' });
    scheduler.start();
    await quiet();
    await Promise.race([scheduler.stop(), quiet()]);
    const late = queue.submit(nothing);
    expect(late.why().reason).toBe('stopped');
  });

  test('says that the next selection is still to come', () => {
    const { scheduler, queue } = manualQueue();
    scheduler.start();
    const task = queue.submit({ id: 'task' }, nothing);
    expect(task.why()).toMatchObject({ reason: 'selection' });
    expect(task.why().message).toContain('task');
  });

  test('names the queue without a free slot, and who holds one', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const waiting = queue.submit({ id: 'waiting' }, nothing);
    queue.submit({ id: 'holder', hold: true }, nothing);
    queue.submit({ id: 'running' }, nothing);
    scheduler.start();
    await quiet();
    expect(waiting.why()).toMatchObject({ reason: 'slots', queue: 'q', heldBy: ['running', 'holder'] });
    executor.attemptAt('holder').done(1);
    await quiet();
    expect(waiting.why()).toEqual({
      reason: 'slots',
      queue: 'q',
      heldBy: ['holder', 'running'],
      message: 'task waiting is ready; queue q has no free slot of 2; held by holder, running (running)',
    });
  });

  test('names the resource of which too little is left, and who holds it', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 4, resources: { disk: 5, ram: 4 } });
    const waiting = queue.submit({ id: 'waiting', resources: { disk: 1, ram: 2 } }, nothing);
    queue.submit({ id: 'holder', hold: true, resources: { ram: 3 } }, nothing);
    scheduler.start();
    await quiet();
    expect(waiting.why()).toMatchObject({ reason: 'resources', queue: 'q', resource: 'ram', heldBy: ['holder'] });
    executor.attemptAt('holder').done(1);
    await quiet();
    expect(waiting.why()).toEqual({
      reason: 'resources',
      queue: 'q',
      resource: 'ram',
      heldBy: ['holder'],
      message: 'task waiting is ready; it needs 2 of ram, queue q has 1 left; held by holder',
    });
  });

  test('says that a task is running, and how far it has come', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const stream = queue.stream({ id: 's' }, () => [1]);
    scheduler.start();
    await quiet();
    expect(stream.why()).toEqual({ reason: 'running', message: 'task s is running on queue q' });
    executor.attemptAt('s').partial('x');
    executor.attemptAt('s').partial('y');
    expect(stream.why()).toEqual({
      reason: 'running',
      message: 'task s is running on queue q, 2 partial results so far',
    });
    expect(stream.at(5).why().reason).toBe('running');
    expect(stream.at(0).why()).toEqual({
      reason: 'settled',
      state: 'done',
      message: 'result 0 of task s has been delivered',
    });
  });

  test('says how a task has ended', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 3 });
    const [done, failed, cancelled] = ['done', 'failed', 'cancelled'].map((id) => queue.submit({ id }, nothing));
    const dependent = queue.submit({ id: 'dependent' }, pass, failed);
    scheduler.start();
    await quiet();
    executor.attemptAt('done').done(1);
    executor.attemptAt('failed').failed(new RangeError('x'));
    cancelled?.cancel('enough');
    expect([done, failed, cancelled].map((handle) => handle?.why())).toEqual([
      { reason: 'settled', state: 'done', message: 'task done is done' },
      { reason: 'settled', state: 'failed', message: 'task failed is failed: RangeError: x' },
      { reason: 'settled', state: 'cancelled', message: 'task cancelled is cancelled: enough' },
    ]);
    expect(dependent.why()).toMatchObject({ reason: 'settled', state: 'failed' });
    expect(dependent.why().message).toContain('its dependency failed ended with RangeError: x');
  });

  test('of a result beyond the end says that it will never be', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const stream = queue.stream({ id: 's' }, () => [1]);
    scheduler.start();
    await quiet();
    executor.attemptAt('s').partial('only');
    executor.attemptAt('s').done(undefined);
    const beyond = stream.at(4);
    expect(beyond.state).toBe('failed');
    expect(beyond.why()).toMatchObject({ reason: 'settled', state: 'failed' });
    expect(beyond.why().message).toContain('there is no result 4');
  });

  test('of a result beyond an announced end says so before the producer has started', () => {
    const { queue } = manualQueue();
    const stream = queue.stream({ id: 's', results: 2 }, () => [1, 2]);
    const beyond = stream.at(2);
    expect(beyond.state).toBe('failed');
    expect(beyond.why()).toMatchObject({ reason: 'settled', state: 'failed' });
  });
});
