/** Each bug planted into the runtime breaks an invariant; docs/testing.md lists which. */
import { expect, test } from 'vitest';
import { huntingGround, hunt } from '../support/hunt.js';
import { PLANTED_BUGS } from '../support/planted-bugs.js';
import { check, ALL_FAULTS, simulate } from '../../src/testing/index.js';

const ground = huntingGround(600);

test('without a bug nothing is found where the bugs are looked for', () => {
  for (const [seed, scenario] of ground.slice(0, 150).entries()) {
    const { trace, scenario: played } = simulate(scenario, { seed, faults: ALL_FAULTS });
    expect(check(trace, played).holds).toBe(true);
  }
});

test.each(PLANTED_BUGS)('found: $bug', async (bug) => {
  expect((await hunt(bug, ground))?.invariants.length ?? 0).toBeGreaterThan(0);
});
