/** The exports of `pullgraph/executors`. */
export type { Attempt, Executor, TaskFunction } from '../core/ports.js';
export { inline } from './inline.js';
export type { ThreadsOptions } from './threads/options.js';
export { threads } from './threads/executor.js';
export type { ProcessesOptions } from './processes/options.js';
export { processes } from './processes/executor.js';
