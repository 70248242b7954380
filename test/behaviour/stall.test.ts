/** What a caller hears who waits for something that cannot come: of a stall, and of functions that wait for their own slots. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, Scheduler, SchedulerError } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
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
    const { scheduler, stuck } = stalling();
    scheduler.start();
    await quiet();
    expect(scheduler.state).toBe('stalled');
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
    scheduler.start();
    await expect(second.result()).rejects.toThrow(
      'task first is running on queue q, and waits for second, task second is running on queue q, and waits for first',
    );
    await first.settled();
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
