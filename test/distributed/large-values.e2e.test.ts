/** Arguments and results beyond the bound travel as blobs, and none is left behind. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Scheduler, type Queue } from 'pullgraph';
import { type Blobs, distributed, type DistributedWorker, folderBlobs, startWorker } from 'pullgraph/distributed';
import { inline } from 'pullgraph/executors';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { raises, scaled, slabs } from './fixtures/large.js';
import { redisServer, type RedisServer, SKIPS_REDIS } from './redis-server.js';

const MODULE = new URL('./fixtures/large.js', import.meta.url);
const LENGTH = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'pullgraph-blobs-'));

describe.skipIf(SKIPS_REDIS).each([
  ['a folder', (): Blobs | undefined => folderBlobs(folder)],
  ['redis', (): Blobs | undefined => undefined],
] as const)('large values in %s', (place, make) => {
  let redis: RedisServer;
  let worker: DistributedWorker;
  let client: Redis;
  beforeAll(async () => {
    redis = await redisServer();
    client = new Redis(redis.url);
    worker = await startWorker(MODULE, { ...shared(make()), slots: 4, executor: inline() });
  });
  afterAll(async () => {
    await worker.drain();
    client.disconnect();
    await redis.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const shared = (blobs: Blobs | undefined) => ({
    connection: redis.url,
    prefix: `${redis.prefix}-${place.length}`,
    inlineBytes: 4_096,
    ...(blobs === undefined ? {} : { blobs }),
  });
  /** Names of all blobs that are there. */
  const blobs = async (): Promise<readonly string[]> =>
    place === 'redis' ? client.keys(`${redis.prefix}*:blob:*`) : readdirSync(folder);
  const open = (given: Blobs | undefined = make()): Queue => {
    const scheduler = new Scheduler();
    onTestFinished(() => scheduler.close());
    scheduler.start();
    return scheduler.queue('work', { executor: distributed(MODULE, shared(given)), concurrency: 4 });
  };

  test('come whole and in order, and are gone when they have been read', async () => {
    const queue = open();
    const values = Float64Array.from({ length: LENGTH }, (_, n) => n);
    const tasks = [1, 2, 3].map((factor) => queue.submit(scaled, values, factor));
    const results = await Promise.all(tasks.map((task) => task.result()));
    expect(results.map((result) => [result.length, result[LENGTH - 1]])).toEqual(
      [1, 2, 3].map((factor) => [LENGTH, factor * (LENGTH - 1)]),
    );
    const parts: number[] = [];
    for await (const slab of queue.submit(slabs, 40, LENGTH)) parts.push(slab[0] ?? Number.NaN);
    expect(parts).toEqual(Array.from({ length: 40 }, (_, n) => n));
    const failed = await queue.submit(raises, LENGTH).settled();
    expect(failed).toMatchObject({ status: 'failed', error: { message: 'too much' } });
    await expect.poll(blobs).toEqual([]);
  });
});

test.skipIf(SKIPS_REDIS)('a value that cannot be put anywhere, or read, fails its attempt and no other', async () => {
  const redis = await redisServer();
  onTestFinished(() => redis.close());
  const memory = new Map<string, Uint8Array>();
  let isBroken = false;
  const blobs: Blobs = {
    name: 'memory',
    lifetimeMs: 1_000,
    async put(name, bytes) {
      if (isBroken) throw new Error('the disk is full');
      memory.set(name, bytes);
    },
    get: async (name) => memory.get(name),
    async renew() {},
    async delete(names) {
      for (const name of names) memory.delete(name);
    },
    async clear() {},
  };
  const options = { connection: redis.url, prefix: redis.prefix, inlineBytes: 4_096, blobs };
  const worker = await startWorker(MODULE, { ...options, slots: 2, executor: inline() });
  onTestFinished(() => worker.drain());
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  scheduler.start();
  const queue = scheduler.queue('work', { executor: distributed(MODULE, options), concurrency: 2 });
  const errorOf = async (task: { settled(): Promise<unknown> }): Promise<unknown> => task.settled();

  const full = 'cannot be kept in the blobs (memory): Error: the disk is full';
  const failure = {
    status: 'failed',
    error: { code: 'BlobUnavailable', message: expect.stringContaining(full) as unknown },
  };
  isBroken = true;
  expect(await errorOf(queue.submit(scaled, new Float64Array(LENGTH), 2))).toMatchObject(failure);
  // The worker's side: its argument is small.
  const stream = queue.submit(slabs, 1e9, LENGTH);
  expect(await errorOf(stream)).toMatchObject(failure);
  expect(await queue.submit(scaled, new Float64Array(1), 2).result()).toHaveLength(1);
  isBroken = false;
  expect(await queue.submit(scaled, new Float64Array(LENGTH), 2).result()).toHaveLength(LENGTH);

  const other = distributed(MODULE, { ...options, blobs: folderBlobs(folder) });
  const elsewhere = scheduler.queue('elsewhere', { executor: other, concurrency: 1 });
  expect(await errorOf(elsewhere.submit(scaled, new Float64Array(LENGTH), 2))).toMatchObject({
    error: { code: 'BlobUnavailable', message: expect.stringContaining('need the same option blobs') as unknown },
  });
  rmSync(folder, { recursive: true, force: true });
  await expect.poll(() => memory.size).toBe(0);
  await expect.poll(() => worker.running).toBe(0);
});
