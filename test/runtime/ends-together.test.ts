/** Attempts of one executor that end in the same turn of microtasks, where the executor says that they are seen to together. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { inline } from '../../src/executors/index.js';
import { deferred } from '../../src/core/deferred.js';
import type { Executor } from '../../src/core/ports.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { ManualExecutor } from '../support/manual-executor.js';

/** The inline executor, with or without what it says of ends that come together. */
function executorThat(endsTogether: boolean): Executor {
  const own = inline();
  return {
    name: own.name,
    endsTogether,
    run: (attempt) => own.run(attempt),
    abort: (attempt, reason, graceMs) => own.abort(attempt, reason, graceMs),
    close: () => own.close(),
  };
}

/** Two tasks that end in one turn, the second before the first, each with a dependent; of these the newer is that of the first. */
async function startsOf(executor: Executor): Promise<readonly string[]> {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { concurrency: 2, executor });
  const started: string[] = [];
  const ends = [deferred<string>(), deferred<string>()] as const;
  const [first, second] = ends.map(({ promise }) => queue.submit(() => promise));
  for (const [name, after] of [['of the second', second] as const, ['of the first', first] as const]) {
    queue.submit({ after: after === undefined ? [] : [after] }, () => void started.push(name));
  }
  scheduler.start();
  await new Promise(setImmediate);
  for (const { resolve } of ends.toReversed()) resolve('there');
  await scheduler.wait();
  await scheduler.close();
  return started;
}

describe('attempts that end at once', () => {
  test('are all known before the next start is selected', async () => {
    expect(await startsOf(inline())).toEqual(['of the first', 'of the second']);
    expect(await startsOf(executorThat(true))).toEqual(['of the first', 'of the second']);
  });

  test('are seen to one by one where the executor says nothing', async () => {
    expect(await startsOf(executorThat(false))).toEqual(['of the second', 'of the first']);
  });

  test.each(['done', 'failed'])('have one selection for all of them: %s', async (end) => {
    const posted = await Promise.all(
      [true, false].map(async (endsTogether) => {
        const scheduler = new Scheduler();
        const queue = scheduler.queue('q', { concurrency: 8, executor: executorThat(endsTogether) });
        const ends = Array.from({ length: 8 }, (_, index) =>
          queue.submit(async () => {
            if (end === 'failed') throw new Error(`failed ${index}`);
          }),
        ).map((handle) => handle.settled());
        scheduler.start();
        for (const { status } of await Promise.all(ends)) expect(status).toBe(end);
        const count = scheduler._counts['messages'] ?? Number.NaN;
        await scheduler.close();
        return count;
      }),
    );
    // Seven ends come in one turn, and have one selection instead of seven.
    expect((posted[1] ?? 0) - (posted[0] ?? 0)).toBe(6);
  });

  test.each([true, false])('cannot be cancelled any more, seen to or not (together: %s)', async (endsTogether) => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 2, executor: executorThat(endsTogether) });
    const { promise, resolve } = deferred<string>();
    const handles = [queue.submit(() => promise), queue.submit(() => promise)];
    scheduler.start();
    await new Promise(setImmediate);
    expect(handles.map(({ state }) => state)).toEqual(['running', 'running']);
    // Hears of it after the executor, which was there first, and in the same turn.
    const cancelled = promise.then(() => handles.map((handle) => handle.cancel()));
    resolve('there');
    expect(await cancelled).toEqual([false, false]);
    expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(['there', 'there']);
    await scheduler.close();
  });

  test('settle in the order in which they ended, and every slot comes back', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 3 });
    const ended: string[] = [];
    scheduler.on('settled', ({ id, kind }) => ended.push(`${id} ${kind}`));
    const both = Promise.resolve();
    queue.submit({ id: 'a' }, () => both);
    queue.submit({ id: 'b' }, async () => {
      throw new Error('of b');
    });
    queue.submit({ id: 'c' }, () => 'at once');
    scheduler.start();
    await expect(scheduler.wait()).rejects.toThrow('of b');
    expect(ended.toSorted()).toEqual(['a done', 'b failed', 'c done']);
    expect(ended[0]).toBe('c done');
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
    await scheduler.close();
  });

  test('are not tried again when the scheduler is closed before they are seen to', async () => {
    const executor = Object.assign(new ManualExecutor(), { endsTogether: true });
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: 2, executor });
    const failing = queue.submit({ id: 'failing', retry: { attempts: 2 } }, () => undefined);
    const other = queue.submit({ id: 'other' }, () => undefined);
    scheduler.start();
    await new Promise(setImmediate);
    void scheduler.stop();
    executor.attemptAt('failing').failed(new Error('failed'));
    const closed = scheduler.close().catch(() => undefined);
    executor.attemptAt('other').done(undefined);
    await closed;
    expect([failing.state, other.state]).toEqual(['cancelled', 'done']);
  });

  test('do not time out before they are seen to', async () => {
    const clock = new SimulatedClock();
    const executor = Object.assign(new ManualExecutor(), { endsTogether: true });
    const scheduler = new Scheduler({ _environment: { clock, random: () => 0 } });
    const queue = scheduler.queue('q', { concurrency: 2, executor, timeoutMs: 10 });
    const [ended, other] = [queue.submit({ id: 'ended' }, () => 1), queue.submit({ id: 'other' }, () => 2)];
    scheduler.start();
    await new Promise(setImmediate);
    executor.attemptAt('ended').done('in time');
    clock.advanceTo(10);
    expect(await ended.result()).toBe('in time');
    expect(await other.settled()).toMatchObject({ status: 'failed', error: { code: 'TaskTimedOut' } });
    expect(executor.aborted).toEqual(new Set(['other']));
    executor.attemptAt('other').failed(new Error('aborted'));
    await scheduler.close();
  });
});
