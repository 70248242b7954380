/** The entry `pullgraph/store`: where a scheduler keeps the outcomes of its tasks. */
export type { Durability, Store } from '../core/store-port.js';
export { memoryStore } from './memory-store.js';
export { sqliteStore } from './sqlite-store.js';
