import { afterEach, describe, expect, test } from 'vitest';
import { cleanUp, newBus } from './bus-kit.js';
import { ManualEnvironment } from './manual-environment.js';
import { until, WirePeer } from './wire.js';

afterEach(cleanUp);

const request = (ref: string, payload: object) => ({ cmd: 'job_request', ref, payload });
const add = { task: 'add', args: [1, { b: [2] }] };

describe('peers of version 2', () => {
  test('a producer hears of every step of its job, in order and numbered', async () => {
    const bus = await newBus();
    const producer = await WirePeer.producer(bus.url);
    const scheduler = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('mine', { ...add, priority: 2, timeoutMs: 500 }));
    const { job, attempt, payload } = await scheduler.next({ cmd: 'offer' });
    expect(payload).toEqual({ ...add, priority: 2, timeoutMs: 500 });
    const of = { job, attempt };
    scheduler.send({ cmd: 'accept', ...of });
    scheduler.send({ cmd: 'started', ...of });
    scheduler.send({ cmd: 'evicted', ...of, final: false });
    scheduler.send({ cmd: 'started', ...of });
    scheduler.send({ cmd: 'partial', ...of, index: 0, value: { half: true } });
    scheduler.send({ cmd: 'done', ...of, partials: 1, value: [3] });
    await until(() => producer.frames.length === 7);
    expect(producer.frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(producer.frames.map(({ event }) => event)).toEqual([
      'queued',
      'accepted',
      'started',
      'evicted',
      'started',
      'partial',
      'done',
    ]);
    expect(producer.frames.every((frame) => frame['ref'] === 'mine' && frame['job'] === job)).toBe(true);
    expect(producer.frames.at(-1)).toMatchObject({ value: [3], partials: 1 });
    expect(bus.counts).toMatchObject({ jobs: 0, bytes: 0 });
  });

  test('a job waits for a scheduler that runs its task, and passes by one that does not', async () => {
    const bus = await newBus();
    const producer = await WirePeer.producer(bus.url);
    const other = await WirePeer.scheduler(bus.url, { slots: 5, tasks: ['other'] });
    producer.send(request('a', add));
    await producer.next({ event: 'queued' });
    const able = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    await able.next({ cmd: 'offer' });
    expect(other.frames).toEqual([]);
  });

  test('a producer is told when there is no room for its job', async () => {
    const bus = await newBus({ maxJobs: 1 });
    const producer = await WirePeer.producer(bus.url);
    producer.send(request('first', add));
    producer.send(request('second', add));
    expect(await producer.next({ event: 'rejected' })).toMatchObject({ ref: 'second', reason: 'full' });
  });

  test('a late result of a scheduler that was given up is not delivered', async () => {
    const bus = await newBus({ offerMs: 60_000 });
    const producer = await WirePeer.producer(bus.url);
    const first = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('a', add));
    const { job } = await first.next({ cmd: 'offer' });
    first.send({ cmd: 'accept', job, attempt: 1 });
    first.send({ cmd: 'decline', job, attempt: 1 });
    await producer.next({ event: 'requeued', reason: 'handed-back' });
    const second = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    await second.next({ cmd: 'offer', attempt: 2 });
    second.send({ cmd: 'accept', job, attempt: 2 });
    first.send({ cmd: 'partial', job, attempt: 1, index: 0, value: 'late' });
    expect(await first.next({ cmd: 'withdraw' })).toMatchObject({ job, attempt: 1 });
    first.send({ cmd: 'done', job, attempt: 1, partials: 1, value: 'late' });
    // Somebody else's attempt, said with the right number.
    first.send({ cmd: 'done', job, attempt: 2, partials: 0, value: 'stolen' });
    await until(() => bus.counts.stale === 3);
    second.send({ cmd: 'done', job, attempt: 2, partials: 0, value: 'right' });
    expect(await producer.next({ event: 'done' })).toMatchObject({ value: 'right', attempt: 2 });
    expect(producer.frames.filter(({ event }) => event === 'partial' || event === 'done')).toEqual([]);
  });

  test('a cancelled job is withdrawn from its scheduler', async () => {
    const bus = await newBus();
    const producer = await WirePeer.producer(bus.url);
    const scheduler = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('a', add));
    const { job } = await scheduler.next({ cmd: 'offer' });
    scheduler.send({ cmd: 'accept', job, attempt: 1 });
    producer.send({ cmd: 'cancel', job });
    expect(await scheduler.next({ cmd: 'withdraw' })).toMatchObject({ job, attempt: 1 });
    await producer.next({ event: 'cancelled' });
  });
});

