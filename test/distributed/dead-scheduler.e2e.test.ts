/** A scheduler that dies: with a store the next one takes over what is under way, without one the workers clear it away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from 'pullgraph/store';
import { temporaryFolder } from '../support/temporary-folder.js';
import { aQueue, aRedis, aWorker, BEATS, linesOf, until } from './distributed-kit.js';
import { add, gated, steps } from './fixtures/jobs.js';
import { type RedisServer, SKIPS_REDIS } from './redis-server.js';

const SCHEDULER = fileURLToPath(new URL('./fixtures/scheduler.js', import.meta.url));

/** A function of the jobs, and its arguments. */
type Call = readonly [name: string, ...args: readonly unknown[]];

/** Starts a scheduler in a process of its own, with a store if that is not empty; returns what kills it. */
function aScheduler(redis: RedisServer, own: object, store: string, calls: readonly Call[]): () => Promise<void> {
  const options = { connection: redis.url, prefix: redis.prefix, ...BEATS, ...own };
  const child = spawn(process.execPath, [SCHEDULER, JSON.stringify(options), store, JSON.stringify(calls)], {
    stdio: 'inherit',
  });
  // Only then has its last thread let go of the store.
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}

/** Keys in Redis, without those that BullMQ keeps of a queue that has no jobs, and those of workers. */
async function keysOfRuns(redis: RedisServer): Promise<readonly string[]> {
  const client = new Redis(redis.url);
  const keys = await client.keys('*');
  client.disconnect();
  return keys.filter((key) => !/:(meta|events|marker|stalled-check|id|workers|worker:.*)$/.test(key));
}

/** How many entries were ever added to the outbox of the only run. */
async function entriesOf(redis: RedisServer): Promise<number> {
  const client = new Redis(redis.url);
  const [outbox = ''] = await client.keys('*:out');
  const info = (await client.xinfo('STREAM', outbox)) as readonly unknown[];
  client.disconnect();
  return Number(info[info.indexOf('entries-added') + 1]);
}

describe.skipIf(SKIPS_REDIS)('a scheduler that dies', () => {
  test('is followed by one that takes over what runs and what has ended, and makes nothing twice', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, store] = [join(folder, 'log'), join(folder, 'store')];
    const gates = ['first', 'second', 'third'].map((name) => join(folder, name));
    const [first = '', second = '', third = ''] = gates;
    await aWorker(redis, { slots: 3 });
    const kill = aScheduler(
      redis,
      {},
      store,
      gates.map((gate) => ['gated', log, gate]),
    );
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

  test('is followed by one that takes over a stream, from the first result that is not kept', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate, store] = [join(folder, 'log'), join(folder, 'gate'), join(folder, 'store')];
    await aWorker(redis, { slots: 1 });
    const kill = aScheduler(redis, {}, store, [['steps', log, gate, 6, 2]]);
    await until(() => existsSync(`${store}.kept`));
    await kill();
    // The next two come while no scheduler is there.
    const before = await entriesOf(redis);
    appendFileSync(gate, 'on\n');
    await until(async () => (await entriesOf(redis)) === before + 2);
    const { scheduler, queue } = aQueue(redis, { store: true }, {}, { store: sqliteStore(store) });
    const came: string[] = [];
    scheduler.on('partial', ({ index }) => came.push(`result ${index}`));
    const stream = queue.submit(steps, log, gate, 6, 2);
    expect(await stream.at(3).result()).toBe(3);
    appendFileSync(gate, 'on\n');
    expect(await stream.result()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(linesOf(log)).toEqual(['begun 1']);
    expect(new Set(came).size).toBe(came.length);
    await scheduler.close();
    expect(await keysOfRuns(redis)).toEqual([]);
  });

  test('has its jobs ended and removed by the workers when its lease is over', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const log = join(folder, 'log');
    await aWorker(redis, { slots: 1 });
    const kill = aScheduler(redis, { leaseMs: 1_000 }, '', [
      ['gated', log, join(folder, 'first')],
      ['gated', log, join(folder, 'second')],
    ]);
    await until(() => linesOf(log).length === 1);
    await kill();
    await until(() => linesOf(log).includes('aborted 1'));
    await until(async () => (await keysOfRuns(redis)).length === 0);
    expect(linesOf(log)).toEqual(['begun 1', 'aborted 1']);
    const { queue } = aQueue(redis);
    expect(await queue.submit(add, 1, 2).result()).toBe(3);
  });
});
