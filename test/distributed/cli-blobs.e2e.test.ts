/** `pullgraph worker --blobs`. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { folderBlobs } from 'pullgraph/distributed';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { aQueue, aRedis, MODULE } from './distributed-kit.js';
import { echo } from './fixtures/jobs.js';
import { SKIPS_REDIS } from './redis-server.js';

describe.skipIf(SKIPS_REDIS)('pullgraph worker --blobs', () => {
  test('finds large arguments in the folder of the scheduler, and puts results there', async () => {
    const redis = await aRedis();
    const folder = temporaryFolder();
    const given = ['--redis', redis.url, '--prefix', redis.prefix, '-j', '2', '--blobs', folder];
    const worker = startCli(['worker', fileURLToPath(MODULE), ...given]);
    onTestFinished(() => void worker.child.kill('SIGKILL'));
    await worker.until('takes 2 at a time\n');
    const { queue } = aQueue(redis, {}, { blobs: folderBlobs(folder) });
    const large = 'x'.repeat(100_000);
    expect(await queue.submit(echo, large).result()).toBe(large);
    await expect.poll(() => readdirSync(folder)).toEqual([]);
  });
});
