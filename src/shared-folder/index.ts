/** Shared work over a folder: what `pullgraph/shared-folder` exports. */
export type { Codec } from './codec.js';
export type { SharedFolderOptions } from './options.js';
export { type QueueMaker, SharedFolder, sharedFolder } from './shared-folder.js';
export { SharedQueue, type SharedResult, type SharedTaskOptions } from './shared-queue.js';
