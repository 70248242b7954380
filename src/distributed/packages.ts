/** The packages behind this folder: BullMQ, and the client of Redis that it uses. They are loaded for the first connection. */
import type * as bullmq from 'bullmq';
import type * as ioredis from 'ioredis';
import { neededPackage } from '../core/needed-package.js';

/** @internal */
export interface RedisPackages {
  readonly bullmq: typeof bullmq;
  readonly ioredis: typeof ioredis;
}

/** @param user - the call that needs them, for the message. @throws SchedulerError `MissingPackage`. @internal */
export async function redisPackages(user: string): Promise<RedisPackages> {
  return {
    bullmq: await neededPackage('bullmq', user, () => import('bullmq')),
    ioredis: await neededPackage('ioredis', user, () => import('ioredis')),
  };
}
