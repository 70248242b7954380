/** What a caller hears of a stall who waits for something that cannot come. */
import { describe, expect, test } from 'vitest';
import type { Scheduler } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;
const STALLED = { code: 'Stalled' };

/** A task that keeps the only slot, and one that waits for it. */
function stalling(): ReturnType<typeof oneQueue> & { readonly stuck: ReturnType<typeof stuckIn> } {
  const made = oneQueue();
  const stuck = stuckIn(made);
  made.queue.submit({ id: 'holder', hold: true }, nothing);
  return { ...made, stuck };
}

const stuckIn = ({ queue }: ReturnType<typeof oneQueue>) => queue.stream({ id: 'stuck' }, () => [1]);

describe('a stall rejects', () => {
  test('every way of waiting for a task, with what is stuck and why', async () => {
    const { scheduler, stuck } = stalling();
    const read = async (): Promise<void> => {
      for await (const value of stuck) expect(value).toBe('nothing');
    };
    const completed = async (): Promise<void> => {
      for await (const handle of scheduler.asCompleted([stuck])) expect(handle).toBe('nothing');
    };
    const waits = [stuck.result(), stuck.settled(), stuck.at(3).result(), read(), completed(), scheduler.wait()];
    const ends = Promise.allSettled(waits);
    scheduler.start();
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { ...STALLED, tasks: ['stuck'] } });
      expect(String((end as PromiseRejectedResult).reason)).toContain('held by holder');
    }
  });

  test('waits that begin later, too', async () => {
    const { scheduler, queue, stuck } = stalling();
    const feed = queue.from([1], (item) => item);
    scheduler.start();
    await quiet();
    expect(scheduler.state).toBe('stalled');
    await expect(feed.done()).rejects.toMatchObject(STALLED);
    await expect(stuck.result()).rejects.toMatchObject(STALLED);
    await expect(stuck.settled()).rejects.toMatchObject(STALLED);
  });

  test('the wait for the end of a feed, and its reader', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit({ id: 'holder', hold: true, priority: 1 }, nothing);
    const feed = queue.from([1], (item) => item);
    const reader = queue.from([1], (item) => item)[Symbol.asyncIterator]();
    scheduler.start();
    await expect(feed.done()).rejects.toMatchObject(STALLED);
    await expect(reader.next()).rejects.toMatchObject(STALLED);
  });

  test('nothing when a listener ends it', async () => {
    const { scheduler, queue } = oneQueue();
    const helper = scheduler.queue('helper');
    const stuck = queue.submit(() => 'free');
    const holder = queue.submit({ hold: true }, nothing);
    scheduler.on('stalled', () => void helper.submit({ release: [holder] }, nothing));
    const result = stuck.result();
    scheduler.start();
    expect(await result).toBe('free');
  });

  test('no promise that a function has asked for and nothing looks at', async () => {
    const { scheduler, queue } = oneQueue();
    const outer = queue.submit({ hold: true }, () => void queue.submit(nothing).settled());
    scheduler.start();
    await quiet();
    expect([outer.state, scheduler.state]).toEqual(['done', 'stalled']);
  });

  test('no promise that nothing looks at', async () => {
    const { scheduler, stuck } = stalling();
    void stuck.settled();
    scheduler.start();
    await quiet();
    expect(stuck.state).toBe('ready');
  });
});

describe('the diagnosis of a stall', () => {
  /** What the first stall says. */
  const saying = (scheduler: Scheduler): Promise<string> =>
    new Promise((resolve) => {
      scheduler.on('stalled', ({ message }) => resolve(message));
      scheduler.start();
    });

  test('says of the tasks that could start what they lack, and names those behind them', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit({ id: 'holder', hold: true, priority: 1 }, nothing);
    queue.submit({ id: 'dependent', after: [queue.submit({ id: 'stuck' }, nothing)] }, nothing);
    expect(await saying(scheduler)).toBe(
      'stalled: stuck, dependent cannot proceed: task stuck is ready; queue q has no free slot of 1; held by holder',
    );
  });

  test('explains five of many, the oldest first, and counts the others', async () => {
    const { scheduler, queue } = oneQueue();
    for (let index = 0; index < 8; index += 1) queue.submit({ id: `t${index}`, priority: -1 }, nothing);
    queue.submit({ id: 'holder', hold: true }, nothing);
    const lacks = (index: number): string => `task t${index} is ready; queue q has no free slot of 1; held by holder`;
    expect(await saying(scheduler)).toBe(
      `stalled: t0, t1, t2, t3, t4 and 3 more cannot proceed: ${[0, 1, 2, 3, 4].map(lacks).join(', ')} and 3 more`,
    );
  });

  test('does not explain a task that waits for the one whose handle it has returned', async () => {
    const { scheduler, queue } = oneQueue();
    queue.submit({ id: 'holder', hold: true, priority: 1 }, nothing);
    queue.submit({ id: 'outer', priority: 2 }, () => queue.submit({ id: 'inner' }, nothing));
    expect(await saying(scheduler)).toBe(
      'stalled: outer, inner cannot proceed: task inner is ready; queue q has no free slot of 1; held by holder',
    );
  });
});

describe('after stop', () => {
  test('no function is called that was granted before; start calls it, as the same attempt', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: Number.POSITIVE_INFINITY });
    let stopped: Promise<void> | undefined;
    const calls: number[] = [];
    const handles = Array.from({ length: 100 }, (_, index) =>
      queue.submit(() => {
        calls.push(index);
        if (calls.length === 3) stopped = scheduler.stop();
      }),
    );
    scheduler.start();
    await quiet();
    await stopped;
    expect(calls).toHaveLength(3);
    expect(handles.filter(({ state }) => state === 'ready')).toHaveLength(97);
    scheduler.start();
    await scheduler.wait();
    expect(new Set(calls).size).toBe(100);
    expect(handles.every(({ actor }) => actor.getSnapshot().context.attempt === 1)).toBe(true);
  });
});
