/** The exports of `pullgraph/shared-folder`. */
export type { Codec } from './codec.js';
export type { SharedFolderOptions } from './options.js';
export { SharedFolder, sharedFolder } from './shared-folder.js';
