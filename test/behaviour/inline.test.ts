/** The inline executor: what it runs, in which order, and that it leaves the event loop its turns. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Scheduler, taskContext } from '../../src/index.js';
import { inline } from '../../src/executors/index.js';
import { immediatesDuring, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

const FLOOD = 20_000;

/** A flood takes a hundred milliseconds and more; this many turns of the event loop are far below what it leaves. */
const SOME_TURNS = 3;

describe('the event loop gets its turns during', () => {
  test('a flood of sync tasks', async () => {
    const { scheduler, queue } = oneQueue();
    let sum = 0;
    for (let n = 0; n < FLOOD; n += 1) queue.submit((value: number) => (sum += value), 1);
    scheduler.start();
    expect(await immediatesDuring(scheduler.wait())).toBeGreaterThan(SOME_TURNS);
    expect(sum).toBe(FLOOD);
  });

  test('a flood of async tasks', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 8 });
    let sum = 0;
    for (let n = 0; n < FLOOD; n += 1) queue.submit(async (value: number) => (sum += value), 1);
    scheduler.start();
    expect(await immediatesDuring(scheduler.wait())).toBeGreaterThan(SOME_TURNS);
    expect(sum).toBe(FLOOD);
  });

  test('a chain of sync tasks', async () => {
    const { scheduler, queue } = oneQueue();
    let last = queue.submit(() => 0);
    for (let n = 0; n < FLOOD; n += 1) last = queue.submit((value: number) => value + 1, last);
    scheduler.start();
    expect(await immediatesDuring(scheduler.wait())).toBeGreaterThan(SOME_TURNS);
    expect(await last.result()).toBe(FLOOD);
  });

  test('the results of a generator', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(function* () {
      for (let n = 0; n < FLOOD; n += 1) yield n;
    });
    const dependents = Array.from({ length: FLOOD }, (_, n) => queue.submit((value: number) => value, stream.at(n)));
    scheduler.start();
    expect(await immediatesDuring(scheduler.wait())).toBeGreaterThan(SOME_TURNS);
    expect(dependents.every(({ state }) => state === 'done')).toBe(true);
  });

  test('the results of an async generator that waits for nothing', async () => {
    const { scheduler, queue } = oneQueue();
    const stream = queue.submit(async function* () {
      for (let n = 0; n < FLOOD * 5; n += 1) yield n;
    });
    scheduler.start();
    expect(await immediatesDuring(scheduler.wait())).toBeGreaterThan(SOME_TURNS);
    expect(await stream.result()).toHaveLength(FLOOD * 5);
  });
});

describe('inline', () => {
  test('calls nothing within start or submit', async () => {
    const { scheduler, queue } = oneQueue();
    let calls = 0;
    const count = (): number => (calls += 1);
    queue.submit(count);
    scheduler.start();
    queue.submit(count);
    expect(calls).toBe(0);
    await scheduler.wait();
    expect(calls).toBe(2);
  });

  test('begins tasks in the order in which they were granted their starts', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 4 });
    const granted: string[] = [];
    const begun: string[] = [];
    scheduler.on('task', ({ id, state }) => {
      if (state === 'running') granted.push(id);
    });
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
      queue.submit({ id }, async () => {
        begun.push(id);
        await quiet();
      });
    }
    scheduler.start();
    await scheduler.wait();
    expect(begun).toEqual(['f', 'e', 'd', 'c', 'b', 'a']);
    expect(granted).toEqual(begun);
  });

  test('lets async functions go on side by side, as many as there are slots', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 3 });
    const gate = new Gate();
    let active = 0;
    let most = 0;
    for (let n = 0; n < 7; n += 1) {
      queue.submit(async () => {
        active += 1;
        most = Math.max(most, active);
        await gate.promise;
        active -= 1;
      });
    }
    scheduler.start();
    await quiet();
    expect([active, most]).toEqual([3, 3]);
    gate.open();
    await scheduler.wait();
    expect([active, most]).toEqual([0, 3]);
  });

  test('serves several queues, of several schedulers', async () => {
    const executor = inline();
    const schedulers = [new Scheduler(), new Scheduler()];
    const results = schedulers.flatMap((scheduler, index) =>
      ['a', 'b'].map((name) => scheduler.queue(name, { executor }).submit(() => `${name} of ${index}`)),
    );
    for (const scheduler of schedulers) scheduler.start();
    expect(await Promise.all(results.map((handle) => handle.result()))).toEqual([
      'a of 0',
      'b of 0',
      'a of 1',
      'b of 1',
    ]);
    for (const scheduler of schedulers) await scheduler.close();
    expect(executor.name).toBe('inline');
  });

  test('is what a queue without an executor has', async () => {
    const { scheduler, queue } = oneQueue();
    const here = { unclonable: () => 'same thread' };
    scheduler.start();
    expect(await queue.submit(() => here).result()).toBe(here);
  });

  test('is shared by the queues without one: their tasks begin in the order of their starts', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const other = scheduler.queue('other', { concurrency: 2 });
    const begun: string[] = [];
    for (const [at, lane] of [queue, other, queue, other].entries())
      lane.submit(() => begun.push(`${lane.name} ${at}`));
    scheduler.start();
    await scheduler.wait();
    expect(begun).toEqual(['other 3', 'q 2', 'other 1', 'q 0']);
  });

  test('takes a function that returns another function as its result', async () => {
    const { scheduler, queue } = oneQueue();
    const callable = (): number => 1;
    scheduler.start();
    expect(await queue.submit(() => callable).result()).toBe(callable);
  });

  test('calls the function without a this', async () => {
    const { scheduler, queue } = oneQueue();
    scheduler.start();
    const task = queue.submit(function (this: unknown) {
      return this === undefined;
    });
    expect(await task.result()).toBe(true);
  });
});

describe('a function that is told to end', () => {
  test('and does leaves nothing behind of its grace', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { scheduler, queue } = oneQueue({ concurrency: 4, graceMs: 1_000 });
    scheduler.start();
    const asked = queue.submit(() => {
      const { signal } = taskContext();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to end')));
      });
    });
    const gate = new Gate();
    const late = queue.submit(() => gate.promise);
    const stream = queue.submit(async function* () {
      yield 1;
      await gate.promise;
    });
    await quiet();
    for (const task of [asked, late, stream]) task.cancel();
    await quiet();
    expect(vi.getTimerCount()).toBe(2);
    gate.open();
    await quiet();
    expect(vi.getTimerCount()).toBe(0);
  });
});
