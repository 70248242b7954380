import { afterEach, describe, expect, test } from 'vitest';
import { taskContext } from '../../src/index.js';
import { cleanUp, newBus, newProducer, newScheduler } from './bus-kit.js';
import { Gate } from '../support/gate.js';
import { until } from './wire.js';

afterEach(cleanUp);

describe('a scheduler that preempts', () => {
  test('lets a more urgent job run at once, and starts the other again, which its producer hears', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const client = newScheduler(bus.url, { add: () => 0 }, { slots: 1, preempt: true });
    const events: string[] = [];
    const long = producer.request({ runtime: 600, priority: 9 }, ({ event }) => events.push(event));
    await until(() => events.includes('started'));
    expect(await producer.request({ runtime: 0.001, priority: 0 }).outcome()).toMatchObject({ status: 'done' });
    await until(() => events.length === 5);
    expect(events).toEqual(['queued', 'accepted', 'started', 'evicted', 'started']);
    expect([long.isSettled, client.running]).toEqual([false, 1]);
  });

  test('lets a more urgent job run at once also where its backlog is full of others', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const client = newScheduler(bus.url, { add: () => 0 }, { slots: 1, backlog: 2, preempt: true });
    for (let n = 0; n < 5; n += 1) producer.request({ runtime: 600, priority: 9 });
    await until(() => client.running === 3 && bus.counts.jobs === 5);
    for (const priority of [0, 0, 5]) {
      expect(await producer.request({ runtime: 0.001, priority }).outcome()).toMatchObject({ status: 'done' });
    }
    expect([client.running, bus.counts.waiting]).toEqual([3, 2]);
  });

  test('lets no job make room for one that is not more urgent', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const opened = new Gate();
    const tasks = { first: () => opened.promise, next: () => 'next' };
    const client = newScheduler(bus.url, tasks, { slots: 1, preempt: true });
    const events: string[] = [];
    const first = producer.request({ task: 'first', priority: 3 }, ({ event }) => events.push(event));
    await until(() => events.includes('started'));
    const next = producer.request({ task: 'next', priority: 3 });
    await until(() => client.running === 2);
    opened.open();
    expect([(await first.outcome()).status, await next.result()]).toEqual(['done', 'next']);
    expect(events).toEqual(['queued', 'accepted', 'started', 'done']);
  });

  test('that drops what it evicts tells the producer so, as the end of the job', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    newScheduler(bus.url, { add: () => 0 }, { slots: 1, preempt: true, onEvict: 'drop' });
    let isStarted = false;
    const long = producer.request({ runtime: 600, priority: 9 }, ({ event }) => {
      isStarted ||= event === 'started';
    });
    await until(() => isStarted);
    await producer.request({ runtime: 0.001, priority: 0 }).result();
    expect(await long.outcome()).toEqual({ status: 'evicted' });
    await expect(long.result()).rejects.toMatchObject({ code: 'JobFailed' });
    expect(bus.counts.jobs).toBe(0);
  });

  test('delivers each partial result of an evicted job once, in order', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    async function* slowly(): AsyncGenerator<number> {
      const { signal, attempt } = taskContext();
      for (let n = 0; n < 4; n += 1) {
        yield n;
        if (attempt === 1 && n === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }
    }
    newScheduler(bus.url, { slowly }, { slots: 1, preempt: true });
    const heard: string[] = [];
    const job = producer.request({ task: 'slowly', priority: 9 }, (feedback) => {
      heard.push(feedback.event === 'partial' ? `${feedback.index}=${String(feedback.value)}` : feedback.event);
    });
    await until(() => heard.includes('1=1'));
    await producer.request({ runtime: 0.001, priority: 0 }).result();
    expect(await job.outcome()).toMatchObject({ status: 'done' });
    expect(heard).toEqual('queued accepted started 0=0 1=1 evicted started 2=2 3=3 done'.split(' '));
  });
});
