/** Large values and a Redis that forgets them, or has no room for them. */
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { aQueue, aRedis, aWorker, until } from './distributed-kit.js';
import { echo } from './fixtures/jobs.js';
import { type RedisServer, SKIPS_REDIS } from './redis-server.js';

const LARGE = 'x'.repeat(100_000);

function client(redis: RedisServer): Redis {
  const made = new Redis(redis.url);
  made.on('error', () => undefined);
  onTestFinished(() => made.disconnect());
  return made;
}

describe.skipIf(SKIPS_REDIS)('a large argument', () => {
  test('is written again when Redis has forgotten it with its job', async () => {
    const redis = await aRedis();
    const { queue } = aQueue(redis, { concurrency: 1 });
    const commands = client(redis);
    const task = queue.submit(echo, LARGE);
    const waiting = async (): Promise<boolean> => (await commands.keys('*:blob:*')).length > 0;
    await until(async () => (await waiting()) && (await commands.keys('*:wait')).length > 0);
    await commands.flushall();
    await until(waiting);
    await aWorker(redis);
    expect(await task.result()).toBe(LARGE);
  });

  test('keeps nobody waiting who terminates the scheduler while Redis is full', async () => {
    const redis = await aRedis();
    let isTold = false;
    const { scheduler, queue } = aQueue(redis, { concurrency: 2 }, { onOutage: () => (isTold = true) });
    await aWorker(redis);
    expect(await queue.submit(echo, 'first').result()).toBe('first');
    await client(redis).config('SET', 'maxmemory', '1');
    const tasks = [queue.submit(echo, LARGE), queue.submit(echo, 'small')];
    await until(() => isTold);
    await scheduler.terminate();
    expect(tasks.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });
});
