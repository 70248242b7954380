/** A worker that is cut off from Redis without a word, and joined again. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startLine } from './cut-line.js';
import { aQueue, aRedis, aWorker, linesOf, until } from './distributed-kit.js';
import { add, gated } from './fixtures/jobs.js';
import { SKIPS_REDIS } from './redis-server.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

describe.skipIf(SKIPS_REDIS)('a worker whose line is cut', () => {
  test('is taken for dead, delivers nothing when it comes back, and works again', async () => {
    const redis = await aRedis();
    const line = await startLine(Number(new URL(redis.url).port));
    onTestFinished(() => line.end());
    const url = `redis://127.0.0.1:${line.port}`;
    const far = await aWorker(redis, { connection: url, expireMs: 400 });
    const { queue } = aQueue(redis, { retry: { attempts: 2 } });
    const folder = temporaryFolder();
    const [log, gate] = [join(folder, 'log'), join(folder, 'gate')];
    const task = queue.submit(gated, log, gate);
    await until(() => linesOf(log).includes('begun 1'));

    line.cut();
    const near = await aWorker(redis);
    await until(() => linesOf(log).includes('begun 2'));
    // Both attempts run, and the first ends first: it must not count.
    line.join();
    await until(() => linesOf(log).includes('aborted 1'));
    writeFileSync(gate, '');
    expect(await task.result()).toBe(2);
    expect(linesOf(log)).toEqual(['begun 1', 'begun 2', 'aborted 1', 'ended 2']);

    near.child.kill('SIGKILL');
    await near.ended;
    expect(await queue.submit({ timeoutMs: 60_000 }, add, 1, 2).result()).toBe(3);
    expect(far.child.exitCode).toBeNull();
  });
});
