/** A store as a scheduler opens it, with a clock of the test's own, and a record to keep in it. */
import { join } from 'node:path';
import type { Recipe, Store, StoredRecord, StoreSession } from '../../src/core/store-port.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

const recipe: Recipe = {
  name: 'f',
  fn: 'fn',
  args: ['a1'],
  dependencies: [{ name: 'd', recipe: undefined }],
  whole: 'whole',
};

/** A record without its value's fingerprint. */
export const done = (key: string): Omit<StoredRecord, 'fingerprint'> => ({
  key,
  queue: 'q',
  status: 'done',
  recipe,
  inputs: ['i', undefined],
});

/** The store in use, and what its commits have failed with. */
export function opened(
  store: Store,
  durability: 'batch' | 'each' = 'batch',
): { session: StoreSession; clock: SimulatedClock; failures: unknown[] } {
  const clock = new SimulatedClock();
  const failures: unknown[] = [];
  const session = store._open({ clock, durability, failed: (error) => failures.push(error) });
  return { session, clock, failures };
}

/** The path of a store in that folder. */
export const pathIn = (folder: string): string => join(folder, 'run.db');
