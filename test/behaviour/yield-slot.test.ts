/** `taskContext().yieldSlot`: others run in the slot of a function that waits for them. */
import { describe, expect, test } from 'vitest';
import { taskContext } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';
import { oneQueue } from '../support/one-queue.js';

describe('a function that yields its slot', () => {
  test('may await a task of its own queue, and goes on with a slot', async () => {
    const { scheduler, queue } = oneQueue();
    const order: string[] = [];
    const outer = queue.submit(async () => {
      const context = taskContext();
      order.push('outer');
      const inner = queue.submit(() => order.push('inner'));
      const value = await context.yieldSlot(() => inner.result());
      order.push('outer again');
      return value;
    });
    scheduler.start();
    expect(await outer.result()).toBe(2);
    expect(order).toEqual(['outer', 'inner', 'outer again']);
    await scheduler.wait();
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
  });

  test('waits for a slot before all tasks that have not started', async () => {
    const { scheduler, queue } = oneQueue();
    const order: string[] = [];
    const begun = new Gate();
    const blocking = new Gate();
    queue.submit(async () => {
      const context = taskContext();
      queue.submit(() => void order.push('later'));
      queue.submit(() => {
        begun.open();
        return blocking.promise;
      });
      await context.yieldSlot(() => begun.promise);
      order.push('back');
    });
    scheduler.start();
    await quiet();
    blocking.open();
    await scheduler.wait();
    expect(order).toEqual(['back', 'later']);
  });

  test('gets none while its queue is paused, and keeps no other queue waiting', async () => {
    const { scheduler, queue } = oneQueue();
    const other = scheduler.queue('other', { concurrency: 1 });
    const order: string[] = [];
    const work = new Gate();
    queue.submit(async () => {
      await taskContext().yieldSlot(() => work.promise);
      order.push('back');
    });
    scheduler.start();
    await quiet();
    queue.pause();
    work.open();
    await quiet();
    other.submit(() => void order.push('other'));
    await quiet();
    expect(order).toEqual(['other']);
    queue.resume();
    await scheduler.wait();
    expect(order).toEqual(['other', 'back']);
  });

  test('is not what a task waits for that cannot have its slot', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const [first, second] = [new Gate(), new Gate()];
    const outer = queue.submit(async () => {
      const context = taskContext();
      return context.yieldSlot(() => Promise.all([first.promise, queue.submit(() => 'inner').result()]));
    });
    const other = queue.submit(async () => {
      await queue.submit(() => second.promise).result();
    });
    scheduler.start();
    await quiet();
    first.open();
    second.open();
    expect(await outer.result()).toEqual([undefined, 'inner']);
    await other.result();
    await scheduler.wait();
  });

  test('gives its resources, too, and takes them again', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2, resources: { ram: 4 } });
    const outer = queue.submit({ resources: { ram: 4 } }, async () => {
      const context = taskContext();
      return context.yieldSlot(() => queue.submit({ resources: { ram: 3 } }, () => 'inner').result());
    });
    scheduler.start();
    expect(await outer.result()).toBe('inner');
    await scheduler.wait();
    expect(queue.actor.getSnapshot().context.ledger).toMatchObject({ slotsTaken: 0, taken: [] });
  });

  test('passes on what its work throws, after it has a slot again', async () => {
    const { scheduler, queue } = oneQueue();
    const outer = queue.submit(async () => {
      const context = taskContext();
      return context.yieldSlot(() => Promise.reject(new RangeError('x')));
    });
    scheduler.start();
    await expect(outer.result()).rejects.toThrow(new RangeError('x'));
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
  });

  test('counts as ended for a stop, and goes on after the next start', async () => {
    const { scheduler, queue } = oneQueue();
    const gate = new Gate();
    const outer = queue.submit(async () => {
      const context = taskContext();
      await context.yieldSlot(() => gate.promise);
      return 'back';
    });
    scheduler.start();
    await quiet();
    await scheduler.stop();
    gate.open();
    await quiet();
    expect(outer.state).toBe('running');
    scheduler.start();
    expect(await outer.result()).toBe('back');
  });

  test('has nothing more to give within its work, nor after its end', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 2 });
    const taken = async (): Promise<number> => {
      await quiet();
      return queue.actor.getSnapshot().context.ledger.slotsTaken;
    };
    let context: ReturnType<typeof taskContext> | undefined;
    const outer = queue.submit(async () => {
      const own = taskContext();
      context = own;
      return own.yieldSlot(() => own.yieldSlot(taken));
    });
    scheduler.start();
    expect(await outer.result()).toBe(0);
    await scheduler.wait();
    expect([await context?.yieldSlot(taken), await taken()]).toEqual([0, 0]);
  });

  test('goes on without a slot when it is cancelled before it waits for one', async () => {
    const { scheduler, queue } = oneQueue();
    const [work, blocking] = [new Gate(), new Gate()];
    const steps: string[] = [];
    const outer = queue.submit(async () => {
      await taskContext().yieldSlot(() => work.promise);
      steps.push('went on');
    });
    scheduler.start();
    await quiet();
    queue.submit(() => blocking.promise);
    await quiet();
    outer.cancel();
    work.open();
    await quiet();
    expect(steps).toEqual(['went on']);
    blocking.open();
    await scheduler.wait();
  });

  test('goes on without a slot when it is cancelled while it waits for one', async () => {
    const { scheduler, queue } = oneQueue();
    const [work, blocking] = [new Gate(), new Gate()];
    const steps: string[] = [];
    const outer = queue.submit(async () => {
      const context = taskContext();
      await context.yieldSlot(() => work.promise);
      steps.push('went on');
    });
    scheduler.start();
    await quiet();
    queue.submit(() => blocking.promise);
    await quiet();
    work.open();
    await quiet();
    expect(steps).toEqual([]);
    outer.cancel();
    await quiet();
    expect(steps).toEqual(['went on']);
    blocking.open();
    await scheduler.wait();
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
  });

  test('gives nothing back twice when it is cancelled meanwhile', async () => {
    const { scheduler, queue } = oneQueue({ graceMs: 0 });
    const gate = new Gate();
    let context: ReturnType<typeof taskContext> | undefined;
    const outer = queue.submit(async () => {
      context = taskContext();
      await context.yieldSlot(() => gate.promise);
    });
    const other = new Gate();
    scheduler.start();
    await quiet();
    outer.cancel();
    const next = queue.submit(() => other.promise);
    await quiet();
    expect([next.state, queue.actor.getSnapshot().context.ledger.slotsTaken]).toEqual(['running', 1]);
    gate.open();
    other.open();
    await next.result();
    await scheduler.wait();
    expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
    // Its attempt is over: the work is done, and there is nothing to give.
    expect(await context?.yieldSlot(() => 7)).toBe(7);
  });
});

