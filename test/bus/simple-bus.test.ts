/** Our clients at a bus that knows the simple protocol only. */
import { afterEach, describe, expect, test } from 'vitest';
import { ANSWER_MS } from '../../src/bus/client/connection.js';
import { cleanUp, newBus, newProducer, newProxy, newScheduler } from './bus-kit.js';
import { ManualEnvironment } from './manual-environment.js';
import { simpleBus } from './simple-bus.js';
import { refusalOf } from '../support/refusal.js';
import { until, WirePeer } from './wire.js';

afterEach(cleanUp);

/** Lets time pass for the clients that wait for an answer. */
async function passTime(environment: ManualEnvironment): Promise<void> {
  await until(() => environment.timers > 0);
  environment.advance(2 * ANSWER_MS);
}

describe('at a bus of the simple protocol', () => {
  test('a scheduler runs what a producer of either kind asks for', async () => {
    const bus = await simpleBus();
    const environment = new ManualEnvironment();
    const client = newScheduler(bus.url, {}, { slots: 1, timed: true, environment, tasks: { add: () => 0 } });
    await until(() => bus.schedulers.size === 1);
    const foreign = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer' });
    foreign.send({ cmd: 'job_request', payload: { priority: 1, runtime: 7 } });
    await client.ready();
    const own = newProducer(bus.url, { simple: true });
    expect(await own.request({ runtime: 9 }).outcome()).toEqual({ status: 'handed-over' });
    await until(() => client.running === 2);
    expect(bus.requests).toEqual([
      { priority: 1, runtime: 7 },
      { priority: 5, runtime: 9 },
    ]);
    // Nobody else would run what it has, so it ends that even without the bus, and even when it drains.
    bus.cut();
    await until(() => bus.schedulers.size === 0);
    expect(client.running).toBe(2);
    const drained = client.drain();
    await until(() => {
      environment.advance(1000);
      return client.running === 0;
    });
    await drained;
  });

  test('a scheduler is ready though it hears nothing', async () => {
    const bus = await simpleBus();
    const environment = new ManualEnvironment();
    const client = newScheduler(bus.url, { add: () => 0 }, { environment });
    await until(() => bus.schedulers.size === 1);
    await passTime(environment);
    await client.ready();
    expect([bus.schedulers.size, client.version]).toEqual([1, 1]);
  });

  test('a producer of version 2 is told what to do', async () => {
    const bus = await simpleBus();
    const environment = new ManualEnvironment();
    const troubles: string[] = [];
    const producer = newProducer(bus.url, { environment, onTrouble: (message) => troubles.push(message) });
    const job = producer.request({ runtime: 1 });
    await passTime(environment);
    await until(() => troubles.length > 0);
    expect(troubles[0]).toContain('option simple');
    expect(job.isSettled).toBe(false);
  });

  test('a job that calls a task is refused at once', async () => {
    const bus = await simpleBus();
    const producer = newProducer(bus.url, { simple: true });
    expect(refusalOf(() => producer.request({ task: 'add' }))).toMatchObject({
      code: 'InvalidArgument',
      message: 'the simple protocol has no tasks: a job must have a runtime',
    });
    await producer.ready();
  });
});

describe('a simple producer', () => {
  test('is served by a bus of version 2, and told when its token is wrong', async () => {
    const bus = await newBus({ token: 'secret' });
    const producer = newProducer(bus.url, { simple: true, token: 'secret' });
    await producer.request({ runtime: 3 }).outcome();
    await until(() => bus.counts.jobs === 1);
    const stranger = newProducer(bus.url, { simple: true, token: 'wrong' });
    expect(await stranger.ended()).toMatchObject({ code: 'BusUnavailable' });
  });
});

describe('a bus of the simple protocol that falls silent', () => {
  test('is lost to a scheduler when it answers no ping', async () => {
    const bus = await simpleBus();
    const proxy = await newProxy(bus.url);
    const environment = new ManualEnvironment();
    const troubles: string[] = [];
    const client = newScheduler(
      proxy.url,
      {},
      { tasks: { add: () => 0 }, environment, onTrouble: (why) => troubles.push(why) },
    );
    await until(() => bus.schedulers.size === 1);
    await passTime(environment);
    await client.ready();
    // As long as pings are answered, it is there.
    const [bound] = bus.schedulers;
    let pings = 0;
    bound?.on('ping', () => {
      pings += 1;
    });
    for (let n = 1; n <= 4; n += 1) {
      environment.advance(15_000);
      await until(() => pings === n);
    }
    expect(troubles).toEqual([]);
    proxy.freeze();
    for (let n = 0; n < 5; n += 1) environment.advance(15_000);
    await until(() => troubles.length > 0);
  });
});
