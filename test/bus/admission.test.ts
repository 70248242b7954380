/** Connections that have shown nothing yet, and the end of a bus with peers of all kinds. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Bus } from '../../src/bus/index.js';
import { NOTICE_MS } from '../../src/bus/server/notice.js';
import { GUESS_MS } from '../../src/bus/server/token-check.js';
import { atEnd, cleanUp, newBus } from './bus-kit.js';
import { ManualEnvironment } from './manual-environment.js';
import { frameOf, rawSocket, request, until, WirePeer } from './wire.js';

afterEach(cleanUp);

const producerTwo = { cmd: 'register', type: 'producer', version: 2 };

async function silentConnection({ url }: Bus): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  atEnd(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const isGone = (socket: Socket): boolean => socket.destroyed || socket.readableEnded;

describe('connections that do not register', () => {
  test('cost the oldest of them its place, and registered peers nothing', async () => {
    const troubles: string[] = [];
    const bus = await newBus({
      token: 'secret',
      maxPeers: 2,
      maxUnregistered: 3,
      patienceMs: 1e9,
      onTrouble: (message) => troubles.push(message),
    });
    const first = await WirePeer.producer(bus.url, { token: 'secret' });
    const silent: Socket[] = [];
    for (let n = 0; n < 5; n += 1) silent.push(await silentConnection(bus));
    for (const socket of silent) socket.resume();
    await until(() => silent.slice(0, 2).every(isGone));
    expect(silent.slice(2).some(isGone)).toBe(false);
    for (let n = 0; n < 9; n += 1) await WirePeer.open(bus.url);
    await WirePeer.producer(bus.url, { token: 'secret' });
    first.send(request('a'));
    expect(await first.next({ ref: 'a' })).toMatchObject({ event: 'queued' });
    expect(troubles).toEqual(['closed 1 connection that had not registered']);
  });

  test('are ended when their time is over, whether or not they have begun a handshake', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, patienceMs: 1000 });
    const silent = await silentConnection(bus);
    const slow = await silentConnection(bus);
    slow.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
    for (const socket of [silent, slow]) socket.resume();
    await until(() => environment.timers >= 2);
    environment.advance(1000);
    await until(() => isGone(silent) && isGone(slow));
    expect(bus.counts.peers).toBe(0);
  });
});

describe('a first message', () => {
  test('is never as long as those of peers that have registered can be', async () => {
    const bus = await newBus({ maxFrameBytes: 8 * 1024 * 1024, maxBufferedBytes: 16 * 1024 * 1024 });
    const stranger = await WirePeer.open(bus.url);
    stranger.send('x'.repeat(1024 * 1024));
    expect(await stranger.closed).toMatchObject({ code: 1006 });
    const peer = await WirePeer.producer(bus.url);
    peer.send(request('a', { task: 'add', args: ['x'.repeat(1024 * 1024)] }));
    expect(await peer.next({ ref: 'a' })).toMatchObject({ event: 'queued' });
  });
});

describe('guesses of the token', () => {
  test('are answered after a while, like everything from the same address after that, and told to the owner', async () => {
    const environment = new ManualEnvironment();
    const troubles: string[] = [];
    const bus = await newBus({ environment, token: 'secret', onTrouble: (message) => troubles.push(message) });
    const quick = await WirePeer.open(bus.url, { ...producerTwo, token: 'secret' });
    await quick.next({ cmd: 'registered' });
    const delayed = (): number => environment.delays.filter((delay) => delay === GUESS_MS).length;
    const guess = async (token: string): Promise<WirePeer> => {
      const before = delayed();
      const peer = await WirePeer.open(bus.url, { ...producerTwo, token });
      peer.send(request('early'));
      await until(() => delayed() > before);
      return peer;
    };
    const wrong = await guess('wrong');
    const right = await guess('secret');
    expect([wrong.frames, right.frames]).toEqual([[], []]);
    environment.advance(GUESS_MS);
    expect(await wrong.next({ cmd: 'error' })).toMatchObject({ code: 'unauthorized' });
    await right.next({ event: 'queued', ref: 'early' });
    for (let n = 0; n < 4; n += 1) await guess('wrong');
    expect(troubles).toEqual([expect.stringMatching(/^a wrong token from .*127\.0\.0\.1$/)]);
    environment.advance(NOTICE_MS);
    expect(troubles.slice(1)).toEqual([expect.stringMatching(/^4 wrong tokens, the latest from .*127\.0\.0\.1$/)]);
    environment.advance(61_000);
    expect(troubles).toHaveLength(2);
    const later = await WirePeer.open(bus.url, { ...producerTwo, token: 'secret' });
    await later.next({ cmd: 'registered' });
  });
});

describe('a bus that closes', () => {
  test('does so within its time, whatever its peers do', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, patienceMs: 1000 });
    const silent = await silentConnection(bus);
    const unregistered = await rawSocket(bus);
    const deaf = await rawSocket(bus);
    deaf.pause();
    deaf.write(frameOf({ ...producerTwo, token: 'x'.repeat(200) }));
    const invalid = await rawSocket(bus);
    // A frame with reserved bits, and then nothing: neither a close nor an end.
    invalid.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]));
    const closing = await rawSocket(bus);
    closing.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
    await until(() => bus.counts.sessions === 1);
    const closed = bus.close();
    await until(() => environment.timers > 0);
    environment.advance(1000);
    await closed;
    const sockets = [silent, unregistered, deaf, invalid, closing];
    for (const socket of sockets) socket.resume();
    await until(() => sockets.every(isGone));
    expect(environment.timers).toBe(0);
  });
});

describe('absent sessions', () => {
  const leave = async (bus: Bus, peer: WirePeer): Promise<void> => {
    const { peers } = bus.counts;
    peer.socket.terminate();
    await until(() => bus.counts.peers === peers - 1);
  };
  const visit = async (bus: Bus, ref?: string): Promise<string> => {
    const peer = await WirePeer.open(bus.url, producerTwo);
    const { id } = await peer.next({ cmd: 'registered' });
    if (ref !== undefined) {
      peer.send(request(ref));
      await peer.next({ event: 'queued' });
    }
    await leave(bus, peer);
    return String(id);
  };
  const resumes = async (bus: Bus, session: string): Promise<boolean> => {
    const peer = await WirePeer.open(bus.url, { ...producerTwo, session });
    return (await peer.next({ cmd: 'registered' }))['id'] === session;
  };

  test('with jobs are kept while those without come and go', async () => {
    const bus = await newBus({ maxPeers: 3 });
    const mine = await visit(bus, 'mine');
    for (let n = 0; n < 10; n += 1) await visit(bus);
    expect(await resumes(bus, mine)).toBe(true);
    expect(bus.counts.sessions).toBeLessThanOrEqual(4);
  });

  test('that were connected for longer are kept while others come and go, with jobs or without', async () => {
    const environment = new ManualEnvironment();
    const bus = await newBus({ environment, maxPeers: 3 });
    const peer = await WirePeer.open(bus.url, producerTwo);
    const mine = String((await peer.next({ cmd: 'registered' }))['id']);
    peer.send(request('mine'));
    await peer.next({ event: 'queued' });
    environment.advance(100);
    await leave(bus, peer);
    for (let n = 0; n < 10; n += 1) await visit(bus, 'short');
    expect(await resumes(bus, mine)).toBe(true);
  });
});
