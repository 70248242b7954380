/** Jobs in the hands of others: what the bus does about schedulers that do not end or start them, and producers that are gone. */
import { afterEach, describe, expect, test } from 'vitest';
import { JobLedger } from '../../src/bus/server/job-ledger.js';
import { keptPayload, memoryOf, offerText } from '../../src/bus/server/kept-payload.js';
import type { TaskPayload } from '../../src/bus/protocol/payload.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { cleanUp, newBus, newProducer } from './bus-kit.js';
import { ManualEnvironment } from './manual-environment.js';
import { request, until, WirePeer } from './wire.js';

afterEach(cleanUp);

describe('a scheduler that accepts everything and does nothing', () => {
  test('has jobs with a timeout taken from it when that has passed', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment });
    const producer = await WirePeer.producer(bus.url);
    const liar = await WirePeer.scheduler(bus.url, { slots: 10_000, backlog: 100_000, tasks: ['add'] });
    producer.send(request('a', { task: 'add', timeoutMs: 500 }));
    const { job } = await liar.next({ cmd: 'offer' });
    for (const cmd of ['accept', 'started']) liar.send({ cmd, job, attempt: 1 });
    await producer.next({ event: 'started' });
    environment.advance(1499);
    expect(bus.counts.jobs).toBe(1);
    environment.advance(1);
    expect(await producer.next({ event: 'failed' })).toMatchObject({ reason: 'timed-out', job });
    expect(await liar.next({ cmd: 'withdraw' })).toMatchObject({ job, attempt: 1 });
    expect(bus.counts.jobs).toBe(0);
  });

  test('loses jobs that it does not start to one that is idle', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, offerMs: 1000 });
    const producer = await WirePeer.producer(bus.url);
    const liar = await WirePeer.scheduler(bus.url, { slots: 10_000, tasks: ['add'] });
    const honest = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('a'));
    const { job } = await liar.next({ cmd: 'offer' });
    liar.send({ cmd: 'accept', job, attempt: 1 });
    await producer.next({ event: 'accepted' });
    environment.advance(1000);
    expect(await honest.next({ cmd: 'offer' })).toMatchObject({ job, attempt: 2 });
    expect(await producer.next({ event: 'requeued' })).toMatchObject({ reason: 'not-started', attempt: 1 });
    // The next job goes to the honest one at once, full as it is of claimed slots the other.
    honest.send({ cmd: 'accept', job, attempt: 2 });
    honest.send({ cmd: 'capacity', slots: 2, backlog: 0 });
    await producer.next({ event: 'accepted', attempt: 2 });
    producer.send(request('b'));
    expect(await honest.next({ cmd: 'offer' })).toMatchObject({ attempt: 1 });
  });
});

describe('a producer of the simple protocol', () => {
  test('that is gone leaves its jobs waiting for a while and no longer', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, sessionMs: 1000 });
    const producer = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer' });
    for (let n = 0; n < 3; n += 1) producer.send({ cmd: 'job_request', payload: { priority: 1, runtime: 1 } });
    await until(() => bus.counts.waiting === 3);
    producer.socket.terminate();
    await until(() => bus.counts.peers === 0);
    environment.advance(999);
    expect(bus.counts.waiting).toBe(3);
    // As long as somebody works them off, they stay.
    const busy = await WirePeer.scheduler(bus.url, { slots: 1 });
    const { job } = await busy.next({ cmd: 'offer' });
    busy.send({ cmd: 'accept', job, attempt: 1 });
    busy.send({ cmd: 'done', job, attempt: 1, partials: 0 });
    await busy.next({ cmd: 'offer' });
    environment.advance(1);
    expect(bus.counts).toMatchObject({ jobs: 2, waiting: 1 });
    busy.socket.terminate();
    await until(() => bus.counts.peers === 0);
    environment.advance(999);
    expect(bus.counts.waiting).toBe(2);
    environment.advance(1);
    expect(bus.counts).toMatchObject({ jobs: 0, waiting: 0, bytes: 0 });
  });

  test('cannot fill the bus so that others find no room', async () => {
    const bus = await newBus({ maxJobs: 20 });
    const simple = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer' });
    for (let n = 0; n < 50; n += 1) simple.send({ cmd: 'job_request', payload: { priority: 1, runtime: 1 } });
    await until(() => bus.counts.jobs + bus.counts.rejected === 50);
    const producer = await WirePeer.producer(bus.url);
    producer.send(request('a'));
    expect(await producer.next({ ref: 'a' })).toMatchObject({ event: 'queued' });
  });
});

describe('a producer of version 2', () => {
  test('hears how many schedulers run its job, and that a simple one got it', async () => {
    const bus = await newBus();
    const simple = await WirePeer.open(bus.url, { cmd: 'register', type: 'scheduler' });
    await until(() => bus.counts.schedulers === 1);
    const producer = newProducer(bus.url);
    const counts: number[] = [];
    const timed = producer.request({ runtime: 1.5, priority: 2, timeoutMs: 9000 }, (feedback) => {
      if (feedback.event === 'queued') counts.push(feedback.schedulers);
    });
    expect(await timed.outcome()).toEqual({ status: 'handed-over' });
    await expect(timed.result()).rejects.toMatchObject({ code: 'JobFailed' });
    await until(() => simple.frames.length === 1);
    expect(simple.frames).toEqual([{ priority: 2, runtime: 1.5 }]);
    const other = producer.request({ task: 'add' }, (feedback) => {
      if (feedback.event === 'queued') counts.push(feedback.schedulers);
    });
    await until(() => other.id !== undefined);
    expect(counts).toEqual([1, 0]);
  });
});

describe('the memory of jobs', () => {
  const payloadOf = (args: unknown[]): TaskPayload => ({ task: 't', priority: 5, args });

  test('is counted by the size of their texts as strings', () => {
    const sizeOf = (args: unknown[]) => memoryOf(keptPayload(payloadOf(args)), '') - 1024 - 2;
    expect([sizeOf(['x'.repeat(10)]), sizeOf(['ж'.repeat(10)]), sizeOf([])]).toEqual([14, 28, 2]);
  });

  test('is not that of their values, which may be far larger than their texts', async () => {
    const ledger = new JobLedger({ maxJobs: 1000, maxBytes: 1e9, maxLosses: 1, maxOffered: 1, startMs: 1 }, 'x');
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 200; n += 1) {
      const payload = keptPayload(payloadOf(JSON.parse(`[${Array(20_000).fill('{}').join()}]`) as unknown[]));
      ledger.request({ producer: 'p', isHeard: true, ref: '', kind: 't', payload, bytes: memoryOf(payload, '') });
    }
    await collectGarbage();
    const taken = process.memoryUsage().heapUsed - before;
    expect(ledger.counts.jobs).toBe(200);
    expect(taken).toBeLessThan(1.5 * ledger.counts.bytes);
  });

  test('does not change what is offered', () => {
    const args = [{ ['__proto__']: 1 }, '"}]', [], null, 1e21];
    const parsed: unknown = JSON.parse(offerText('j', 3, keptPayload({ ...payloadOf(args), timeoutMs: 5 })));
    expect(parsed).toEqual({ cmd: 'offer', job: 'j', attempt: 3, payload: { ...payloadOf(args), timeoutMs: 5 } });
  });
});
