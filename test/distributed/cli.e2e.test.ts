/** `pullgraph worker`, and what it must not tell. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { aQueue, aRedis, MODULE } from './distributed-kit.js';
import { add } from './fixtures/jobs.js';
import { SKIPS_REDIS } from './redis-server.js';

const SECRET = 'open-sesame';

describe.skipIf(SKIPS_REDIS)('pullgraph worker', () => {
  test('runs attempts with a user and a password, and ends by SIGTERM', async () => {
    const redis = await aRedis(['--user', 'ann', 'on', `>${SECRET}`, '~*', '&*', '+@all', '--requirepass', 'other']);
    const address = redis.url.slice('redis://'.length);
    const [host = '', port = ''] = address.split(':');
    const given = ['worker', fileURLToPath(MODULE), '--prefix', redis.prefix, '-j', '2'];
    const worker = startCli(given, { PULLGRAPH_REDIS: `redis://ann:${SECRET}@${address}` });
    await worker.until('takes 2 at a time\n');
    const connection = { host, port: Number(port), username: 'ann', password: SECRET };
    const { queue } = aQueue(redis, {}, { connection });
    expect(await queue.submit(add, 1, 2).result()).toBe(3);
    worker.child.kill('SIGTERM');
    const { code, stderr } = await worker.ended;
    expect([code, stderr]).toEqual([143, expect.stringContaining('SIGTERM: waiting')]);
  });

  test('ends by a second SIGTERM while Redis is away', async () => {
    const redis = await aRedis();
    const worker = startCli(['worker', fileURLToPath(MODULE), '--redis', redis.url]);
    await worker.until('at a time\n');
    await redis.kill();
    await worker.until('Redis is unavailable', 'stderr');
    worker.child.kill('SIGTERM');
    await worker.until('SIGTERM: waiting', 'stderr');
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(143);
  });

  test('says that it may not use Redis, without the password', async () => {
    const redis = await aRedis(['--requirepass', 'other']);
    const given = ['worker', fileURLToPath(MODULE), '--redis', redis.url.replace('//', `//:${SECRET}@`)];
    const worker = startCli(given);
    await worker.until('WRONGPASS', 'stderr');
    worker.child.kill('SIGKILL');
    const { stdout, stderr } = await worker.ended;
    expect(stdout + stderr).not.toContain(SECRET);
  });

  test('refuses an address that is none, without a word of it', async () => {
    const worker = startCli(['worker', fileURLToPath(MODULE), '--redis', `http://:${SECRET}@localhost`]);
    expect(await worker.ended).toEqual({
      code: 255,
      stdout: '',
      stderr:
        'pullgraph worker: startWorker(): expected connection to be a URL that begins with redis:// or rediss://\n',
    });
  });
});
