/** Redis restarted, gone for a while, forgetful or full: the run waits, says so once, and goes on. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startWorker } from 'pullgraph/distributed';
import { temporaryFolder } from '../support/temporary-folder.js';
import { aQueue, aRedis, aWorker, BEATS, linesOf, MODULE, until } from './distributed-kit.js';
import { add, gated, steps } from './fixtures/jobs.js';
import { type RedisServer, SKIPS_REDIS } from './redis-server.js';

/** What `onOutage` was told: whether Redis was away. */
function outages(): { readonly told: boolean[]; readonly onOutage: (error: unknown) => void } {
  const told: boolean[] = [];
  return { told, onOutage: (error) => void told.push(error !== undefined) };
}

function client(redis: RedisServer): Redis {
  const own = new Redis(redis.url);
  onTestFinished(() => own.disconnect());
  return own;
}

const ON_DISK = ['--appendonly', 'yes', '--appendfsync', 'always'];

describe.skipIf(SKIPS_REDIS)('a run on Redis', () => {
  test.each([
    ['remembers everything', ON_DISK],
    ['has forgotten everything', []],
  ])('outlives a Redis that is killed, comes back and %s', async (_, options) => {
    const redis = await aRedis(options);
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { told, onOutage } = outages();
    const { queue } = aQueue(redis, { concurrency: 3 }, { onOutage });
    await aWorker(redis, { slots: 1 });
    const running = queue.submit(gated, log, gate);
    // These wait in Redis for the worker.
    const waiting = [queue.submit(add, 1, 2), queue.submit(add, 3, 4)];
    await until(() => linesOf(log).length > 0);
    await redis.kill();
    await until(() => told.length === 1);
    // It ends while nobody can be told.
    writeFileSync(gate, '');
    await until(() => linesOf(log).length > 1);
    await redis.start();
    expect(await running.result()).toBe(1);
    expect(await Promise.all(waiting.map((task) => task.result()))).toEqual([3, 7]);
    expect(linesOf(log)).toEqual(['begun 1', 'ended 1']);
    await until(() => told.length === 2);
    expect(told).toEqual([true, false]);
  });

  test('loses, doubles and swaps no partial result when Redis forgets some', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { queue } = aQueue(redis);
    await aWorker(redis);
    const stream = queue.submit(steps, log, gate, 40, 10);
    for (let taken = 0; taken < 3; taken += 1) {
      appendFileSync(gate, '\n');
      await stream.at(10 * taken).result();
      await redis.kill();
      appendFileSync(gate, taken === 2 ? '\n\n' : '');
      await redis.start();
    }
    expect(await stream.result()).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(linesOf(log)).toEqual(['begun 1']);
  });

  test('leaves an attempt with a worker that is slow to come back when Redis has forgotten both', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { queue } = aQueue(redis);
    const worker = await aWorker(redis, { expireMs: 600_000 });
    const task = queue.submit(gated, log, gate);
    await until(() => linesOf(log).length > 0);
    worker.child.kill('SIGSTOP');
    const own = client(redis);
    const beats = async (): Promise<number> => {
      const run = (await own.keys('*:run:*')).find((key) => !key.endsWith(':out'));
      return run === undefined ? 0 : Number(await own.hget(run, 'beat'));
    };
    const before = await beats();
    await redis.kill();
    await redis.start();
    // In each beat the scheduler looks for the job.
    await until(async () => (await beats()) > before + 10);
    worker.child.kill('SIGCONT');
    writeFileSync(gate, '');
    expect(await task.result()).toBe(1);
    expect(linesOf(log)).toEqual(['begun 1', 'ended 1']);
  });

  test('waits while Redis is full, and says so once', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { told, onOutage } = outages();
    const { queue } = aQueue(redis, { concurrency: 2 }, { onOutage });
    await aWorker(redis);
    const running = queue.submit(gated, log, gate);
    await until(() => linesOf(log).length > 0);
    await client(redis).config('SET', 'maxmemory', '1');
    const next = queue.submit(add, 1, 2);
    await until(() => told.length > 0);
    writeFileSync(gate, '');
    await until(() => linesOf(log).length > 1);
    expect([running.state, next.state]).toEqual(['running', 'running']);
    await client(redis).config('SET', 'maxmemory', '0');
    expect(await Promise.all([running.result(), next.result()])).toEqual([1, 3]);
    await until(() => told.length === 2);
    expect(told).toEqual([true, false]);
  });

  test('can be given up while Redis is away', async () => {
    const redis = await aRedis();
    const { told, onOutage } = outages();
    const { scheduler, queue } = aQueue(redis, { concurrency: 2 }, { onOutage });
    const tasks = [queue.submit(add, 1, 2), queue.submit(add, 3, 4)];
    await until(() => tasks.every(({ state }) => state === 'running'));
    await redis.kill();
    await until(() => told.length === 1);
    await scheduler.terminate();
    expect(tasks.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });

  test.each([
    ['an attempt is aborted', 1],
    ['what it has left is removed', 0],
  ])('can be given up when Redis goes away while %s', async (_, tasks) => {
    const redis = await aRedis();
    const { scheduler, queue } = aQueue(redis, { concurrency: 2 });
    const worker = await startWorker(MODULE, { connection: redis.url, prefix: redis.prefix, ...BEATS });
    const log = join(temporaryFolder(), 'log');
    for (let index = 0; index < tasks; index += 1) queue.submit(gated, log, `${log}.gate`);
    await until(() => linesOf(log).length >= tasks);
    // It answers nothing more, and every connection stays open.
    process.kill(redis.pid ?? 0, 'SIGSTOP');
    const ends = [scheduler.terminate(), worker.close()];
    await redis.kill();
    await Promise.all(ends);
    expect(scheduler.state).toBe('closed');
  });

  test('lets workers go that were drained while Redis was away, once it is back', async () => {
    const redis = await aRedis();
    const options = { connection: redis.url, prefix: redis.prefix, onOutage: () => undefined, ...BEATS };
    const workers = await Promise.all(Array.from({ length: 10 }, () => startWorker(MODULE, options)));
    await redis.kill();
    const drained: Promise<void>[] = [];
    // One by one, so that their connections are in all states.
    for (const worker of workers) {
      drained.push(worker.drain());
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    await redis.start();
    await Promise.all(drained);
    expect(await client(redis).keys('*:worker:*')).toEqual([]);
  });

  test('leaves nothing in Redis when its scheduler has closed', async () => {
    const redis = await aRedis();
    const { scheduler, queue } = aQueue(redis);
    const worker = await aWorker(redis);
    const tasks = Array.from({ length: 20 }, (_, index) => queue.submit(add, index, 1));
    await scheduler.wait();
    expect(await Promise.all(tasks.map((task) => task.result()))).toEqual(tasks.map((_, index) => index + 1));
    await scheduler.close();
    worker.child.kill('SIGTERM');
    await worker.ended;
    const left = await client(redis).keys('*');
    // What BullMQ keeps of a queue without jobs.
    const ofBullmq = left.filter((key) => /:(meta|events|marker|stalled-check|id)$/.test(key));
    expect(left).toEqual(ofBullmq);
  });
});
