import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { type BusOptions, startBus } from '../../src/bus/index.js';
import { atEnd, cleanUp, newBus, newProducer, newScheduler } from './bus-kit.js';
import { rawSocket, request, until, WirePeer } from './wire.js';

afterEach(cleanUp);

const producerTwo = { cmd: 'register', type: 'producer', version: 2 };

describe('what is not of the protocol is answered with an error and closes that peer only', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  test.each([
    ['malformed JSON', '{"cmd":', 'not JSON'],
    ['an array', '[1,2]', 'cmd is missing'],
    ['null', 'null', 'not a message of the protocol'],
    ['an unknown command', '{"cmd":"shutdown"}', 'cmd is wrong'],
    ['a command that is a key of every object', '{"cmd":"constructor"}', 'cmd is wrong'],
    ['a missing field', '{"cmd":"job_request"}', 'payload is missing'],
    [
      'a priority out of range',
      '{"cmd":"job_request","payload":{"task":"a","priority":11}}',
      'payload.priority must be 0 to 10',
    ],
    ['a field too many', '{"cmd":"cancel","job":"x","force":true}', 'force is wrong'],
    ['a prototype as a field', '{"cmd":"cancel","job":"x","__proto__":{"admin":true}}', '__proto__ is wrong'],
    ['a deep value', `{"cmd":"job_request","payload":{"task":"a","args":[${deep}]}}`, 'nested deeper than 64 levels'],
  ])('%s', async (_, text, fault) => {
    const bus = await newBus();
    const bystander = await WirePeer.producer(bus.url);
    const peer = await WirePeer.producer(bus.url);
    peer.send(text);
    expect(await peer.next({ cmd: 'error' })).toEqual({ cmd: 'error', code: 'invalid-message', message: fault });
    expect(await peer.closed).toMatchObject({ code: 1008 });
    bystander.send(request('a'));
    await bystander.next({ event: 'queued' });
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  test.each([
    ['no register message', '{"cmd":"job_request","payload":{"priority":1,"runtime":1}}', 'cmd is wrong'],
    ['an unknown role', '{"cmd":"register","type":"admin"}', 'type is wrong'],
    ['an unknown version', '{"cmd":"register","type":"producer","version":3}', 'version is wrong'],
    ['a scheduler without slots', '{"cmd":"register","type":"scheduler","version":2}', 'slots is missing'],
    [
      'slots that are none',
      '{"cmd":"register","type":"scheduler","version":2,"slots":-1}',
      'slots must not be negative',
    ],
    [
      'more slots than any scheduler has',
      '{"cmd":"register","type":"scheduler","version":2,"slots":1e308}',
      'slots must be at most 10000',
    ],
    [
      'a backlog larger than any',
      '{"cmd":"register","type":"scheduler","version":2,"slots":1,"backlog":100001}',
      'backlog must be at most 100000',
    ],
  ])('%s at the beginning', async (_, text, fault) => {
    const bus = await newBus();
    const peer = await WirePeer.open(bus.url);
    peer.send(text);
    expect(await peer.next({ cmd: 'error' })).toMatchObject({ message: fault });
    expect(await peer.closed).toMatchObject({ code: 1008 });
  });

  test('a binary message', async () => {
    const bus = await newBus();
    const peer = await WirePeer.producer(bus.url);
    peer.socket.send(Buffer.from('{}'));
    expect(await peer.closed).toMatchObject({ code: 1003 });
  });

  test('a frame that is too long', async () => {
    const bus = await newBus({ maxFrameBytes: 4096 });
    const bystander = await WirePeer.producer(bus.url);
    const peer = await WirePeer.producer(bus.url);
    peer.send(request('a', { task: 'add', args: ['x'.repeat(4096)] }));
    expect(await peer.closed).toMatchObject({ code: 1009 });
    bystander.send(request('a'));
    await bystander.next({ event: 'queued' });
  });

  test('a report of a job that was not accepted', async () => {
    const bus = await newBus();
    const producer = await WirePeer.producer(bus.url);
    const hasty = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('a'));
    const { job } = await hasty.next({ cmd: 'offer' });
    hasty.send({ cmd: 'done', job, attempt: 1, partials: 0 });
    expect(await hasty.closed).toMatchObject({ code: 1008 });
    const other = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    expect(await other.next({ cmd: 'offer' })).toMatchObject({ job, attempt: 2 });
  });

  test('a word of a scheduler that may only listen', async () => {
    const bus = await newBus();
    const peer = await WirePeer.open(bus.url, { cmd: 'register', type: 'scheduler' });
    peer.send({ cmd: 'done', job: 'x' });
    expect(await peer.closed).toMatchObject({ code: 1008 });
    await until(() => bus.counts.schedulers === 0);
  });
});

