/** `arbitraries`: what is drawn is valid and has its shape, and a failing property shrinks to the smallest scenario that fails. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_FEATURES, arbitraries, type GraphShape } from '../../src/testing/fast-check.js';
import { parseScenario, type Scenario } from '../../src/testing/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

const { scenarios, faults } = arbitraries(fc);

property([scenarios(ALL_FEATURES)], { numRuns: scaledRuns(50) })('every scenario is valid', (scenario) => {
  expect(parseScenario(JSON.parse(JSON.stringify(scenario)))).toEqual(scenario);
});

const needs = ({ tasks }: Scenario): readonly (readonly string[])[] =>
  tasks.map(({ deps, after = [] }) => [...deps, ...after].map((reference) => reference.split('#')[0] ?? ''));

describe.each<[GraphShape, (needed: readonly (readonly string[])[]) => boolean]>([
  ['chain', (needed) => needed.every((ids, place) => place === 0 || ids.join() === `t${place - 1}`)],
  ['fan', (needed) => needed.slice(1, -1).every((ids) => ids.join() === 't0')],
  ['diamond', (needed) => needed.every((ids, place) => ids.length === (place === 0 ? 0 : place % 3 === 0 ? 2 : 1))],
  [
    'layers',
    (needed) =>
      needed.every((ids, place) =>
        ids.every((id) => Math.floor(Number(id.slice(1)) / 3) === Math.floor(place / 3) - 1),
      ),
  ],
])('%s', (shape, isSo) => {
  property([scenarios({ shapes: [shape] })], { numRuns: scaledRuns(20) })('has its edges', (scenario) => {
    expect(isSo(needs(scenario))).toBe(true);
  });
});

/** The smallest counterexample of a property that no scenario with `isBad` has. */
function smallest(isBad: (scenario: Scenario) => boolean): Scenario {
  const { counterexample } = fc.check(
    fc.property(scenarios(ALL_FEATURES), (scenario) => !isBad(scenario)),
    { numRuns: 2_000, seed: 5 },
  );
  if (counterexample === null) throw new Error('expected a counterexample');
  return counterexample[0];
}

test('a task that holds shrinks to that task alone', () => {
  const { queues, tasks, control } = smallest((scenario) => scenario.tasks.some(({ hold }) => hold === true));
  expect(queues).toHaveLength(1);
  expect(tasks).toEqual([{ id: 't0', queue: 'q0', deps: [], duration: 0, resources: { mem: 0 }, hold: true }]);
  expect(control).toBeUndefined();
});

test('a dependency between two queues shrinks to two tasks', () => {
  const { queues, tasks } = smallest(({ tasks: all }) =>
    all.some(({ deps, queue }) =>
      deps.some((id) => all.find((other) => other.id === id)?.queue !== queue && !id.includes('#')),
    ),
  );
  expect(queues).toHaveLength(2);
  expect(tasks).toHaveLength(2);
});

property([faults], { numRuns: scaledRuns(20) })('a plan of faults has shares', (plan) => {
  for (const share of Object.values(plan)) expect(share).toBeLessThanOrEqual(1);
});
