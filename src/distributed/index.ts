/** The exports of `pullgraph/distributed`. */
export { distributed } from './executor.js';
export type { DistributedOptions, RedisConnection, SharedOptions, WorkerOptions } from './options.js';
export { DistributedWorker, startWorker } from './worker.js';