describe('a producer that does not come back', () => {
  test('leaves no jobs behind that wait for a task which nobody runs', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, sessionMs: 1000 });
    const producer = await WirePeer.producer(bus.url);
    for (const ref of ['a', 'b']) producer.send(request(ref, { task: 'misspelt' }));
    await producer.next({ event: 'queued', ref: 'b' });
    producer.socket.terminate();
    await until(() => bus.counts.peers === 0);
    expect(bus.counts).toMatchObject({ jobs: 2, waiting: 2, sessions: 1 });
    environment.advance(1000);
    expect(bus.counts).toMatchObject({ jobs: 0, waiting: 0, sessions: 0 });
  });
});

describe('a producer that comes back', () => {
  test('with its session gets what it missed, and the feedback of its job goes on', async () => {
    const bus = await newBus();
    const producer = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer', version: 2 });
    const { id: session } = await producer.next({ cmd: 'registered' });
    const scheduler = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('a', add));
    const { job } = await scheduler.next({ cmd: 'offer' });
    const { seq } = await producer.next({ event: 'queued' });
    producer.socket.terminate();
    await until(() => bus.counts.peers === 1);
    scheduler.send({ cmd: 'accept', job, attempt: 1 });
    scheduler.send({ cmd: 'started', job, attempt: 1 });
    // The answer to a stale report says that the bus has read everything before it.
    scheduler.send({ cmd: 'accept', job: 'nobody', attempt: 1 });
    await scheduler.next({ cmd: 'withdraw' });
    const again = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer', version: 2, session, seen: seq });
    expect(await again.next({ cmd: 'synced' })).toMatchObject({ lost: 0 });
    expect(again.frames.map(({ cmd, event, id }) => event ?? [cmd, id])).toEqual([
      ['registered', session],
      'accepted',
      'started',
    ]);
    scheduler.send({ cmd: 'done', job, attempt: 1, partials: 0, value: 3 });
    expect(await again.next({ event: 'done' })).toMatchObject({ ref: 'a', value: 3 });
  });

  test('is told how much could not be kept, and which of its jobs are open', async () => {
    const bus = await newBus({ maxFeedback: 2 });
    const producer = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer', version: 2 });
    const { id: session } = await producer.next({ cmd: 'registered' });
    for (const ref of ['a', 'b', 'c']) producer.send(request(ref, add));
    await producer.next({ event: 'queued', ref: 'c' });
    const again = await WirePeer.open(bus.url, { cmd: 'register', type: 'producer', version: 2, session, seen: 0 });
    expect(await again.next({ cmd: 'synced' })).toEqual({ cmd: 'synced', lost: 1, open: ['a', 'b', 'c'] });
    expect(again.frames.slice(1).map(({ ref }) => ref)).toEqual(['b', 'c']);
    // Two connections cannot both be the session's.
    expect(await producer.closed).toMatchObject({ code: 4001 });
  });

  test('begins anew when its session is not known, whatever it calls it', async () => {
    const bus = await newBus();
    for (const session of ['made-up', '__proto__', 'constructor']) {
      const producer = await WirePeer.open(bus.url, {
        cmd: 'register',
        type: 'producer',
        version: 2,
        session,
        seen: 7,
      });
      const { id } = await producer.next({ cmd: 'registered' });
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      producer.send(request('a', add));
      expect(await producer.next({ event: 'queued' })).toMatchObject({ seq: 1 });
    }
  });
});
