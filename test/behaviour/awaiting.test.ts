/** Who waits for what, and is told once: results beyond an announced end, functions that wait for tasks of several kinds, and stalls. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { isKept, quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;

test('an announcement answers who waits for a result beyond the end, and nobody else', async () => {
  const { scheduler, queue } = oneQueue();
  const gate = new Gate();
  const produce = async (): Promise<number[]> => {
    await gate.promise;
    return [0, 1];
  };
  const stream = queue.stream(Object.assign(produce, { numberOfResults: () => 2 }));
  const [last, beyond] = [stream.at(1).settled(), stream.at(2).settled()];
  scheduler.start();
  expect(await beyond).toMatchObject({ status: 'failed', error: { code: 'PartialOutOfRange', count: 2 } });
  // The count is known by now.
  expect(await stream.at(3).settled()).toMatchObject({ error: { code: 'PartialOutOfRange' } });
  expect([await isKept(last), await isKept(stream.at(0).settled())]).toEqual([false, false]);
  gate.open();
  expect(await last).toEqual({ status: 'done', result: 1 });
});

describe('a running function', () => {
  test('that waits for one task twice, and for another, waits until both have settled', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const inline = scheduler.queue('inline');
    const [a, b] = [queue.submit({ id: 'a' }, nothing), queue.submit({ id: 'b' }, nothing)];
    const outer = inline.submit({ id: 'outer' }, async () => {
      await Promise.all([a.result(), a.settled(), b.result()]);
      return 'both';
    });
    scheduler.start();
    await quiet();
    expect(outer.why().message).toContain('a, b');
    executor.attemptAt('a').done(undefined);
    await quiet();
    expect(outer.why().message).toMatch(/waits for b$/);
    executor.attemptAt('b').done(undefined);
    expect(await outer.result()).toBe('both');
  });

  test('may await one promise time and again', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const inner = queue.submit(() => 1);
    const outer = queue.submit(async () => {
      const promise = inner.result();
      return [await promise, await promise];
    });
    scheduler.start();
    expect(await outer.result()).toEqual([1, 1]);
  });

  test.each(['before', 'after'])(
    'that has ended waits for nothing, though a part of it that goes on began to wait %s its end',
    async (when) => {
      const { scheduler, queue, executor } = manualQueue();
      const inner = queue.submit({ id: 'inner' }, nothing);
      const [end, next] = [new Gate(), new Gate()];
      const outer = scheduler.queue('inline').submit(async () => {
        const promise = inner.result();
        void (async () => {
          if (when === 'after') await next.promise;
          await promise;
        })();
        await end.promise;
      });
      scheduler.start();
      await quiet();
      const { waitingFor } = outer.why() as { readonly waitingFor?: readonly string[] };
      expect(waitingFor).toEqual(when === 'before' ? ['inner'] : undefined);
      end.open();
      await outer.result();
      next.open();
      await quiet();
      const asked = inner.result();
      expect([await isKept(asked), scheduler.state]).toEqual([false, 'busy']);
      executor.attemptAt('inner').done(undefined);
      await asked;
      await scheduler.wait();
    },
  );

  test('that waits for the whole of a stream, and for a result of it, waits until the end', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const stream = queue.stream({ id: 's' }, () => [1]);
    const outer = scheduler.queue('inline').submit(async () => {
      const [whole, first] = [stream.result(), stream.at(0).result()];
      const reading = (async () => await whole)();
      await first;
      return reading;
    });
    scheduler.start();
    await quiet();
    executor.attemptAt('s').partial('first');
    await quiet();
    expect(outer.why()).toMatchObject({ reason: 'running', waitingFor: ['s'] });
    executor.attemptAt('s').done(undefined);
    expect(await outer.result()).toEqual(['first']);
  });

  test('that waits for a task of another scheduler is no stall of its own', async () => {
    const { scheduler, queue } = oneQueue();
    const other = new Scheduler();
    onTestFinished(() => other.terminate());
    const gate = new Gate<number>();
    const foreign = other.queue('q').submit(() => gate.promise);
    other.start();
    const outer = queue.submit({ id: 'outer' }, () => foreign.result());
    scheduler.start();
    await quiet();
    expect([scheduler.state, outer.why().message]).toEqual(['busy', expect.not.stringContaining('waits for')]);
    gate.open(4);
    expect(await outer.result()).toBe(4);
  });
});

/** A queue whose only slot is held by `holder`. */
async function heldQueue() {
  const { scheduler, queue } = oneQueue();
  const held = scheduler.queue('held', { concurrency: 1 });
  const holder = held.submit({ id: 'holder', hold: true }, () => 1);
  scheduler.start();
  await holder.result();
  return { scheduler, queue, held, release: () => queue.submit({ release: [holder] }, nothing) };
}

test('a task that follows another one outlives a stall of that one', async () => {
  const { queue, held, release } = await heldQueue();
  const followed = held.submit({ id: 'followed' }, () => 2);
  const follower = queue.submit({ id: 'follower' }, () => followed);
  await expect(follower.result()).rejects.toMatchObject({ code: 'Stalled' });
  expect(follower.state).toBe('pending');
  release();
  expect(await follower.result()).toBe(2);
});

test('a stall answers callers, and dependents wait on', async () => {
  const { scheduler, queue, held, release } = await heldQueue();
  const stream = held.submit({ id: 'stream' }, function* () {
    yield 1;
    yield 2;
  });
  const dependent = queue.submit((value: number) => 10 * value, stream.at(1));
  const reading = stream[Symbol.asyncIterator]();
  await expect(reading.next()).rejects.toMatchObject({ code: 'Stalled' });
  await expect(stream.at(0).result()).rejects.toMatchObject({ code: 'Stalled' });
  release();
  expect(await dependent.result()).toBe(20);
  await scheduler.wait();
});

test('what a task without an id and a function without a name is called where no queue accepts it', () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q');
  const route = scheduler.route([{ queue, accepts: () => false }]);
  expect(() =>
    route.submit(
      (
        () => () =>
          1
      )(),
    ),
  ).toThrow('no queue accepts the task (a function without a name): asked q');
  expect(() => route.submit({ id: 'x' }, () => 1)).toThrow('no queue accepts task x: asked q');
});
