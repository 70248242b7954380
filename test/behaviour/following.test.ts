/** Tasks whose function returns the handle of another task, so that its result becomes theirs. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, Scheduler } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;

describe('a function that returns a handle', () => {
  test('gives its slot back, and its task becomes what the other is', async () => {
    const { scheduler, queue } = oneQueue();
    const states: string[] = [];
    scheduler.on('task', ({ id, state }) => void states.push(`${id} ${state}`));
    const outer = queue.submit({ id: 'outer' }, async () => queue.submit({ id: 'inner' }, () => 2));
    const dependent = queue.submit((value) => value + 1, outer);
    scheduler.start();
    const value: number = await outer.result();
    expect([value, await dependent.result()]).toEqual([2, 3]);
    expect(states.slice(0, 8)).toEqual([
      'outer ready',
      'outer running',
      'inner ready',
      'outer pending',
      'inner running',
      'inner done',
      'outer done',
      '#2 ready',
    ]);
  });

  test('says so when asked why it is pending', async () => {
    const { scheduler, queue } = oneQueue();
    const gate = new Gate();
    const outer = queue.submit({ id: 'outer' }, () => queue.submit({ id: 'inner' }, () => gate.promise));
    scheduler.start();
    await quiet();
    expect(outer.why()).toMatchObject({ reason: 'dependencies', waitingFor: ['inner (running)'] });
    gate.open();
    await outer.result();
  });

  test('fails as the other fails, and when that is cancelled', async () => {
    const { scheduler, queue } = oneQueue();
    const bad = queue.submit(() => {
      throw new RangeError('x');
    });
    const cancelled = queue.submit({ id: 'c' }, nothing);
    cancelled.cancel('enough');
    const outers = [queue.submit(() => bad), queue.submit(() => cancelled)];
    scheduler.start();
    await expect(outers[0]?.result()).rejects.toThrow(new RangeError('x'));
    await expect(outers[1]?.result()).rejects.toMatchObject({ code: 'TaskCancelled', tasks: ['c'] });
    await scheduler.wait();
  });

  test('may return one of another scheduler, or of a partial result', async () => {
    const { scheduler, queue } = oneQueue();
    const other = new Scheduler();
    onTestFinished(() => other.terminate());
    const foreign = other.queue('q').submit(() => 'far');
    const stream = queue.submit(function* () {
      yield 'first';
    });
    const outers = [queue.submit(() => foreign), queue.submit(() => stream.at(0))];
    scheduler.start();
    other.start();
    expect(await Promise.all(outers.map((outer) => outer.result()))).toEqual(['far', 'first']);
  });

  test('that waits for the task itself fails it', async () => {
    const { scheduler, queue } = oneQueue();
    const self: Handle<unknown> = queue.submit({ id: 'self' }, (): unknown => self);
    scheduler.start();
    const message = 'task self returned a handle that waits for the task itself';
    await expect(self.result()).rejects.toMatchObject({ code: 'DependencyCycle', tasks: ['self'], message });
  });

  test('can be cancelled while it waits, and the other goes on', async () => {
    const { scheduler, queue } = oneQueue();
    const gate = new Gate();
    const inner = queue.submit(() => gate.promise.then(() => 1));
    const outer = queue.submit(() => inner);
    scheduler.start();
    await quiet();
    expect(outer.cancel()).toBe(true);
    gate.open();
    expect([await inner.result(), outer.state]).toEqual([1, 'cancelled']);
    await scheduler.wait();
    expect(scheduler._counts['staleReports']).toBe(0);
  });
});

test('a task that follows another one goes from running to pending, and settles from there', async () => {
  const { scheduler, queue } = oneQueue();
  const followed = queue.submit({ id: 'followed' }, () => 5);
  const task = queue.submit({ id: 'task' }, () => followed);
  const moves: string[] = [];
  scheduler.on('task', ({ id, previous, state }) => id === 'task' && moves.push(`${previous} to ${state}`));
  scheduler.start();
  expect(await task.result()).toBe(5);
  expect(moves).toEqual(['ready to running', 'running to pending', 'pending to done']);
});
