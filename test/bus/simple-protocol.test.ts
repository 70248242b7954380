import { afterEach, describe, expect, test } from 'vitest';
import { connectScheduler } from '../../src/bus/index.js';
import { Scheduler } from '../../src/index.js';
import { atEnd, cleanUp, newBus } from './bus-kit.js';
import { until, WirePeer } from './wire.js';

afterEach(cleanUp);

const asProducer = { cmd: 'register', type: 'producer' };
const asScheduler = { cmd: 'register', type: 'scheduler' };
const job = (priority: number, runtime: number) => ({ cmd: 'job_request', payload: { priority, runtime } });

describe('clients of the simple protocol', () => {
  test('a scheduler receives just the payload, as JSON, and a producer nothing', async () => {
    const bus = await newBus();
    const scheduler = await WirePeer.open(bus.url, asScheduler);
    const producer = await WirePeer.open(bus.url, asProducer);
    producer.send(job(3, 1.5));
    await until(() => scheduler.frames.length > 0);
    expect(scheduler.frames).toEqual([{ priority: 3, runtime: 1.5 }]);
    expect(producer.frames).toEqual([]);
  });

  test('each job goes to one scheduler, dealt out evenly', async () => {
    const bus = await newBus();
    const schedulers = await Promise.all([1, 2, 3].map(() => WirePeer.open(bus.url, asScheduler)));
    await until(() => bus.counts.schedulers === 3);
    const producer = await WirePeer.open(bus.url, asProducer);
    for (let runtime = 0; runtime < 9; runtime += 1) producer.send(job(0, runtime));
    await until(() => schedulers.reduce((sum, { frames }) => sum + frames.length, 0) === 9);
    expect(schedulers.map(({ frames }) => frames.length)).toEqual([3, 3, 3]);
    const runtimes = schedulers.flatMap(({ frames }) => frames.map(({ runtime }) => Number(runtime)));
    expect(runtimes.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('with broadcast queues of one scheduler each run every job', async () => {
    const bus = await newBus({ broadcast: true });
    const scheduler = new Scheduler();
    atEnd(() => scheduler.terminate());
    const done: string[] = [];
    scheduler.on('task', ({ queue, state }) => {
      if (state === 'done') done.push(queue);
    });
    scheduler.start();
    for (const queue of ['a', 'b']) {
      const client = connectScheduler({ url: bus.url, scheduler, queue, slots: 1 });
      atEnd(() => client.close());
      await client.ready();
    }
    const producer = await WirePeer.open(bus.url, asProducer);
    producer.send(job(0, 0));
    await until(() => done.length === 2);
    expect(done.toSorted()).toEqual(['a', 'b']);
  });

  test('with broadcast every scheduler gets every job, and nothing is kept', async () => {
    const bus = await newBus({ broadcast: true });
    const producer = await WirePeer.open(bus.url, asProducer);
    producer.send(job(0, 99));
    await until(() => bus.counts.broadcasts === 1);
    const [first, second] = await Promise.all([
      WirePeer.open(bus.url, asScheduler),
      WirePeer.open(bus.url, asScheduler),
    ]);
    const third = await WirePeer.scheduler(bus.url, { slots: 1 });
    await until(() => bus.counts.schedulers === 3);
    producer.send(job(1, 2));
    await until(() => first.frames.length + second.frames.length + third.frames.length === 3);
    expect([first.frames, second.frames]).toEqual([[{ priority: 1, runtime: 2 }], [{ priority: 1, runtime: 2 }]]);
    expect(third.frames).toEqual([{ cmd: 'broadcast', payload: { priority: 1, runtime: 2 } }]);
    expect(bus.counts.jobs).toBe(0);
  });

  test('jobs are kept while no scheduler is there, the most urgent first, up to the bound', async () => {
    const bus = await newBus({ maxJobs: 4 });
    const producer = await WirePeer.open(bus.url, asProducer);
    for (const priority of [5, 1, 9, 0]) producer.send(job(priority, 1));
    await until(() => bus.counts.rejected === 1);
    const scheduler = await WirePeer.open(bus.url, asScheduler);
    await until(() => scheduler.frames.length === 3);
    expect(scheduler.frames.map(({ priority }) => priority)).toEqual([1, 5, 9]);
  });

  test('a job of theirs is done by a scheduler of version 2, and by another when that one is lost', async () => {
    const bus = await newBus();
    const first = await WirePeer.scheduler(bus.url, { slots: 1 });
    const producer = await WirePeer.open(bus.url, asProducer);
    producer.send(job(2, 3));
    const offer = await first.next({ cmd: 'offer' });
    expect(offer).toMatchObject({ attempt: 1, payload: { priority: 2, runtime: 3 } });
    first.send({ cmd: 'accept', job: offer['job'], attempt: 1 });
    const second = await WirePeer.scheduler(bus.url, { slots: 1 });
    first.socket.terminate();
    expect(await second.next({ cmd: 'offer', attempt: 2 })).toMatchObject({
      job: offer['job'],
      payload: { priority: 2, runtime: 3 },
    });
  });
});
