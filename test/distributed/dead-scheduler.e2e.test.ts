/** A scheduler that dies: with a store the next one takes over what is under way, without one the workers clear it away. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from 'pullgraph/store';
import { temporaryFolder } from '../support/temporary-folder.js';
import { gone } from '../support/living-processes.js';
import { aQueue, aRedis, aWorker, BEATS, linesOf, until } from './distributed-kit.js';
import { add, gated } from './fixtures/jobs.js';
import { type RedisServer, SKIPS_REDIS } from './redis-server.js';

const SCHEDULER = fileURLToPath(new URL('./fixtures/scheduler.js', import.meta.url));

/** Starts a scheduler in a process of its own; returns what kills it. */
function aScheduler(redis: RedisServer, own: object, args: readonly string[]): () => Promise<void> {
  const options = { connection: redis.url, prefix: redis.prefix, ...BEATS, ...own };
  const child = spawn(process.execPath, [SCHEDULER, JSON.stringify(options), ...args], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return async () => {
    child.kill('SIGKILL');
    await gone(child.pid ?? 0);
  };
}

/** Keys in Redis, without those that BullMQ keeps of a queue that has no jobs, and those of workers. */
async function keysOfRuns(redis: RedisServer): Promise<readonly string[]> {
  const client = new Redis(redis.url);
  const keys = await client.keys('*');
  client.disconnect();
  return keys.filter((key) => !/:(meta|events|marker|stalled-check|id|workers|worker:.*)$/.test(key));
}

describe.skipIf(SKIPS_REDIS)('a scheduler that dies', () => {
  test('is followed by one that takes over what runs and what has ended, and makes nothing twice', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, store] = [join(folder, 'log'), join(folder, 'store')];
    const gates = ['first', 'second', 'third'].map((name) => join(folder, name));
    const [first = '', second = '', third = ''] = gates;
    await aWorker(redis, { slots: 3 });
    const kill = aScheduler(redis, {}, [store, log, ...gates]);
    await until(() => linesOf(log).length === 3);
    await kill();
    writeFileSync(first, '');
    await until(() => linesOf(log).includes('ended 1'));
    const { scheduler, queue } = aQueue(redis, { concurrency: 3, store: true }, {}, { store: sqliteStore(store) });
    const tasks = [first, second].map((gate) => queue.submit(gated, log, gate));
    expect(await tasks[0]?.result()).toBe(1);
    writeFileSync(second, '');
    expect(await tasks[1]?.result()).toBe(1);
    expect(await queue.submit(add, 1, 2).result()).toBe(3);
    expect(linesOf(log).filter((line) => line.startsWith('begun'))).toHaveLength(3);
    // Nobody asked for the third again.
    await scheduler.close();
    expect(await keysOfRuns(redis)).toEqual([]);
    writeFileSync(third, '');
  });

  test('has its jobs ended and removed by the workers when its lease is over', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const log = join(folder, 'log');
    const gates = [join(folder, 'first'), join(folder, 'second')];
    await aWorker(redis, { slots: 1 });
    const kill = aScheduler(redis, { leaseMs: 1_000 }, ['', log, ...gates]);
    await until(() => linesOf(log).length === 1);
    await kill();
    await until(() => linesOf(log).includes('aborted 1'));
    await until(async () => (await keysOfRuns(redis)).length === 0);
    expect(linesOf(log)).toEqual(['begun 1', 'aborted 1']);
    const { queue } = aQueue(redis);
    expect(await queue.submit(add, 1, 2).result()).toBe(3);
  });
});
