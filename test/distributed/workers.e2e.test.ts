/** Workers that come, go, drain and die, as the scheduler sees them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Job, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WorkerLost } from 'pullgraph';
import { startWorker } from 'pullgraph/distributed';
import { deferred } from '../../src/core/deferred.js';
import { PROTOCOL } from '../../src/distributed/messages.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { aCable, aQueue, aRedis, aWorker, BEATS, linesOf, MODULE, until } from './distributed-kit.js';
import { add, gated, hangs } from './fixtures/jobs.js';
import { SKIPS_REDIS } from './redis-server.js';

describe.skipIf(SKIPS_REDIS)('distributed workers', () => {
  test('give a queue their slots as they come and go', async () => {
    const redis = await aRedis();
    const { queue } = aQueue(redis);
    expect(queue.concurrency).toBe(1);
    const sum = queue.submit(add, 1, 2);
    const first = await aWorker(redis, { slots: 2 });
    expect(await sum.result()).toBe(3);
    await until(() => queue.concurrency === 2);
    const second = await aWorker(redis, { slots: 3 });
    await until(() => queue.concurrency === 5);
    first.child.kill('SIGTERM');
    await first.ended;
    await until(() => queue.concurrency === 3);
    second.child.kill('SIGKILL');
    await until(() => queue.concurrency === 1);
  });

  test.each([1, 3])('run as many attempts at a time as they have slots (%i)', async (slots) => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { queue } = aQueue(redis, { concurrency: slots });
    await aWorker(redis, { slots });
    const tasks = Array.from({ length: slots }, () => queue.submit(gated, log, gate));
    await until(() => linesOf(log).length === slots);
    writeFileSync(gate, '');
    expect(await Promise.all(tasks.map((task) => task.result()))).toHaveLength(slots);
  });

  test('finish what they run before a SIGTERM ends them, and take nothing more', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { queue } = aQueue(redis, { concurrency: 2 });
    const { child, ended } = await aWorker(redis, { slots: 1 });
    const running = queue.submit(gated, log, gate);
    await until(() => linesOf(log).length > 0);
    child.kill('SIGTERM');
    await aWorker(redis, { slots: 1 });
    expect(await queue.submit(add, 1, 2).result()).toBe(3);
    writeFileSync(gate, '');
    expect(await running.result()).toBe(1);
    expect(await ended).toEqual([0, null]);
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'lose their attempts by %s, which are retried elsewhere',
    async (signal) => {
      const redis = await aRedis();
      const folder = temporaryFolder();
      const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
      const { queue } = aQueue(redis, { retry: { attempts: 2 } });
      const lost = await aWorker(redis, { slots: 1 });
      const task = queue.submit({ id: 'task' }, gated, log, gate);
      await until(() => linesOf(log).length > 0);
      lost.child.kill(signal);
      await aWorker(redis);
      await until(() => linesOf(log).includes('begun 2'));
      // The one that was taken for dead comes back and ends its attempt, which counts for nothing.
      lost.child.kill('SIGCONT');
      writeFileSync(gate, '');
      expect(await task.result()).toBe(2);
    },
  );

  test('lose their attempts by a cut network, and take others when it is joined again', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { queue } = aQueue(redis);
    const cable = await aCable(redis);
    const cutOff = await aWorker(redis, { slots: 1, connection: cable.url });
    const task = queue.submit({ id: 'task' }, gated, log, gate);
    await until(() => linesOf(log).length > 0);
    cable.cut();
    await expect(task.result()).rejects.toMatchObject({ code: 'WorkerLost', worker: cutOff.id });
    // It ends, and reports that as soon as it can, which counts for nothing.
    writeFileSync(gate, '');
    await until(() => linesOf(log).length > 1);
    const next = queue.submit(add, 1, 2);
    cable.join();
    expect(await next.result()).toBe(3);
    expect(task.state).toBe('failed');
  });

  test('that were taken for dead may take a job before they are heard of again', async () => {
    const redis = await aRedis();
    const { queue } = aQueue(redis);
    const client = new Redis(redis.url);
    const taken = deferred<Job>();
    const name = 'slow';
    // The one end of a worker: it takes jobs, and says nothing of itself.
    const worker = new Worker('jobs', (job) => (taken.resolve(job), deferred<void>().promise), {
      connection: { url: redis.url },
      prefix: redis.prefix,
      name,
      autorun: false,
    });
    worker.on('error', () => undefined);
    onTestFinished(async () => {
      await worker.close(true);
      client.disconnect();
    });
    const key = (of: string): string => `${redis.prefix}:jobs:${of}`;
    const presence = { beat: 1, protocol: PROTOCOL, module: '', slots: 3, expireMs: 1_000, jobs: [] };
    await client.set(key(`worker:${name}`), JSON.stringify(presence));
    await client.sadd(key('workers'), name);
    await until(() => queue.concurrency === 3);
    await until(() => queue.concurrency === 1);
    const task = queue.submit(add, 1, 2);
    void worker.run();
    await taken.promise;
    const [run = ''] = await client.smembers(key('runs'));
    const beats = async (): Promise<number> => Number(await client.hget(key(`run:${run}`), 'beat'));
    const first = await beats();
    await until(async () => (await beats()) > first + 4);
    expect(task.state).toBe('running');
    await expect(task.result()).rejects.toMatchObject({ code: 'WorkerLost', worker: name });
  });

  test('that are closed give their attempts back at once', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const { queue } = aQueue(redis, { retry: { attempts: 2, when: (error) => error instanceof WorkerLost } });
    // Silence would never tell.
    const options = { connection: redis.url, prefix: redis.prefix, expireMs: 1_000_000, ...BEATS };
    const closed = await startWorker(MODULE, { ...options, slots: 1 });
    const task = queue.submit({ id: 'task' }, gated, log, gate);
    await until(() => linesOf(log).length > 0);
    await closed.close();
    await aWorker(redis);
    writeFileSync(gate, '');
    expect(await task.result()).toBe(2);
  });

  test('are not shown any more when they have drained, whichever beat was on its way', async () => {
    const redis = await aRedis();
    // It takes some beats to close.
    const executor = Object.assign(new ManualExecutor(), { close: () => wait(30) });
    const options = { connection: redis.url, prefix: redis.prefix, slots: 1, beatMs: 10, executor };
    for (let round = 0; round < 4; round += 1) {
      const workers = Array.from({ length: 20 }, () => startWorker(MODULE, options));
      await Promise.all(workers.map(async (worker) => (await worker).drain()));
    }
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    expect(await client.keys('*:worker*')).toEqual([]);
  });

  test('fail what they were running with WorkerLost where nothing is retried', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const log = join(folder, 'log');
    const { queue } = aQueue(redis);
    const { child, id } = await aWorker(redis);
    const task = queue.submit({ id: 'task' }, gated, log, join(folder, 'gate'));
    await until(() => linesOf(log).length > 0);
    child.kill('SIGKILL');
    await expect(task.result()).rejects.toMatchObject({ code: 'WorkerLost', tasks: ['task'], worker: id });
  });

  test('are rid of a function that holds its thread, by a timeout', async () => {
    const redis = await aRedis();
    const { queue } = aQueue(redis);
    await aWorker(redis, { slots: 1 });
    await expect(queue.submit({ timeoutMs: 50 }, hangs).result()).rejects.toMatchObject({ code: 'TaskTimedOut' });
    expect(await queue.submit(add, 1, 2).result()).toBe(3);
  });

  test('of another version of the module refuse its attempts', async () => {
    const redis = await aRedis();
    const { queue } = aQueue(redis, {}, { version: '2' });
    const { id } = await aWorker(redis, { version: '1' });
    await expect(queue.submit({ id: 'task' }, add, 1, 2).result()).rejects.toMatchObject({
      code: 'VersionMismatch',
      message: `task task: its scheduler has version 2 of the module, worker ${id} has 1: give both the same`,
    });
  });
});
