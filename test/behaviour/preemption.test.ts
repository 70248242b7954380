/** Queues that evict the less urgent for the more urgent. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Handle, outcomeKind, type QueueOptions, Scheduler } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { type manualQueue as ManualQueue, manualQueue, oneQueue } from '../support/one-queue.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => undefined;
const pass = (...values: unknown[]): unknown => values;

/** A queue with `preempt` whose first tasks are running. */
async function busy(
  tasks: Record<string, { readonly priority?: number; readonly resources?: Record<string, number> }>,
  options: Omit<QueueOptions, 'executor'> = {},
): Promise<ReturnType<typeof ManualQueue>> {
  const made = manualQueue({ concurrency: 2, preempt: true, ...options });
  made.scheduler.start();
  for (const [id, options_] of Object.entries(tasks)) {
    made.queue.submit({ id, ...options_ }, nothing);
    await quiet();
  }
  return made;
}

describe('a queue with preempt', () => {
  test('evicts the least urgent for a more urgent task, which starts when that has ended', async () => {
    const { queue, executor, started } = await busy({ low: { priority: 1 }, lower: {} });
    const urgent = queue.submit({ id: 'urgent', priority: 5 }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual(['lower']);
    expect(executor.attemptAt('lower').signal.reason).toMatchObject({ code: 'TaskEvicted', by: 'urgent', queue: 'q' });
    expect([started(), urgent.state]).toEqual([['low', 'lower'], 'ready']);
    executor.attemptAt('lower').failed('ended');
    await quiet();
    expect([started(), urgent.state]).toEqual([['low', 'lower', 'urgent'], 'running']);
  });

  test('starts the evicted task again when there is room, and ignores what its evicted attempt delivers', async () => {
    const { scheduler, queue, executor, started } = await busy({ low: {} }, { concurrency: 1 });
    const evicted = executor.attemptAt('low');
    queue.submit({ id: 'urgent', priority: 5 }, nothing);
    await quiet();
    evicted.done('late');
    await quiet();
    executor.attemptAt('urgent').done(1);
    await quiet();
    expect(started()).toEqual(['low', 'urgent', 'low']);
    const ends: unknown[] = [];
    scheduler.on('settled', ({ id, attempt, outcome }) => ends.push([id, attempt, outcome]));
    executor.attemptAt('low').done('second');
    await scheduler.wait();
    expect(ends).toEqual([['low', 2, { status: 'done', result: 'second' }]]);
    expect(scheduler._counts['staleReports']).toBe(1);
  });

  test('tells that an evicted task was running, also where it ends within the call that evicts it', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 1, preempt: true });
    executor.abort = (attempt) => attempt.failed('ended at once');
    const moves: string[] = [];
    scheduler.on('task', ({ id, previous, state }) => moves.push(`${id}: ${previous} -> ${state}`));
    queue.submit({ id: 'low' }, nothing);
    scheduler.start();
    await quiet();
    moves.length = 0;
    queue.submit({ id: 'urgent', priority: 5 }, nothing);
    await quiet();
    expect(moves).toEqual(['urgent: pending -> ready', 'low: running -> ready', 'urgent: ready -> running']);
  });

  test('never evicts for equal urgency, and of equals evicts the one that started last', async () => {
    const { queue, executor } = await busy({ first: {}, second: {} });
    queue.submit({ id: 'equal' }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    queue.submit({ id: 'urgent', priority: 1 }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual(['second']);
  });

  test('looks at nothing that runs as long as nothing more urgent is ready', async () => {
    const { scheduler, queue } = oneQueue({ concurrency: 100, preempt: true });
    for (let n = 0; n < 1_000; n += 1) queue.submit({ priority: 3 }, async () => n);
    for (let n = 0; n < 1_000; n += 1) queue.submit({ priority: n % 3 }, async () => n);
    scheduler.start();
    await scheduler.wait();
    expect(scheduler._counts['preemptionLooks']).toBe(0);
  });

  test('evicts for two urgent tasks at once, without waiting for the first to end', async () => {
    const { queue, executor } = await busy({ a: {}, b: {} });
    queue.submit({ id: 'x', priority: 2 }, nothing);
    queue.submit({ id: 'y', priority: 3 }, nothing);
    queue.submit({ id: 'z', priority: 3 }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual(['b', 'a']);
  });

  test('evicts nobody for a task that gets the room of one that is being cancelled', async () => {
    const { scheduler, queue, executor } = await busy({ a: {} });
    const cancelled = queue.submit({ id: 'cancelled', priority: 9 }, nothing);
    await quiet();
    cancelled.cancel();
    queue.submit({ id: 'urgent', priority: 5 }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual(['cancelled']);
    expect(scheduler.state).toBe('busy');
  });

  test('counts what waits for a task as its urgency, as long as that waits', async () => {
    const { scheduler, queue, executor } = manualQueue({ concurrency: 1, preempt: true });
    const input = queue.submit({ id: 'input' }, nothing);
    scheduler.start();
    await quiet();
    const sink = queue.submit({ id: 'sink', priority: 7 }, pass, input);
    queue.submit({ id: 'less urgent than the sink', priority: 5 }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    sink.cancel();
    await quiet();
    expect([...executor.aborted]).toEqual(['input']);
  });

  test('lets an input of an urgent task evict, though it is not urgent by itself', async () => {
    const { queue, executor } = await busy({ running: { priority: 1 } }, { concurrency: 1 });
    const input = queue.submit({ id: 'input' }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    queue.submit({ id: 'sink', priority: 7 }, pass, input);
    await quiet();
    expect([...executor.aborted]).toEqual(['running']);
  });

  test('evicts as many as the resources ask for, and none that is of no use', async () => {
    const { queue, executor } = await busy(
      { small: { resources: { ram: 1 } }, none: {}, large: { resources: { ram: 3 }, priority: 1 } },
      { concurrency: 4, resources: { ram: 4 } },
    );
    queue.submit({ id: 'urgent', priority: 5, resources: { ram: 2 } }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual(['large']);
  });

  test('evicts nobody for a task that would not fit even so, but for one behind it that does', async () => {
    const { queue, executor } = await busy(
      { urgent: { resources: { ram: 3 }, priority: 9 }, low: {} },
      { resources: { ram: 4 } },
    );
    queue.submit({ id: 'too large', priority: 7, resources: { ram: 2 } }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    queue.submit({ id: 'fits', priority: 5, resources: { ram: 1 } }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual(['low']);
  });

  test('evicts nobody for a task that the queue has no room for any more', async () => {
    const { queue, executor } = await busy({ low: {} }, { concurrency: 1, resources: { ram: 4 } });
    queue.pause();
    queue.submit({ id: 'large', priority: 5, resources: { ram: 4 } }, nothing);
    queue.set({ resources: { ram: 2 } });
    queue.resume();
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    queue.set({ resources: { ram: 4 } });
    await quiet();
    expect([...executor.aborted]).toEqual(['low']);
  });

  test('evicts nobody while the scheduler is stopped', async () => {
    const { scheduler, queue, executor } = await busy({ a: {} }, { concurrency: 1 });
    void scheduler.stop();
    queue.submit({ id: 'urgent', priority: 5 }, nothing);
    await quiet();
    expect([...executor.aborted]).toEqual([]);
    scheduler.start();
    await quiet();
    expect([...executor.aborted]).toEqual(['a']);
  });

  test('drops what it evicts when told so: it fails, and what depends on it', async () => {
    const { scheduler, queue, executor, started } = manualQueue({ preempt: true, onEvict: 'drop' });
    const low = queue.submit({ id: 'low' }, nothing);
    const dependent = queue.submit({ id: 'dependent' }, pass, low);
    scheduler.start();
    await quiet();
    queue.submit({ id: 'urgent', priority: 5 }, nothing);
    await quiet();
    const outcome = await low.settled();
    expect(outcomeKind(outcome)).toBe('evicted');
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TaskEvicted', tasks: ['low', 'urgent'] } });
    expect(outcomeKind(await dependent.settled())).toBe('dependency-failed');
    executor.attemptAt('low').done(1);
    await quiet();
    expect(started()).toEqual(['low', 'urgent']);
  });

  test('does not count an eviction as an attempt that failed', async () => {
    const { scheduler, queue, executor } = await busy({}, { concurrency: 1, retry: { attempts: 2 } });
    const task = queue.submit({ id: 'low' }, nothing);
    await quiet();
    for (const urgent of ['u1', 'u2']) {
      queue.submit({ id: urgent, priority: 5 }, nothing);
      await quiet();
      executor.attemptAt('low').failed('evicted');
      await quiet();
      executor.attemptAt(urgent).done(1);
      await quiet();
    }
    executor.attemptAt('low').failed('first failure');
    await quiet();
    executor.attemptAt('low').done('at last');
    expect(await task.result()).toBe('at last');
    expect(executor.attemptAt('low').attempt).toBe(4);
    await scheduler.wait();
  });

  test('evicts a real function by its signal', async () => {
    const { scheduler, queue } = oneQueue({ preempt: true });
    const log: string[] = [];
    const { taskContext } = await import('../../src/index.js');
    const long = queue.submit({ id: 'long' }, () => {
      const { signal, attempt } = taskContext();
      log.push(`long ${attempt}`);
      if (attempt > 1) return attempt;
      return new Promise<number>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    scheduler.start();
    await quiet();
    const urgent = queue.submit({ priority: 1 }, () => log.push('urgent'));
    await urgent.result();
    expect(await long.result()).toBe(2);
    expect(log).toEqual(['long 1', 'urgent', 'long 2']);
  });
});

test.each([
  [{ preempt: 'yes' }, /preempt/],
  [{ preempt: true, onEvict: 'kill' }, /onEvict/],
  [{ onEvict: 'drop' }, /onEvict is for queues with preempt/],
])('queue(%j) is refused', (options, message) => {
  const { scheduler } = manualQueue();
  const refused = refusalOf(() => scheduler.queue('other', options as never));
  expect(refused.code).toBe('InvalidOption');
  expect(refused.message).toMatch(message);
});

describe('for any tasks, dependencies, priorities and ends,', () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('submit' as const),
        priority: fc.nat(3),
        picks: fc.array(fc.nat(), { maxLength: 2 }),
        ram: fc.nat(3),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat() }) },
    fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('fail' as const), pick: fc.nat() }),
  );

  property([fc.array(step, { minLength: 5, maxLength: 40 }), fc.integer({ min: 1, max: 3 }), fc.boolean()], {
    numRuns: scaledRuns(150),
  })(
    'nobody is evicted for less, the urgent do not wait for the less urgent, and nothing is lost or done twice',
    async (steps, concurrency, hasRam) => {
      const executor = new ManualExecutor();
      const scheduler = new Scheduler();
      const resources = hasRam ? { resources: { ram: 3 } } : {};
      const queue = scheduler.queue('q', { executor, concurrency, preempt: true, ...resources });
      const handles: Handle<unknown>[] = [];
      const inputs: Handle<unknown>[][] = [];
      const priorities = new Map<string, number>();
      const ends = new Map<string, unknown>();
      const open = new Set<(typeof executor.started)[number]>();
      scheduler.on('settled', ({ id, outcome }) => {
        expect(ends.has(id)).toBe(false);
        ends.set(id, outcome);
      });
      scheduler.on('task', ({ id, previous, state }) => {
        // Evicted: there is a ready task that is more urgent.
        if (state !== 'ready' || previous === 'pending') return;
        const most = Math.max(
          ...handles.filter((one) => one.state === 'ready' && one.id !== id).map((one) => urgency(one.id)),
        );
        expect(most).toBeGreaterThan(urgency(id));
      });
      const urgency = (id: string): number => {
        const waiting = handles.filter(
          (one, index) => !ends.has(one.id) && inputs[index]?.some((input) => input.id === id) === true,
        );
        return Math.max(priorities.get(id) ?? 0, ...waiting.map((one) => urgency(one.id)));
      };
      scheduler.start();
      for (const one of steps) {
        if (one.kind === 'submit') {
          const picked = [
            ...new Set(
              one.picks.map((pick) => handles[pick % handles.length]).filter((handle) => handle !== undefined),
            ),
          ];
          const id = `t${handles.length}`;
          priorities.set(id, one.priority);
          inputs.push(picked);
          const needs = hasRam ? { resources: { ram: one.ram } } : {};
          handles.push(queue.submit({ id, priority: one.priority, ...needs }, pass, ...picked));
        } else if (one.kind === 'cancel') {
          handles[one.pick % Math.max(1, handles.length)]?.cancel();
        } else {
          const attempts = [...open];
          const attempt = attempts[one.pick % Math.max(1, attempts.length)];
          if (attempt === undefined) continue;
          open.delete(attempt);
          if (one.kind === 'end') attempt.done(attempt.attempt);
          else attempt.failed('failed');
        }
        await quiet();
        for (const attempt of executor.started.splice(0)) open.add(attempt);
        if (hasRam) continue;
        const running = handles.filter(({ state }) => state === 'running');
        const leaving = open.size - running.length;
        const least = Math.min(...running.map(({ id }) => urgency(id)));
        const urgent = handles.filter(({ id, state }) => state === 'ready' && urgency(id) > least);
        expect(urgent.length).toBeLessThanOrEqual(leaving);
      }
      for (let rounds = 0; ends.size < handles.length; rounds += 1) {
        expect(rounds).toBeLessThan(20 * handles.length);
        expect(open.size).toBeGreaterThan(0);
        const round = Array.from(open);
        for (const attempt of round) {
          open.delete(attempt);
          attempt.done(attempt.attempt);
          await quiet();
          for (const next of executor.started.splice(0)) open.add(next);
        }
      }
      expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(open.size);
    },
  );
});
