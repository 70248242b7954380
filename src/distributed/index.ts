/** The exports of `pullgraph/distributed`. */
export type { Blobs } from './blobs/blobs.js';
export { folderBlobs, type FolderBlobsOptions } from './blobs/folder-blobs.js';
export type { DistributedWorker } from './distributed-worker.js';
export { distributed } from './executor.js';
export type { DistributedOptions, RedisConnection, SharedOptions, WorkerOptions } from './options.js';
export { startWorker } from './worker.js';