describe('functions that wait for a slot again', () => {
  /** Two functions that have yielded their slots, in which others run, and a task that is ready. */
  async function waiting() {
    const { scheduler, queue } = oneQueue({ concurrency: 2, resources: { ram: 2 } });
    const [first, blocking] = [new Gate(), new Gate()];
    const log: string[] = [];
    for (const id of ['a', 'b']) {
      queue.submit({ id, resources: { ram: 1 } }, async () => {
        await taskContext().yieldSlot(() => first.promise);
        log.push(id);
        await blocking.promise;
      });
    }
    scheduler.start();
    await quiet();
    for (const id of ['c', 'd']) queue.submit({ id, resources: { ram: 1 } }, () => blocking.promise);
    await quiet();
    first.open();
    queue.submit({ id: 'ready' }, () => log.push('ready'));
    await quiet();
    expect(log).toEqual([]);
    return { scheduler, queue, log, blocking };
  }

  test('all get theirs before a ready task gets one', async () => {
    const { scheduler, queue, log, blocking } = await waiting();
    queue.set({ concurrency: 4, resources: { ram: 4 } });
    await quiet();
    expect(log).toEqual(['b', 'a']);
    blocking.open();
    await scheduler.wait();
  });

  test('let a ready task start that needs less than they do', async () => {
    const { scheduler, queue, log, blocking } = await waiting();
    queue.set({ concurrency: 3 });
    await quiet();
    expect(log).toEqual(['ready']);
    blocking.open();
    await scheduler.wait();
    expect(log.sort()).toEqual(['a', 'b', 'ready']);
  });

  test('get none while the queue is paused', async () => {
    const { scheduler, queue, log, blocking } = await waiting();
    queue.pause();
    queue.set({ concurrency: 5, resources: { ram: 5 } });
    await quiet();
    expect(log).toEqual([]);
    queue.resume();
    await quiet();
    expect(log.sort()).toEqual(['a', 'b', 'ready']);
    blocking.open();
    await scheduler.wait();
  });
});
