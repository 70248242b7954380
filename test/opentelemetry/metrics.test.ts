/** The metrics: what is counted, timed and read, by which names, and how many series there can be. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { instrument } from '../../src/opentelemetry/index.js';
import { memoryStore } from '../../src/store/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { metered } from './otel-kit.js';

const QUEUE = 'pullgraph.queue.name';
const FUNCTION = 'code.function.name';
const STATE = 'pullgraph.task.state';

/** Resolves when all that is due in microtasks has happened. */
const quiet = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('metrics', () => {
  it('count what settled by outcome, and time waiting and running in seconds', async () => {
    const metrics = metered();
    const clock = new SimulatedClock();
    const scheduler = new Scheduler({ _environment: { clock, random: () => 0 } });
    instrument(scheduler, { meter: metrics.meter });
    const executor = new ManualExecutor();
    const queue = scheduler.queue('manual', { executor, concurrency: 1 });
    queue.submit({ id: 'a' }, function work() {});
    queue.submit({ id: 'b' }, function work() {});
    scheduler.start();
    await quiet();
    const [first, second] = executor.started[0]?.id === 'b' ? ['b', 'a'] : ['a', 'b'];
    clock.turnTo(2_000);
    executor.attemptAt(first).done(1);
    await quiet();
    clock.turnTo(2_500);
    executor.attemptAt(second).failed(new RangeError('no'));
    await quiet();
    const work = { [QUEUE]: 'manual', [FUNCTION]: 'work' };
    expect(await metrics.values('pullgraph.task.settled')).toEqual([
      [{ ...work, 'pullgraph.task.outcome': 'done' }, 1],
      [{ ...work, 'pullgraph.task.outcome': 'failed' }, 1],
    ]);
    const points = await metrics.collect();
    const sums = (name: string) =>
      points.get(name)?.map(({ attributes, value }) => [attributes, typeof value === 'number' ? value : value.sum]);
    expect(sums('pullgraph.task.wait.duration')).toEqual([[work, 2]]);
    expect(sums('pullgraph.attempt.duration')).toEqual([
      [{ ...work, 'pullgraph.attempt.outcome': 'done' }, 2],
      [{ ...work, 'pullgraph.attempt.outcome': 'failed' }, 0.5],
    ]);
    await scheduler.close().catch(() => undefined);
  });

  it('read of each queue its tasks by state, its slots and its resources', async () => {
    const metrics = metered();
    const scheduler = new Scheduler();
    instrument(scheduler, { meter: metrics.meter });
    const executor = new ManualExecutor();
    const queue = scheduler.queue('gpu', { executor, concurrency: 2, resources: { memory: 16 } });
    scheduler.queue('free', { executor });
    const [one] = ['a', 'b', 'c'].map((id) => queue.submit({ id, resources: { memory: 4 } }, function fit() {}));
    if (one !== undefined) queue.submit({ id: 'd' }, Array.of, one);
    scheduler.start();
    await quiet();
    const gpu = { [QUEUE]: 'gpu' };
    expect(await metrics.values('pullgraph.queue.tasks')).toEqual([
      [{ ...gpu, [STATE]: 'pending' }, 1],
      [{ ...gpu, [STATE]: 'ready' }, 1],
      [{ ...gpu, [STATE]: 'running' }, 2],
    ]);
    expect(await metrics.values('pullgraph.queue.slot.usage')).toEqual([[gpu, 2]]);
    expect(await metrics.values('pullgraph.queue.slot.limit')).toContainEqual([gpu, 2]);
    const memory = { ...gpu, 'pullgraph.resource.name': 'memory' };
    expect(await metrics.values('pullgraph.queue.resource.usage')).toEqual([[memory, 8]]);
    expect(await metrics.values('pullgraph.queue.resource.limit')).toEqual([[memory, 16]]);
    expect((await metrics.values('pullgraph.demand.visits'))[0]?.[1]).toBeGreaterThan(0);
    executor.attemptAt('a').done(1);
    executor.attemptAt('a').done(2);
    await quiet();
    expect(await metrics.values('pullgraph.engine.ignored_events')).toEqual([
      [{ 'pullgraph.event.kind': 'stale-report' }, 1],
    ]);
    for (let next = 0; next < 4; next += 1) {
      executor.started[next]?.done(1);
      await quiet();
    }
    await scheduler.close();
    expect(await metrics.values('pullgraph.queue.slot.limit')).toEqual([]);
  });

  it('are summed up over the schedulers of one meter, and totals stay when one closes', async () => {
    const metrics = metered();
    const executors = [new ManualExecutor(), new ManualExecutor()];
    const schedulers = executors.map((executor) => {
      const scheduler = new Scheduler();
      instrument(scheduler, { meter: metrics.meter });
      const queue = scheduler.queue('shared', { executor, concurrency: 1 });
      queue.submit(function work() {});
      scheduler.start();
      return scheduler;
    });
    await quiet();
    expect(await metrics.values('pullgraph.queue.slot.usage')).toEqual([[{ [QUEUE]: 'shared' }, 2]]);
    const visits = async (): Promise<number> => (await metrics.values('pullgraph.demand.visits'))[0]?.[1] ?? 0;
    const before = await visits();
    executors[0]?.started[0]?.done(1);
    await schedulers[0]?.close();
    expect(await visits()).toBeGreaterThanOrEqual(before);
    expect(await metrics.values('pullgraph.queue.slot.usage')).toEqual([[{ [QUEUE]: 'shared' }, 1]]);
    executors[1]?.started[0]?.done(1);
    await schedulers[1]?.close();
  });

  it('have few series, however many functions, queues and errors there are', async () => {
    const metrics = metered();
    const scheduler = new Scheduler();
    instrument(scheduler, { meter: metrics.meter });
    scheduler.start();
    for (let q = 0; q < 60; q += 1) {
      const queue = scheduler.queue(`queue ${q}`);
      for (let f = 0; f < 10; f += 1) {
        queue.submit(Object.defineProperty(() => 1, 'name', { value: `function ${f} of ${q}` }));
      }
    }
    await scheduler.wait();
    const settled = await metrics.values('pullgraph.task.settled');
    expect(settled.reduce((sum, [, count]) => sum + count, 0)).toBe(600);
    expect(settled.length).toBeLessThanOrEqual(250);
    expect(settled.some(([attributes]) => Reflect.get(attributes, FUNCTION) === '_OTHER')).toBe(true);
    const queues = new Set(settled.map(([attributes]) => String(Reflect.get(attributes, QUEUE))));
    expect(queues.size).toBeLessThanOrEqual(51);
    await scheduler.close();
  });

  it('count the errors of a store, and those of the meter itself', async () => {
    const metrics = metered();
    const inner = memoryStore();
    const scheduler = new Scheduler({
      onStoreError: () => 'continue',
      store: {
        name: 'broken',
        _open: (setup) => {
          const session = inner._open(setup);
          return new Proxy(session, {
            get(target, name): unknown {
              const part: unknown = Reflect.get(target, name);
              if (name === 'keep') throw new Error('disk full');
              return typeof part === 'function' ? part.bind(target) : part;
            },
          });
        },
      },
    });
    let isBroken = false;
    const meter = new Proxy(metrics.meter, {
      get(target, name): unknown {
        if (name !== 'createCounter') return Reflect.get(target, name);
        return () => ({
          add: () => {
            if (isBroken) throw new Error('no counter');
          },
        });
      },
    });
    const instrumented = instrument(scheduler, { meter });
    isBroken = true;
    const queue = scheduler.queue('kept');
    const handle = queue.submit({ key: 'k' }, () => 1);
    scheduler.start();
    expect(await handle.result()).toBe(1);
    expect((await metrics.values('pullgraph.store.errors'))[0]?.[1]).toBeGreaterThan(0);
    expect(await metrics.values('pullgraph.opentelemetry.errors')).toEqual([[{}, 1]]);
    expect(instrumented.errors).toBe(1);
    await scheduler.close();
  });
});
