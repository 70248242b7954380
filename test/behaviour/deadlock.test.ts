/** Functions that wait for tasks which need the slots of these very functions: what is told of, and what may still move. */
import { describe, expect, test } from 'vitest';
import type { Queue, Scheduler } from '../../src/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;

interface System {
  readonly scheduler: Scheduler;
  /** Of one slot, as `other`. */
  readonly queue: Queue;
  readonly other: Queue;
  /** The tasks that each stall has named. */
  readonly stalls: readonly (readonly string[])[];
  readonly clock: SimulatedClock;
}

/** Two queues of one slot, beside which another task runs all the time: so nothing is a stall of the whole. */
function busySystem(concurrency = 1): System {
  const clock = new SimulatedClock();
  const { scheduler, queue } = oneQueue({ concurrency, _environment: { clock, random: () => 0 } });
  const other = scheduler.queue('other', { concurrency: 1 });
  scheduler.queue('busy').submit({ id: 'busy' }, () => new Gate().promise);
  const stalls: (readonly string[])[] = [];
  scheduler.on('stalled', ({ tasks }) => void stalls.push(tasks));
  return { scheduler, queue, other, stalls, clock };
}

describe('a function is told that it waits in vain', () => {
  test('for a task that depends on one which needs its slot, whatever else that needed', async () => {
    const { scheduler, queue, other, stalls } = busySystem();
    const done = other.submit(nothing);
    const outer = queue.submit(async () => {
      const next = queue.submit(nothing);
      return other.submit({ id: 'inner', after: [done, next] }, nothing).result();
    });
    scheduler.start();
    await expect(outer.result()).rejects.toMatchObject({ code: 'Stalled', tasks: ['inner'] });
    expect(stalls).toEqual([['inner']]);
  });

  test('for a task that has returned the handle of one which needs its slot', async () => {
    const { scheduler, queue, other } = busySystem();
    const outer = queue.submit(async () => other.submit({ id: 'inner' }, () => queue.submit(nothing)).result());
    scheduler.start();
    await expect(outer.result()).rejects.toMatchObject({ code: 'Stalled', tasks: ['inner'] });
  });

  test('for each other, both of them', async () => {
    const { scheduler, queue, other, stalls } = busySystem();
    const outers = [
      queue.submit({ id: 'a' }, async () => other.submit({ id: 'for a' }, nothing).settled()),
      other.submit({ id: 'b' }, async () => queue.submit({ id: 'for b' }, nothing).settled()),
    ];
    scheduler.start();
    for (const end of await Promise.allSettled(outers.map((outer) => outer.result()))) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'Stalled' } });
    }
    expect(stalls.flat().sort()).toEqual(['for a', 'for b']);
  });
});

describe('a function waits in peace', () => {
  test('while one of several tasks that it waits for can move', async () => {
    const { scheduler, queue, other, stalls } = busySystem();
    const gate = new Gate();
    const outer = queue.submit(async () => {
      const [stuck, moving] = [queue.submit(nothing), other.submit(() => gate.promise)];
      return Promise.all([stuck.result(), moving.result()]);
    });
    scheduler.start();
    await quiet();
    expect([outer.state, stalls]).toEqual(['running', []]);
    gate.open();
  });

  test.each(['depends on', 'has returned the handle of'])('for a task that %s one that runs', async (how) => {
    const { scheduler, queue, other, stalls } = busySystem();
    const gate = new Gate<string>();
    const running = scheduler.queue('running').submit(() => gate.promise);
    const outer = queue.submit(async () => {
      const inner = how === 'depends on' ? other.submit((value) => value, running) : other.submit(() => running);
      return inner.result();
    });
    scheduler.start();
    await quiet();
    expect([outer.state, stalls]).toEqual(['running', []]);
    gate.open('at last');
    expect(await outer.result()).toBe('at last');
  });

  test('for a task of a paused queue that has a free slot', async () => {
    const { scheduler, queue, stalls } = busySystem(2);
    const outer = queue.submit(async () => {
      queue.pause();
      return queue.submit(() => 'inner').result();
    });
    scheduler.start();
    await quiet();
    expect([outer.state, stalls]).toEqual(['running', []]);
    queue.resume();
    expect(await outer.result()).toBe('inner');
  });

  test('for a task that pauses between two attempts, until it is ready and finds its slot taken', async () => {
    const { scheduler, queue, other, stalls, clock } = busySystem();
    const retry = { attempts: 2, backoffMs: 10 };
    const outer = queue.submit(async () =>
      other
        .submit({ id: 'inner', retry }, () => {
          throw new Error('once');
        })
        .result(),
    );
    scheduler.start();
    await quiet();
    const taking = other.submit(async () => queue.submit({ id: 'next' }, nothing).settled());
    await quiet();
    expect([outer.state, taking.state, stalls]).toEqual(['running', 'running', []]);
    clock.advanceTo(10);
    await quiet();
    expect([outer.state, taking.state, stalls.flat().sort()]).toEqual(['failed', 'failed', ['inner', 'next']]);
  });
});
