/** Functions that wait for tasks which need the slots of these very functions: what is told of, and what may still move. */
import { describe, expect, test } from 'vitest';
import { type Handle, type Queue, type Scheduler, SchedulerError, taskContext } from '../../src/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;
const STALLED = { code: 'Stalled' };

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

  test('for a task whose slot another function has that waits for nothing, whoever else waits for it', async () => {
    const { scheduler, queue, other, stalls } = busySystem(2);
    const gate = new Gate();
    let inner: Handle<string> | undefined;
    const wait = async (): Promise<string> => {
      inner ??= queue.submit(() => 'inner');
      return inner.result();
    };
    queue.submit(() => gate.promise);
    const outers = [queue.submit(wait), other.submit(wait)];
    scheduler.start();
    await quiet();
    expect([...outers.map(({ state }) => state), inner?.state, stalls]).toEqual(['running', 'running', 'ready', []]);
    gate.open();
    for (const outer of outers) expect(await outer.result()).toBe('inner');
  });

  test('for a task that needs the slot which it has yielded, and another function has', async () => {
    const { scheduler, queue, stalls } = busySystem();
    const [gate, end] = [new Gate(), new Gate()];
    const outer = queue.submit(async () => {
      const context = taskContext();
      queue.submit({ priority: 1 }, () => gate.promise);
      const answer = queue.submit({ id: 'inner' }, () => 'inner').result();
      const back = context.yieldSlot(() => end.promise);
      const value = await answer;
      await back;
      return value;
    });
    scheduler.start();
    await quiet();
    expect([outer.why(), stalls]).toMatchObject([{ reason: 'running', waitingFor: ['inner'] }, []]);
    gate.open();
    await quiet();
    end.open();
    expect(await outer.result()).toBe('inner');
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

describe('a function that awaits a task which needs its slot', () => {
  test.each(['result', 'settled'] as const)('is answered with the deadlock by %s()', async (how) => {
    const { scheduler, queue } = oneQueue();
    const messages: string[] = [];
    scheduler.on('stalled', ({ message }) => void messages.push(message));
    const whys: unknown[] = [];
    const outer = queue.submit({ id: 'outer' }, async () => {
      const inner = queue.submit({ id: 'inner' }, nothing);
      const answer = inner[how]();
      void Promise.resolve().then(() => whys.push(inner.why()));
      return answer;
    });
    scheduler.start();
    const error: unknown = await outer.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toMatchObject(STALLED);
    expect(String(error)).toContain('held by outer (running, waits for inner)');
    expect(messages).toHaveLength(1);
    await scheduler.wait();
  });

  test('is a stall of the whole where nothing else moves, and whoever waits for all is told', async () => {
    const { scheduler, queue } = oneQueue();
    const states: string[] = [];
    scheduler.on('scheduler', ({ state }) => void states.push(state));
    const outer = queue.submit({ id: 'outer' }, async () => queue.submit({ id: 'inner' }, nothing).settled());
    void outer.settled();
    scheduler.start();
    await expect(scheduler.wait()).rejects.toMatchObject({ ...STALLED, tasks: ['outer', 'inner'] });
    expect(states).toContain('stalled');
    await scheduler.wait();
    expect(outer.state).toBe('failed');
  });

  test('is told even when other tasks go on elsewhere', async () => {
    const { scheduler, queue } = oneQueue();
    const gate = new Gate();
    const busy = scheduler.queue('busy').submit(() => gate.promise);
    const outer = queue.submit({ id: 'outer' }, async () => queue.submit({ id: 'inner' }, nothing).result());
    scheduler.start();
    await expect(outer.result()).rejects.toMatchObject({ ...STALLED, tasks: ['inner'] });
    expect(busy.state).toBe('running');
    gate.open();
    await scheduler.wait();
  });

  test('is told of that task where the one that it awaits only waits for it', async () => {
    const { scheduler, queue } = oneQueue();
    const gate = new Gate();
    const elsewhere = scheduler.queue('elsewhere', { concurrency: 2 });
    elsewhere.submit(() => gate.promise);
    // It has its own reason to wait, of which nothing is said.
    const crowded = scheduler.queue('crowded', { concurrency: 1 });
    for (const id of ['one', 'other']) crowded.submit({ id }, () => gate.promise);
    const outer = queue.submit({ id: 'outer' }, async () => {
      const near = queue.submit({ id: 'near' }, nothing);
      return elsewhere.submit({ id: 'inner', after: [near] }, nothing).result();
    });
    scheduler.start();
    await expect(outer.result()).rejects.toThrow(
      'stalled: inner cannot proceed: task near is ready; queue q has no free slot of 1; held by outer (running, waits for inner)',
    );
    gate.open();
    await scheduler.wait();
  });

  test('is told of the other where two functions wait for each other', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const first: Handle<unknown> = queue.submit({ id: 'first' }, () => second.result());
    const second: Handle<unknown> = queue.submit({ id: 'second' }, () => first.result());
    const gate = new Gate();
    scheduler.queue('elsewhere').submit(() => gate.promise);
    scheduler.start();
    await expect(second.result()).rejects.toThrow(
      'task first is running on queue q, and waits for second, task second is running on queue q, and waits for first',
    );
    await first.settled();
    gate.open();
    await scheduler.wait();
  });

  test('waits in peace while there is another slot, or another queue', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const other = scheduler.queue('other', { concurrency: 1 });
    const gate = new Gate();
    const outer = queue.submit(async () => {
      const inner = queue.submit(async () => other.submit(() => gate.promise.then(() => 7)).result());
      return (await inner.result()) + 1;
    });
    scheduler.start();
    await quiet();
    gate.open();
    expect(await outer.result()).toBe(8);
  });

  test('may go on with something else: a callback is no wait', async () => {
    const { scheduler, queue } = oneQueue();
    const gate = new Gate();
    const stalls: unknown[] = [];
    scheduler.on('stalled', (event) => void stalls.push(event));
    const outer = queue.submit(async () => {
      const seen = queue
        .submit(() => 'inner')
        .result()
        .then((value) => value);
      await gate.promise;
      return seen;
    });
    scheduler.start();
    await quiet();
    expect(stalls).toEqual([]);
    gate.open();
    await quiet();
    // Only now it waits, for a promise of its own making, which nothing can see.
    await scheduler.terminate();
    expect(outer.state).toBe('cancelled');
  });
});