describe('names that objects have of themselves', () => {
  test('are tasks and references like any other', async () => {
    const bus = await newBus();
    const producer = await WirePeer.producer(bus.url);
    const names = ['__proto__', 'constructor', 'toString'];
    for (const name of names)
      producer.send(request(name, { task: name, args: [{ ['__proto__']: 1, constructor: 2 }] }));
    for (const name of names) await producer.next({ event: 'queued', ref: name });
    const scheduler = await WirePeer.scheduler(bus.url, { slots: 3, tasks: names });
    const offered = () =>
      scheduler.frames.flatMap(({ payload }) => (payload as { task?: string } | undefined)?.task ?? []);
    await until(() => offered().length === 3);
    expect(offered()).toEqual(names);
  });
});

describe('who may connect', () => {
  const statusOf = async (url: string, headers: Record<string, string>): Promise<string> => {
    try {
      const peer = await WirePeer.open(url, producerTwo, headers);
      await peer.next({ cmd: 'registered' });
      return 'registered';
    } catch (error) {
      return String(error);
    }
  };

  test('a web page only when its origin is on the list, and what is no browser', async () => {
    const bus = await newBus({ allowedOrigins: ['https://good.example'] });
    expect(await statusOf(bus.url, { Origin: 'https://good.example' })).toBe('registered');
    expect(await statusOf(bus.url, {})).toBe('registered');
    expect(await statusOf(bus.url, { Origin: 'https://evil.example' })).toContain('403');
    expect(await statusOf(bus.url, { Origin: 'https://good.example.evil.example' })).toContain('403');
    expect(await statusOf(bus.url, { Origin: 'null' })).toContain('403');
  });

  test('nobody whose token is missing, wrong, too short, too long or empty', async () => {
    const bus = await newBus({ token: 'secret' });
    const refused = async (token: string | undefined): Promise<void> => {
      const peer = await WirePeer.open(bus.url, { ...producerTwo, token });
      expect(await peer.next({ cmd: 'error' })).toMatchObject({ code: 'unauthorized' });
      expect(await peer.closed).toMatchObject({ code: 1008 });
    };
    await Promise.all([undefined, 'wrong', 'secre', 'secrets', ''].map(refused));
    await WirePeer.producer(bus.url, { token: 'secret' });
  });

  test('who addresses it by a name of this computer, an address, or a name on the list', async () => {
    const bus = await newBus({ allowedHosts: ['Bus.example.org'] });
    const hosts = ['localhost:1', 'x.localhost', '127.0.0.1', '[::1]:8101', 'bus.example.org.:8101', hostname()];
    for (const Host of hosts) expect(await statusOf(bus.url, { Host })).toBe('registered');
    for (const Host of ['evil.example:8101', 'localhost.evil.example', '127.0.0.1.evil.example', '[::1', 'x']) {
      expect(await statusOf(bus.url, { Host })).toContain('403');
    }
    const open = await newBus({ allowedHosts: ['*'] });
    expect(await statusOf(open.url, { Host: 'any.example' })).toBe('registered');
  });

  test('no more than there may be', async () => {
    const bus = await newBus({ maxPeers: 2 });
    await WirePeer.producer(bus.url);
    const second = await WirePeer.producer(bus.url);
    expect(await statusOf(bus.url, {})).toContain('503');
    second.socket.close();
    await until(() => bus.counts.peers === 1);
    expect(await statusOf(bus.url, {})).toBe('registered');
  });

  test('only from this computer, unless told otherwise', async () => {
    const bus = await newBus();
    expect(new URL(bus.url).hostname).toBe('127.0.0.1');
  });

  test('at a server that is made to listen only later', async () => {
    const server = createServer();
    const bus = await startBus({ server });
    atEnd(() => bus.close().then(() => server.close()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await statusOf(bus.url, {})).toBe('registered');
  });

  test('at a server of somebody else’s, at one path of it', async () => {
    const server = createServer((_, response) => response.end('mine'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bus = await startBus({ server, path: '/bus' });
    expect(await statusOf(`${bus.url}/bus`, {})).toBe('registered');
    expect(await statusOf(`${bus.url}/other`, {})).toContain('400');
    await bus.close();
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('mine');
    server.close();
    server.closeAllConnections();
  });
});

/** Times for which a timer would fire at once. */
const TOO_LONG = [{ sessionMs: 2 ** 31 }, { offerMs: 2 ** 31 }, { patienceMs: 2 ** 31 }, { heartbeatMs: 1e9 }];

describe('the bus itself', () => {
  test('gives nothing of what it had to anybody when it closes', async () => {
    const bus = await newBus();
    const producer = await WirePeer.producer(bus.url);
    const first = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    producer.send(request('a'));
    const { job } = await first.next({ cmd: 'offer' });
    first.send({ cmd: 'accept', job, attempt: 1 });
    await producer.next({ event: 'accepted' });
    const second = await WirePeer.scheduler(bus.url, { slots: 1, tasks: ['add'] });
    await until(() => bus.counts.schedulers === 2);
    await bus.close();
    expect(bus.counts).toMatchObject({ jobs: 0, waiting: 0, bytes: 0, schedulers: 0 });
    await Promise.all([producer.closed, second.closed]);
    expect(second.frames).toEqual([]);
    expect(producer.frames.map(({ event }) => event)).not.toContain('requeued');
  });

  test('leaves nothing open when it closes', async () => {
    const bus = await newBus();
    const peer = await WirePeer.producer(bus.url);
    const raw = await rawSocket(bus);
    await bus.close();
    expect(await peer.closed).toMatchObject({ code: 1001 });
    await until(() => raw.destroyed || raw.readableEnded);
    expect(bus.counts).toMatchObject({ peers: 0, sessions: 0 });
  });

  test.each([
    { prot: 1 },
    { maxJobs: 0 },
    { maxFrameBytes: 4095 },
    { maxFrameBytes: 2 ** 23 + 1, maxBufferedBytes: 2 ** 30 },
    { maxFrameBytes: 2 ** 22 },
    { heartbeatMs: 1.5 },
    ...TOO_LONG,
    { token: '' },
  ])('refuses %j', async (options) => {
    await expect(startBus({ port: 0, ...(options as BusOptions) })).rejects.toMatchObject({ code: 'InvalidOption' });
  });

  test('passes on a message of the greatest length that it takes', async () => {
    const maxFrameBytes = 8 * 1024 * 1024;
    const bus = await newBus({ maxFrameBytes, maxBufferedBytes: 2 * maxFrameBytes });
    const client = newScheduler(bus.url, { length: (text: string) => text.length });
    const producer = newProducer(bus.url);
    await Promise.all([client.ready(), producer.ready()]);
    const text = 'x'.repeat(maxFrameBytes - 200);
    expect(await producer.request({ task: 'length', args: [text] }).result()).toBe(text.length);
  });

  test('says when it cannot listen', async () => {
    const bus = await newBus();
    await expect(startBus({ port: Number(new URL(bus.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
