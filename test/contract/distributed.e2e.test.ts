/** The contract of executors, held against attempts that travel through Redis to a worker. */
import { afterAll, beforeAll } from 'vitest';
import { type DistributedWorker, distributed, startWorker } from 'pullgraph/distributed';
import { redisServer, type RedisServer, SKIPS_REDIS } from '../distributed/redis-server.js';
import { describeExecutor, MOST_AT_ONCE } from './describe-executor.js';
import { inFile } from './new-cells.js';

const MODULE = new URL('./fixtures/work.js', import.meta.url);

if (!SKIPS_REDIS) {
  let redis: RedisServer;
  let worker: DistributedWorker;
  beforeAll(async () => {
    redis = await redisServer();
    worker = await startWorker(MODULE, { connection: redis.url, prefix: redis.prefix, slots: MOST_AT_ONCE });
  });
  afterAll(async () => {
    await worker.drain();
    await redis.close();
  });

  describeExecutor('distributed', () => distributed(MODULE, { connection: redis.url, prefix: redis.prefix }), inFile);
}
