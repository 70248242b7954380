/**
 * All contestants by name. Each is loaded on request and alone, so that a process that measures memory or a cold start
 * holds no other library.
 */
import type { Contestant } from './contestant.js';

const LOADERS = {
  pullgraph: async () => (await import('./pullgraph.js')).pullgraph,
  'p-limit': async () => (await import('./p-limit.js')).withPLimit,
  'p-queue': async () => (await import('./p-queue.js')).withPQueue,
  'p-graph': async () => (await import('./p-graph.js')).withPGraph,
  'async.auto': async () => (await import('./async-auto.js')).withAsyncAuto,
  'XState alone': async () => (await import('./xstate.js')).withXState,
  floor: async () => (await import('./floor.js')).floor,
} satisfies Record<string, () => Promise<Contestant>>;

/**
 * The names of all contestants, in the order of the table.
 *
 * @internal
 */
export const CONTESTANTS: readonly string[] = Object.keys(LOADERS);

/**
 * Loads one contestant and no other.
 *
 * @throws Error if there is no contestant of that name.
 * @internal
 */
export async function loadContestant(name: string): Promise<Contestant> {
  const entry = Object.entries(LOADERS).find(([known]) => known === name);
  if (entry === undefined) throw new Error(`no contestant ${name}; there are ${CONTESTANTS.join(', ')}`);
  return entry[1]();
}
