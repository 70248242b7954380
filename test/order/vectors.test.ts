import { describe, expect, test } from 'vitest';
import { type Scenario, type Simulation, simulate } from '../../src/testing/index.js';
import { referenceSchedule } from '../support/reference-scheduler.js';
import { scenarioKinds } from '../support/scenario-arbitrary.js';
import { vectorScenarios } from '../support/vector-scenarios.js';

const vectors = vectorScenarios();

test('the vectors hold scenarios of every kind', () => {
  const kinds = new Set(vectors.map(({ name }) => name.split('-')[0]));
  expect(kinds).toEqual(new Set(['readme', ...scenarioKinds]));
});

describe.each<[string, (scenario: Scenario) => Simulation]>([
  ['the reference of the rule', referenceSchedule],
  ['simulate', (scenario) => simulate(scenario)],
  ['simulate with the interpreter xstate', (scenario) => simulate(scenario, { interpreter: 'xstate' })],
])('%s', (_, schedule) => {
  test.each(vectors)('reproduces $name', ({ scenario, expected }) => {
    expect(schedule(scenario)).toEqual(expected);
  });
});
