/** Shared work over a folder: what `pullgraph/shared-folder` exports. */
export type { Codec } from './codec.js';
export type { SharedFolderOptions } from './options.js';
export { SharedFolder, sharedFolder } from './shared-folder.js';
