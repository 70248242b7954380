/** Whole runs of the real scheduler, by simulations with all faults and by commands, break no invariant. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands, runCommands } from '../../src/testing/fast-check.js';
import { ALL_FAULTS, check, simulate } from '../../src/testing/index.js';
import { commandedGraphs, huntingGrounds } from '../support/hunt.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

test('without a bug nothing is found where the bugs are looked for', () => {
  for (const [seed, scenario] of huntingGrounds(150).any.entries()) {
    const { trace, scenario: played } = simulate(scenario, { seed, faults: ALL_FAULTS });
    expect(check(trace, played).holds).toBe(true);
  }
});

property([commandedGraphs, commands(fc), fc.constantFrom('compiled' as const, 'xstate' as const)], {
  numRuns: scaledRuns(60),
})('for any graph and any commands, no invariant is broken', async (graph, sequence, interpreter) => {
  await runCommands(fc, graph, sequence, { interpreter });
});
