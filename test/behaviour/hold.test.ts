/** Tasks that keep their slot and resources after their end, until another task lets them go. */
import { describe, expect, test } from 'vitest';
import type { Queue } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;

function taken(queue: Queue): { readonly slots: number; readonly resources: readonly number[] } {
  const { slotsTaken, taken: resources } = queue.actor.getSnapshot().context.ledger;
  return { slots: slotsTaken, resources: resources.filter((amount) => amount > 0) };
}

/** A queue of two slots and 3 of ram, in which `holder` (2 of ram) is done and holds; and a queue for what releases it. */
async function holding(): Promise<
  ReturnType<typeof manualQueue> & { readonly other: Queue; readonly holder: ReturnType<Queue['submit']> }
> {
  const manual = manualQueue({ concurrency: 2, resources: { ram: 3 } });
  const { scheduler, queue, executor } = manual;
  const other = scheduler.queue('other', { concurrency: 2, executor });
  const holder = queue.submit({ id: 'holder', hold: true, resources: { ram: 2 } }, nothing);
  scheduler.start();
  await quiet();
  executor.attemptAt('holder').done('measured');
  await quiet();
  return { ...manual, other, holder };
}

describe('a task that holds', () => {
  test('is done, and keeps its slot and its resources', async () => {
    const { queue, holder, started } = await holding();
    expect(holder.state).toBe('done');
    expect(await holder.result()).toBe('measured');
    expect(taken(queue)).toEqual({ slots: 1, resources: [2] });
    for (const id of ['fits', 'waits']) queue.submit({ id }, nothing);
    queue.submit({ id: 'hungry', resources: { ram: 2 } }, nothing);
    await quiet();
    expect(started()).toEqual(['holder', 'waits']);
  });

  test('is let go when the releasing task is done, not before', async () => {
    const { queue, other, holder, executor, started } = await holding();
    const hungry = queue.submit({ id: 'hungry', resources: { ram: 2 } }, nothing);
    other.submit({ id: 'releaser', release: [holder] }, nothing);
    await quiet();
    expect(started()).toEqual(['holder', 'releaser']);
    expect([hungry.state, taken(queue)]).toEqual(['ready', { slots: 1, resources: [2] }]);
    executor.attemptAt('releaser').done(1);
    await quiet();
    expect(hungry.state).toBe('running');
    executor.attemptAt('hungry').done(1);
    await quiet();
    expect(taken(queue)).toEqual({ slots: 0, resources: [] });
  });

  test('is a dependency of the task that releases it', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 2 });
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    const releaser = queue.submit({ id: 'releaser', release: [holder] }, nothing);
    scheduler.start();
    await quiet();
    expect([started(), releaser.why()]).toEqual([
      ['holder'],
      expect.objectContaining({ waitingFor: ['holder (running)'] }),
    ]);
    executor.attemptAt('holder').done(1);
    await quiet();
    expect(started()).toEqual(['holder', 'releaser']);
  });

  test('is let go by a releaser that fails', async () => {
    const { queue, other, holder, executor } = await holding();
    other.submit({ id: 'releaser', release: [holder] }, nothing);
    await quiet();
    executor.attemptAt('releaser').failed(new RangeError('x'));
    await quiet();
    expect(taken(queue)).toEqual({ slots: 0, resources: [] });
  });

  test('is let go by a releaser that fails before it could start', async () => {
    const { scheduler, queue, other, holder, executor } = await holding();
    const bad = other.submit({ id: 'bad' }, nothing);
    const releaser = other.submit({ id: 'releaser', release: [holder], after: [bad] }, nothing);
    await quiet();
    executor.attemptAt('bad').failed(new RangeError('x'));
    await quiet();
    expect([releaser.state, taken(queue), scheduler.state]).toEqual(['failed', { slots: 0, resources: [] }, 'idle']);
  });

  test('is let go by a releaser that is cancelled before its start', async () => {
    const { scheduler, queue, other, holder } = await holding();
    await scheduler.stop();
    const releaser = other.submit({ id: 'releaser', release: [holder] }, nothing);
    releaser.cancel();
    await quiet();
    expect(taken(queue)).toEqual({ slots: 0, resources: [] });
  });

  test('is let go by a running releaser that is cancelled once that has ended', async () => {
    const { queue, other, holder, executor } = await holding();
    const releaser = other.submit({ id: 'releaser', release: [holder] }, nothing);
    await quiet();
    releaser.cancel();
    await quiet();
    expect(taken(queue).slots).toBe(1);
    executor.attemptAt('releaser').failed('aborted');
    await quiet();
    expect(taken(queue)).toEqual({ slots: 0, resources: [] });
  });

  test('holds nothing when its releaser has settled before it', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const holder = queue.submit({ id: 'holder', hold: true }, nothing);
    const releaser = queue.submit({ release: [holder] }, nothing);
    scheduler.start();
    await quiet();
    releaser.cancel();
    executor.attemptAt('holder').done(1);
    await quiet();
    expect([holder.state, taken(queue).slots, scheduler.state]).toEqual(['done', 0, 'idle']);
  });

  test('holds nothing when it fails or is cancelled', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 2 });
    const cancelled = queue.submit({ id: 'cancelled', hold: true }, nothing);
    queue.submit({ id: 'failing', hold: true }, nothing);
    scheduler.start();
    await quiet();
    cancelled.cancel();
    executor.attemptAt('cancelled').done('late');
    executor.attemptAt('failing').failed(new RangeError('x'));
    await quiet();
    expect([taken(queue).slots, scheduler.state]).toEqual([0, 'idle']);
  });

  test('gives back once, though two tasks release it', async () => {
    const { queue, other, holder, executor } = await holding();
    queue.submit({ id: 'fits', resources: { ram: 1 } }, nothing);
    for (const id of ['first', 'second']) other.submit({ id, release: [holder] }, nothing);
    await quiet();
    executor.attemptAt('first').done(1);
    await quiet();
    expect(taken(queue)).toEqual({ slots: 1, resources: [1] });
    executor.attemptAt('second').done(1);
    await quiet();
    expect(taken(queue)).toEqual({ slots: 1, resources: [1] });
  });

  test('may be one of several that a single task releases, on several queues', async () => {
    const { queue, other, holder, executor } = await holding();
    const second = other.submit({ id: 'second', hold: true }, nothing);
    await quiet();
    executor.attemptAt('second').done(1);
    other.submit({ id: 'releaser', release: [holder, second] }, nothing);
    await quiet();
    expect([taken(queue).slots, taken(other).slots]).toEqual([1, 2]);
    executor.attemptAt('releaser').done(1);
    await quiet();
    expect([taken(queue).slots, taken(other).slots]).toEqual([0, 0]);
  });

  test('may be released by one that holds itself, and so on', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ concurrency: 2 });
    let holder = queue.submit({ id: 'h0', hold: true }, nothing);
    for (let n = 1; n <= 4; n += 1) {
      holder = queue.submit({ id: `h${n}`, hold: true, release: [holder] }, nothing);
    }
    queue.submit({ id: 'last', release: [holder] }, nothing);
    scheduler.start();
    const order = ['h0', 'h1', 'h2', 'h3', 'h4', 'last'];
    for (const [index, id] of order.entries()) {
      await quiet();
      expect(started()).toEqual(order.slice(0, index + 1));
      executor.attemptAt(id).done(1);
    }
    await scheduler.wait();
    expect(taken(queue).slots).toBe(0);
  });

  test('may be a stream', async () => {
    const { scheduler, queue, executor } = manualQueue();
    const stream = queue.stream({ id: 's', hold: true }, () => [1]);
    const other = scheduler.queue('other', { executor });
    other.submit({ id: 'releaser', release: [stream] }, nothing);
    scheduler.start();
    await quiet();
    executor.attemptAt('s').partial('first');
    executor.attemptAt('s').done(undefined);
    await quiet();
    expect(taken(queue).slots).toBe(1);
    executor.attemptAt('releaser').done(1);
    await quiet();
    expect(taken(queue).slots).toBe(0);
  });

  test('stays held while stopped, and the release counts also then', async () => {
    const { scheduler, queue, other, holder, executor, started } = await holding();
    other.submit({ id: 'releaser', release: [holder] }, nothing);
    queue.submit({ id: 'hungry', resources: { ram: 3 } }, nothing);
    await quiet();
    const stopped = scheduler.stop();
    executor.attemptAt('releaser').done(1);
    await stopped;
    expect([taken(queue).slots, started()]).toEqual([0, ['holder', 'releaser']]);
    scheduler.start();
    await quiet();
    expect(started()).toEqual(['holder', 'releaser', 'hungry']);
  });
});
