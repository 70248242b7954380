import { afterEach, describe, expect, test } from 'vitest';
import { type BusJob, startBus } from '../../src/bus/index.js';
import { taskContext } from '../../src/index.js';
import { cleanUp, SOON, newBus, newProducer, newProxy, newScheduler } from './bus-kit.js';
import { ManualEnvironment } from './manual-environment.js';
import { Gate } from '../support/gate.js';
import { until, WirePeer } from './wire.js';

afterEach(cleanUp);

const add = (a: number, b: number): number => a + b;

describe('clients that lose their bus', () => {
  test('come back by themselves; a producer gets what it missed', async () => {
    const bus = await newBus();
    const proxy = await newProxy(bus.url);
    const opened = new Gate();
    const producer = newProducer(proxy.url);
    newScheduler(bus.url, { job: () => opened.promise.then(() => 'done') });
    const job = producer.request({ task: 'job' });
    await until(() => job.id !== undefined);
    proxy.cut();
    const unsent = producer.request({ task: 'job' });
    opened.open();
    expect(await job.result()).toBe('done');
    expect(await unsent.result()).toBe('done');
    expect(proxy.connections).toBe(2);
  });

  test('however often the connection is cut, each job is done and told once', async () => {
    const bus = await newBus();
    const proxy = await newProxy(bus.url);
    const producer = newProducer(proxy.url, { reconnect: { baseMs: 1, maxMs: 2 } });
    const calls = new Map<number, number>();
    newScheduler(bus.url, {
      job: (n: number) => {
        calls.set(n, (calls.get(n) ?? 0) + 1);
        return n;
      },
    });
    const jobs: BusJob[] = [];
    for (let n = 0; n < 200; n += 1) {
      jobs.push(producer.request({ task: 'job', args: [n] }));
      if (n % 10 === 0) {
        await until(() => jobs.some((job) => job.isSettled) || n === 0);
        proxy.cut();
      }
    }
    expect(await Promise.all(jobs.map((job) => job.result()))).toEqual(jobs.map((_, n) => n));
    expect([...calls.values()].every((times) => times === 1)).toBe(true);
  });

  test('fail the jobs of a bus that was started anew, and do those that it never had', async () => {
    const bus = await startBus({ port: 0 });
    const { url } = bus;
    const producer = newProducer(bus.url);
    const job = producer.request({ task: 'add', args: [1, 1] });
    await until(() => job.id !== undefined);
    await bus.close();
    const later = producer.request({ task: 'add', args: [2, 2] });
    await newBus({ port: Number(new URL(url).port) });
    newScheduler(url, { add });
    expect(await job.outcome()).toMatchObject({ status: 'failed', reason: 'session-lost' });
    expect(await later.result()).toBe(4);
  });

  test('fail the jobs of which there was more to be told than is kept, and hear of the others', async () => {
    const bus = await newBus({ maxFeedback: 3 });
    const proxy = await newProxy(bus.url);
    const producer = newProducer(proxy.url);
    const scheduler = await WirePeer.scheduler(bus.url, { slots: 2, tasks: ['add'] });
    const ended = producer.request({ task: 'add' });
    await until(() => ended.id !== undefined);
    const open = producer.request({ task: 'add' });
    await until(() => open.id !== undefined);
    for (const { id: job } of [ended, open]) scheduler.send({ cmd: 'accept', job, attempt: 1 });
    proxy.shut();
    await until(() => bus.counts.peers === 1);
    scheduler.send({ cmd: 'done', job: ended.id, attempt: 1, partials: 0 });
    for (let index = 0; index < 5; index += 1) scheduler.send({ cmd: 'partial', job: open.id, attempt: 1, index });
    scheduler.send({ cmd: 'accept', job: 'nobody', attempt: 1 });
    await scheduler.next({ cmd: 'withdraw' });
    proxy.open();
    expect(await ended.outcome()).toMatchObject({ status: 'failed', reason: 'feedback-lost' });
    expect(open.isSettled).toBe(false);
    scheduler.send({ cmd: 'done', job: open.id, attempt: 1, partials: 5, value: 'whole' });
    expect(await open.result()).toBe('whole');
  });

  test('a scheduler cancels what it ran, and takes jobs again', async () => {
    const bus = await newBus();
    const proxy = await newProxy(bus.url);
    const producer = newProducer(bus.url);
    const signals: AbortSignal[] = [];
    const job = (): unknown => {
      const { signal } = taskContext();
      signals.push(signal);
      return signals.length > 1 ? undefined : new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    const client = newScheduler(proxy.url, { job }, { slots: 1 });
    const events: string[] = [];
    const asked = producer.request({ task: 'job' }, ({ event }) => events.push(event));
    await until(() => events.includes('started'));
    proxy.cut();
    expect(await asked.outcome()).toMatchObject({ status: 'done' });
    expect(signals[0]?.aborted).toBe(true);
    expect(events).toEqual(['queued', 'accepted', 'started', 'requeued', 'accepted', 'started', 'done']);
    expect(client.running).toBe(0);
  });

  test('dial as often as they were told to before they give up, however often that has helped before', async () => {
    const bus = await newBus();
    const proxy = await newProxy(bus.url);
    const troubles: string[] = [];
    const reconnect = { baseMs: 1, maxMs: 2, attempts: 1 };
    const producer = newProducer(proxy.url, { reconnect, onTrouble: (message) => troubles.push(message) });
    await producer.ready();
    for (const times of [2, 3]) {
      proxy.cut();
      await until(() => proxy.connections === times && bus.counts.peers === 1);
      const job = producer.request({ task: 'add' });
      await until(() => job.id !== undefined);
    }
    expect(troubles).toHaveLength(2);
    await bus.close();
    proxy.shut();
    expect(await producer.ended()).toMatchObject({ code: 'BusUnavailable' });
    expect(troubles.length).toBeLessThanOrEqual(4);
  });

  test('notice one that has fallen silent', async () => {
    const bus = await newBus({ heartbeatMs: 1_000 });
    const proxy = await newProxy(bus.url);
    const troubles: string[] = [];
    const environment = new ManualEnvironment();
    const producer = newProducer(proxy.url, { environment, onTrouble: (message) => troubles.push(message) });
    await producer.ready();
    proxy.freeze();
    // Time to read what has arrived already is left.
    environment.advance(2_500);
    expect(troubles).toEqual([]);
    environment.advance(500);
    await until(() => troubles.length > 0);
    environment.advance(SOON.maxMs);
    newScheduler(bus.url, { add });
    expect(await producer.request({ task: 'add', args: [1, 2] }).result()).toBe(3);
  });
});
