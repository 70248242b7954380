/** One contract for every place of large values, and what scheduler and workers do with it. */
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Blobs } from '../../src/distributed/blobs/blobs.js';
import { folderBlobs } from '../../src/distributed/blobs/folder-blobs.js';
import { LentPayloads } from '../../src/distributed/blobs/lent-payloads.js';
import { type Payload, PayloadSchema, Payloads } from '../../src/distributed/blobs/payloads.js';
import { RedisBlobs } from '../../src/distributed/blobs/redis-blobs.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type RedisServer, redisServer } from './redis-server.js';

const DAY_MS = 86_400_000;
const name = (letter: string): string => letter.repeat(66);
const bytes = (length: number, of = 7): Uint8Array => new Uint8Array(length).fill(of);

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await redisServer();
  client = new Redis(server.url);
});
afterAll(async () => {
  client.disconnect();
  await server.close();
});

const redis = (lifetimeMs = DAY_MS): Blobs =>
  new RedisBlobs((step) => step(client), `${server.prefix}:${Math.random()}:`, lifetimeMs);

describe.each([
  ['folder', () => folderBlobs(join(temporaryFolder(), 'made', 'when-used'))],
  ['redis', redis],
] as const)('blobs in a %s', (_name, make) => {
  test('give back what was put, until it is deleted', async () => {
    const blobs = make();
    expect(await blobs.get(name('a'))).toBeUndefined();
    await blobs.put(name('a'), bytes(3));
    // A view into larger memory must not bring the rest of it along.
    await blobs.put(name('b'), new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2));
    await blobs.put(name('c'), bytes(0));
    expect([...((await blobs.get(name('a'))) ?? [])]).toEqual([7, 7, 7]);
    expect([...((await blobs.get(name('b'))) ?? [])]).toEqual([2, 3]);
    expect((await blobs.get(name('c')))?.length).toBe(0);
    await blobs.delete([name('a'), name('x')]);
    await blobs.renew([name('a'), name('b')]);
    expect(await blobs.get(name('a'))).toBeUndefined();
    expect(await blobs.get(name('b'))).toBeDefined();
    await blobs.put(`bb${'c'.repeat(64)}`, bytes(1));
    await blobs.clear('bbb');
    expect(await blobs.get(name('b'))).toBeUndefined();
    expect(await blobs.get(`bb${'c'.repeat(64)}`)).toBeDefined();
  });

  test('keep a blob whole while it is written again and again', async () => {
    const blobs = make();
    const large = bytes(200_000);
    await blobs.put(name('a'), large);
    const writes = Array.from({ length: 8 }, () => blobs.put(name('a'), large));
    const reads = Array.from({ length: 8 }, () => blobs.get(name('a')));
    await Promise.all(writes);
    for (const read of await Promise.all(reads)) expect(read?.length).toBe(large.length);
  });
});

describe('lifetimes', () => {
  test('a folder is rid of blobs that nobody has renewed, and of nothing else', async () => {
    const folder = temporaryFolder();
    const age = (file: string): void => utimesSync(join(folder, file), 1, 1);
    const first = folderBlobs(folder);
    await first.put(name('a'), bytes(1));
    await first.put(name('b'), bytes(1));
    writeFileSync(join(folder, `${name('c')}.1-2.new`), 'of a program that died');
    writeFileSync(join(folder, 'notes.txt'), 'of somebody else');
    readdirSync(folder).forEach(age);
    await first.renew([name('a')]);
    expect(readdirSync(folder).toSorted()).toEqual([name('a'), 'notes.txt']);
    age(name('a'));
    await folderBlobs(folder).put(name('d'), bytes(1));
    expect(readdirSync(folder).toSorted()).toEqual([name('d'), 'notes.txt'].toSorted());
  });

  test('redis drops a blob by itself, and later if it is renewed', async () => {
    const short = redis(1);
    await short.put(name('a'), bytes(1));
    await expect.poll(() => short.get(name('a'))).toBeUndefined();
    const blobs = new RedisBlobs((step) => step(client), `${server.prefix}:renewed:`, DAY_MS);
    await blobs.put(name('a'), bytes(1));
    await client.pexpire(`${server.prefix}:renewed:${name('a')}`, 60_000);
    await blobs.renew([name('a')]);
    expect(await client.pttl(`${server.prefix}:renewed:${name('a')}`)).toBeGreaterThan(60_000);
  });
});

