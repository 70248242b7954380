/** Simulations with all faults: what they do breaks no invariant. */
import { expect, test } from 'vitest';
import { ALL_FAULTS, check, simulate } from '../../src/testing/index.js';
import { huntingGround } from '../support/hunt.js';

test('without a bug nothing is found where the bugs are looked for', () => {
  for (const [seed, scenario] of huntingGround(150).entries()) {
    const { trace, scenario: played } = simulate(scenario, { seed, faults: ALL_FAULTS });
    expect(check(trace, played).holds).toBe(true);
  }
});
