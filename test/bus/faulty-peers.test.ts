/** Peers that vanish, fall silent, do not read or send too much. */
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanUp, newBus } from './bus-kit.js';
import { ManualEnvironment } from './manual-environment.js';
import { frameOf, rawScheduler, rawSocket, request, until, WirePeer } from './wire.js';

afterEach(cleanUp);

describe('peers that do not do their part', () => {
  test('one that does not register is let go', async () => {
    const bus = await newBus();
    const peer = await WirePeer.open(bus.url);
    expect(await peer.next({ cmd: 'error' })).toMatchObject({ code: 'not-registered' });
    expect(await peer.closed).toMatchObject({ code: 1008 });
  });

  test('one that vanishes in the midst of a frame loses its job to another', async () => {
    const bus = await newBus();
    const producer = await WirePeer.producer(bus.url);
    const raw = await rawScheduler(bus, 1);
    producer.send(request('a'));
    const { job } = await producer.next({ event: 'queued' });
    raw.write(frameOf({ cmd: 'accept', job, attempt: 1 }));
    await producer.next({ event: 'accepted' });
    const second = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    const half = frameOf({ cmd: 'done', job, attempt: 1, partials: 0, value: 'x'.repeat(500) });
    raw.write(half.subarray(0, 200), () => raw.destroy());
    expect(await second.next({ cmd: 'offer' })).toMatchObject({ job, attempt: 2 });
    expect(await producer.next({ event: 'requeued' })).toMatchObject({ reason: 'scheduler-lost' });
    expect(bus.counts).toMatchObject({ schedulers: 1, jobs: 1 });
  });

  test('one that is there but answers no ping is taken for lost', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, heartbeatMs: 1000, patienceMs: 1e9 });
    const producer = await WirePeer.producer(bus.url);
    // It says nothing, but answers the pings.
    await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['other'] });
    // It reads and keeps its connection open, and never answers a ping.
    const raw = await rawScheduler(bus, 1, (socket) => socket.on('data', () => undefined));
    producer.send(request('a'));
    const { job } = await producer.next({ event: 'queued' });
    raw.write(frameOf({ cmd: 'accept', job, attempt: 1 }));
    await producer.next({ event: 'accepted' });
    for (const beat of [1, 2]) {
      environment.advance(1000);
      // Pings and answers have come to where they go when both of these have been there and back.
      for (const ref of [`${beat} there`, `${beat} back`]) {
        producer.send(request(ref));
        await producer.next({ event: 'queued', ref });
      }
      expect(bus.counts.schedulers).toBe(2);
    }
    environment.advance(1000);
    expect(await producer.next({ event: 'requeued' })).toMatchObject({ job, reason: 'scheduler-lost' });
    expect(bus.counts).toMatchObject({ peers: 2, schedulers: 1 });
  });

  test('one that does not answer an offer is asked no more', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, offerMs: 1000 });
    const producer = await WirePeer.producer(bus.url);
    const silent = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    const other = await WirePeer.scheduler(bus.url, { slots: 0, tasks: ['add'] });
    producer.send(request('a'));
    const { job } = await silent.next({ cmd: 'offer' });
    environment.advance(1000);
    expect(await silent.closed).toMatchObject({ code: 1013, reason: 'offer-timeout' });
    other.send({ cmd: 'capacity', slots: 1, backlog: 0 });
    expect(await other.next({ cmd: 'offer' })).toMatchObject({ job, attempt: 2 });
    other.send({ cmd: 'accept', job, attempt: 2 });
    await producer.next({ event: 'accepted' });
    // Once it has accepted, it may take as long as it likes; the heartbeat says whether it is there.
    other.socket.ping();
    producer.socket.ping();
    await Promise.all([once(other.socket, 'pong'), once(producer.socket, 'pong')]);
    environment.advance(2000);
    other.send({ cmd: 'done', job, attempt: 2, partials: 0 });
    await producer.next({ event: 'done' });
  });

  test('one that answers another attempt than it was offered has not answered', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, offerMs: 1000 });
    const producer = await WirePeer.producer(bus.url);
    const confused = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('a'));
    const { job } = await confused.next({ cmd: 'offer' });
    confused.send({ cmd: 'accept', job, attempt: 99 });
    await confused.next({ cmd: 'withdraw', attempt: 99 });
    environment.advance(1000);
    expect(await confused.closed).toMatchObject({ code: 1013, reason: 'offer-timeout' });
  });

  test('one that sends too much at once is read more slowly, and everything it sent is taken', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({
      environment,
      messagesPerSecond: 100,
      messageBurst: 10,
      heartbeatMs: 8e8,
      patienceMs: 1e9,
    });
    const flood = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer' });
    const bystander = await WirePeer.producer(bus.url);
    const total = 20_000;
    for (let n = 0; n < total; n += 1) flood.send({ cmd: 'job_request', payload: { priority: 1, runtime: n } });
    await until(() => bus.counts.jobs > 0);
    // Another peer's question is answered after all that was read of the flood before it.
    for (let n = 0; n < 5; n += 1) {
      bystander.send(request(`${n}`));
      await bystander.next({ event: 'queued', ref: `${n}` });
    }
    expect(bus.counts.jobs).toBeLessThan(total / 2);
    while (bus.counts.jobs + bus.counts.rejected < total + 5) {
      environment.advance(60_000);
      await new Promise(setImmediate);
    }
    expect(bus.counts.jobs).toBeGreaterThan(9000);
    expect(bus.counts.jobs + bus.counts.rejected).toBe(total + 5);
  });

  test('one that sends many messages in one piece takes turns with others', async () => {
    const bus = await newBus();
    const bystander = await WirePeer.producer(bus.url);
    const flood = await rawSocket(bus);
    flood.write(frameOf({ cmd: 'register', type: 'producer', pad: 'x'.repeat(200) }));
    const frame = frameOf({ cmd: 'job_request', payload: { priority: 1, runtime: 1 }, pad: 'x'.repeat(100) });
    const total = 300;
    flood.write(Buffer.concat(Array.from({ length: total }, () => frame)));
    await until(() => bus.counts.jobs > 0);
    bystander.send(request('a'));
    await bystander.next({ event: 'queued', ref: 'a' });
    expect(bus.counts.jobs).toBeLessThan(total);
  });

  test('one that sends too many bytes is read more slowly, and everything it sent is taken', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, bytesPerSecond: 100_000, heartbeatMs: 8e8 });
    const flood = await WirePeer.producer(bus.url);
    const total = 200;
    for (let n = 0; n < total; n += 1) flood.send(request(`${n}`, { task: 'add', args: ['x'.repeat(50_000)] }));
    await until(() => bus.counts.jobs >= 4);
    const bystander = await WirePeer.producer(bus.url);
    for (let n = 0; n < 5; n += 1) {
      bystander.send(request(`${n}`));
      await bystander.next({ event: 'queued', ref: `${n}` });
    }
    expect(bus.counts.jobs).toBeLessThan(total / 2);
    while (bus.counts.jobs < total + 5) {
      environment.advance(1000);
      await new Promise(setImmediate);
    }
  });

  test('one that sends nothing but pings is read more slowly too', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, messagesPerSecond: 10, messageBurst: 10, heartbeatMs: 8e8 });
    const flood = await WirePeer.producer(bus.url);
    let pongs = 0;
    flood.socket.on('pong', () => {
      pongs += 1;
    });
    const total = 20_000;
    for (let n = 0; n < total; n += 1) flood.socket.ping('x'.repeat(100));
    await until(() => pongs > 10);
    const bystander = await WirePeer.producer(bus.url);
    for (let n = 0; n < 5; n += 1) {
      bystander.send(request(`${n}`));
      await bystander.next({ event: 'queued', ref: `${n}` });
    }
    expect(pongs).toBeLessThan(total / 2);
  });

  test('a scheduler that does not read is offered no more than gets through, and what it was offered goes to another', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, offerMs: 1000, maxBufferedBytes: 200_000 });
    const producer = await WirePeer.producer(bus.url);
    await rawScheduler(bus, 5000, (socket) => socket.pause());
    for (let n = 0; n < 10; n += 1) {
      producer.send(request(`${n}`, { task: 'add', args: ['x'.repeat(50_000)] }));
      await producer.next({ event: 'queued', ref: `${n}` });
    }
    expect(bus.counts).toMatchObject({ jobs: 10, waiting: 8 });
    environment.advance(1000);
    await until(() => bus.counts.schedulers === 0);
    const reader = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    expect(await reader.next({ cmd: 'offer' })).toMatchObject({ attempt: 2 });
  });

  test('a producer that does not read is closed before much piles up', async () => {
    const bus = await newBus({ maxBufferedBytes: 200_000 });
    const scheduler = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    const raw = await rawSocket(bus);
    raw.pause();
    raw.write(frameOf({ cmd: 'register', type: 'producer', version: 2, token: 'x'.repeat(200) }));
    raw.write(frameOf(request('a', { task: 'add', args: ['x'.repeat(200)] })));
    const { job } = await scheduler.next({ cmd: 'offer' });
    for (const cmd of ['accept', 'started']) scheduler.send({ cmd, job, attempt: 1 });
    const value = 'x'.repeat(50_000);
    let sent = 0;
    await until(() => {
      if (bus.counts.peers > 1) scheduler.send({ cmd: 'partial', job, attempt: 1, index: sent++, value });
      return bus.counts.peers === 1;
    });
    scheduler.send({ cmd: 'done', job, attempt: 1, partials: sent, value: null });
    await until(() => bus.counts.jobs === 0);
    expect(bus.counts).toMatchObject({ peers: 1, schedulers: 1, stale: 0 });
  });
});