describe('payloads', () => {
  const over = (blobs: Blobs): Payloads => new Payloads(blobs, 100);
  const checked = (payload: Payload): Payload => v.parse(PayloadSchema, JSON.parse(JSON.stringify(payload)));
  const files = (folder: string): number => readdirSync(folder).length;

  test('are in the message up to the bound, and beyond it in a blob', async () => {
    const folder = temporaryFolder();
    const payloads = over(folderBlobs(folder));
    for (const length of [0, 100, 101, 10_000]) {
      const payload = checked(await written(payloads, bytes(length)));
      expect(typeof payload).toBe(length <= 100 ? 'string' : 'object');
      expect([...(await payloads.read('task', payload))]).toEqual([...bytes(length)]);
      await payloads.remove(payload);
      expect(files(folder)).toBe(0);
    }
  });

  test('of equal content in two spaces do not share a blob', async () => {
    const payloads = over(folderBlobs(temporaryFolder()));
    const [one, other] = [await written(payloads, bytes(101)), await written(payloads, bytes(101), 'b')];
    await payloads.remove(one);
    expect((await payloads.read('task', other)).length).toBe(101);
  });

  test('say what is wrong with a blob that is damaged, gone, elsewhere or out of reach', async () => {
    const folder = temporaryFolder();
    const payloads = over(folderBlobs(folder));
    const payload = await written(payloads, bytes(101));
    const problem = async (side: Payloads): Promise<string> => {
      try {
        await side.read('task 7', payload);
        return 'nothing';
      } catch (error) {
        expect(error).toMatchObject({ code: 'BlobUnavailable' });
        return String(error);
      }
    };
    const [file = ''] = readdirSync(folder);
    writeFileSync(join(folder, file), bytes(101, 8));
    expect(await problem(payloads)).toContain('task 7: a value of 101 bytes in the blobs (folder) is damaged');
    await payloads.remove(payload);
    expect(await problem(payloads)).toContain('is not in the blobs (folder) any more');
    expect(await problem(over(redis()))).toContain('need the same option blobs');
    writeFileSync(join(folder, 'file'), '');
    const none = over(folderBlobs(join(folder, 'file')));
    await expect(written(none, bytes(101))).rejects.toThrow(/101 bytes cannot be kept in the blobs \(folder\)/);
    expect(await problem(none)).toContain('cannot be read');
  });

  test('cannot name a file elsewhere', () => {
    for (const blob of ['../'.repeat(22), 'a'.repeat(65), `${'a'.repeat(66)}/`, `${'a'.repeat(66)}\n`]) {
      expect(v.is(PayloadSchema, { place: 'folder', blob, bytes: 1 })).toBe(false);
    }
  });
});

describe('lent payloads', () => {
  test('are one blob for all readers, gone with the last of them', async () => {
    const folder = temporaryFolder();
    const payloads = new Payloads(folderBlobs(folder), 100);
    const lent = new LentPayloads(payloads, 'run', new SimulatedClock());
    const [one, other] = await Promise.all([readable(lent), readable(lent)]);
    expect(readdirSync(folder)).toHaveLength(1);
    await lent.giveBack(one);
    expect((await payloads.read('task', other)).length).toBe(101);
    // Lent anew while it is removed: the new reader finds it.
    const [, again] = await Promise.all([lent.giveBack(other), readable(lent)]);
    expect((await payloads.read('task', again)).length).toBe(101);
    await lent.giveBack(again);
    expect(readdirSync(folder)).toHaveLength(0);
    expect(lent.size).toBe(0);
  });

  test('are renewed while they are lent', async () => {
    const renewed: (readonly string[])[] = [];
    const blobs: Blobs = { ...memory(), renew: async (names) => void renewed.push(names) };
    const clock = new SimulatedClock();
    const lent = new LentPayloads(new Payloads(blobs, 100), 'run', clock);
    const payload = await readable(lent);
    const pass = async (): Promise<void> => {
      clock.advanceTo(clock.nextAt() ?? Number.NaN);
      await Promise.resolve();
    };
    await pass();
    await pass();
    expect(renewed).toHaveLength(2);
    expect(clock.now()).toBe((2 * DAY_MS) / 3);
    await lent.giveBack(payload);
    await pass();
    expect(renewed).toHaveLength(2);
    expect(clock.nextAt()).toBeUndefined();
  });

  test('that cannot be put fail each reader, and can be lent later', async () => {
    let isFull = true;
    const blobs: Blobs = {
      ...memory(),
      put: async () => {
        if (isFull) throw new Error('no room');
      },
    };
    const lent = new LentPayloads(new Payloads(blobs, 100), 'run', new SimulatedClock());
    const tries = [lent.lend(bytes(101)), lent.lend(bytes(101))];
    const ends = await Promise.allSettled(tries.map(async ({ put }) => put));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await Promise.all(tries.map(({ payload }) => lent.giveBack(payload)));
    expect(lent.size).toBe(0);
    isFull = false;
    expect(await readable(lent)).toMatchObject({ bytes: 101 });
  });
});

/** What is lent, once it can be read. */
async function readable(lent: LentPayloads): Promise<Payload> {
  const { payload, put } = lent.lend(bytes(101));
  await put;
  return payload;
}

/** As the side of a worker does. */
async function written(payloads: Payloads, value: Uint8Array, owner = ''): Promise<Payload> {
  if (!payloads.isLarge(value)) return payloads.inline(value);
  const reference = payloads.reference({ run: 'run', owner }, value);
  await payloads.put(reference, value);
  return reference;
}

function memory(): Blobs {
  const nothing = async (): Promise<void> => {};
  return {
    name: 'memory',
    lifetimeMs: DAY_MS,
    put: nothing,
    get: async () => undefined,
    renew: nothing,
    delete: nothing,
    clear: nothing,
  };
}
