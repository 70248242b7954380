/** `explore`: every graph of up to four tasks, at both granularities, and what it says of a graph that cannot end. */
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/testing/index.js';
import { graphOf, shapes } from './graphs.js';

const GRANULARITIES = ['macro', 'micro'] as const;

describe('every graph of up to four tasks keeps the invariants', () => {
  for (const granularity of GRANULARITIES) {
    for (const slots of [1, 2]) {
      it(`${granularity}, on ${slots} slots`, () => {
        let states = 0;
        for (const shape of [1, 2, 3, 4].flatMap(shapes)) {
          const found = explore(graphOf(shape, slots), { granularity });
          expect([shape, found.violation, found.isComplete]).toEqual([shape, undefined, true]);
          states += found.states;
        }
        expect(states).toBeGreaterThan(granularity === 'macro' ? 2000 : 200_000);
      });
    }
  }
});
