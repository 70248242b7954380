/**
 * Many machines that die. `npm test` kills a few; `npm run torture:distributed` kills as many as `PULLGRAPH_TORTURE=full` says here, and
 * prints the figures.
 */
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { redisServer, SKIPS_REDIS } from './redis-server.js';
import { endAll, SLOTS, type Torture, torture } from './torture.js';

const seed = Number(process.env['PULLGRAPH_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const isFull = process.env['PULLGRAPH_TORTURE'] === 'full';

const extent: Torture = isFull
  ? { seed, schedulers: 3, workers: 6, width: 300, kills: { worker: 100, redis: 5, scheduler: 3 } }
  : { seed, schedulers: 2, workers: 3, width: 24, kills: { worker: 3, redis: 1, scheduler: 1 } };

test.skipIf(SKIPS_REDIS)(
  `whatever is killed, every task has one right result and Redis is empty in the end (seed ${seed})`,
  async () => {
    onTestFinished(endAll);
    const server = await redisServer(['--appendonly', 'yes'], true);
    onTestFinished(() => server.close());
    const client = new Redis(server.url);
    // Redis is killed on purpose.
    client.on('error', () => undefined);
    onTestFinished(() => client.disconnect());
    const isOfNoJob = /:(meta|id|events|stalled-check|workers|marker)$|:worker:[^:]+(:in)?$/;
    const left = async (): Promise<string[]> => (await client.keys('*')).filter((key) => !isOfNoJob.test(key));
    const ended = await torture(extent, server, temporaryFolder(), async () => {
      await expect.poll(left).toEqual([]);
    });
    if (isFull) process.stdout.write(`${inspect({ seed, ...ended })}\n`);
    expect(ended.results).toEqual(ended.expected);
    expect(ended.kills).toEqual(extent.kills);
    expect(ended.settledTwice).toEqual([]);
    expect(await left()).toEqual([]);
    // What was running where a process died, and no more.
    expect(ended.began - ended.tasks).toBeLessThanOrEqual(SLOTS * (ended.kills.worker + ended.kills.scheduler));
  },
);
