/**
 * Tests that try a property. A few lines instead of @fast-check/vitest, which makes every combination of the modifiers of a test as an
 * object when it is loaded: 0.25 GB in each process, and each collection of garbage walks through it.
 */
import * as fc from 'fast-check';
import { test } from 'vitest';

/** A test that the property holds for all values of these arbitraries; a failure tells the seed and the least counterexample. */
export function property<T extends [unknown, ...unknown[]]>(
  arbitraries: { readonly [K in keyof T]: fc.Arbitrary<T[K]> },
  parameters?: fc.Parameters<T>,
): (name: string, holds: (...values: T) => unknown) => void {
  return (name, holds) => {
    // oxlint-disable-next-line vitest/valid-title -- the test that calls gives it
    test(name, async () => {
      const tried = fc.asyncProperty(...arbitraries, async (...values: T) => {
        if ((await holds(...values)) === false) throw new Error('expected the property to hold');
      });
      await fc.assert(tried, parameters);
    });
  };
}
