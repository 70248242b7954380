/** `check` on what the real scheduler does: with and without faults every invariant holds, and each is asked for. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_FEATURES, arbitraries } from '../../src/testing/fast-check.js';
import { ALL_FAULTS, check, type CheckReport, INVARIANTS, type Scenario, simulate } from '../../src/testing/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { anyScenario, scenarioOfKind } from '../support/scenario-arbitrary.js';

const runs = { numRuns: scaledRuns(120) };
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const mixed = scenarioOfKind('mixed', 25, { priority: true, fifo: true });

/** What was broken, as sentences. */
function violations({ invariants }: CheckReport): readonly string[] {
  return invariants.flatMap(({ name, witness }) => (witness === undefined ? [] : [`${name}: ${witness.message}`]));
}

describe('for any scenario', () => {
  property([fc.oneof(anyScenario(30), mixed)], runs)('every invariant holds', (scenario) => {
    expect(violations(check(simulate(scenario).trace, scenario))).toEqual([]);
  });

  property([anyScenario(30)], runs)('each task is done once, or is reported as stalled', (scenario) => {
    const { trace, stalled } = simulate(scenario);
    const done = trace.flatMap((event) => (event.event === 'done' ? [event.id] : []));
    expect([...done, ...stalled].toSorted()).toEqual(scenario.tasks.map(({ id }) => id).toSorted());
  });

  property([scenarioOfKind('stop', 30)], runs)('what is not resumed is never started', ({ control = [], ...rest }) => {
    const stopped: Scenario = { ...rest, control: [...control, { at: control.at(-1)?.at ?? 0, do: 'stop' }] };
    expect(violations(check(simulate(stopped).trace, stopped))).toEqual([]);
  });

  property([mixed, seeds, fc.constantFrom('compiled' as const, 'xstate' as const)], runs)(
    'every invariant holds whatever goes wrong, and the same seed gives the same trace',
    (scenario, seed, interpreter) => {
      const { trace, scenario: played } = simulate(scenario, { seed, faults: ALL_FAULTS, interpreter });
      expect(violations(check(trace, played))).toEqual([]);
      expect(JSON.stringify(simulate(scenario, { seed, faults: ALL_FAULTS }).trace)).toBe(JSON.stringify(trace));
    },
  );
});

test('every invariant is asked for in a hundred simulations with faults', () => {
  const counts = new Map<string, number>();
  const drawn = arbitraries(fc).scenarios(ALL_FEATURES);
  for (const [seed, scenario] of fc.sample(drawn, { numRuns: 100, seed: 1 }).entries()) {
    const { trace, scenario: played } = simulate(scenario, { seed, faults: ALL_FAULTS });
    for (const { name, checked } of check(trace, played).invariants)
      counts.set(name, (counts.get(name) ?? 0) + checked);
  }
  expect(Object.keys(INVARIANTS).filter((name) => (counts.get(name) ?? 0) < 10)).toEqual([]);
});
