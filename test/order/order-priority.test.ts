import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/testing/index.js';
import type { Scenario } from '../../src/testing/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { referenceSchedule } from '../support/reference-scheduler.js';
import { scenarioKinds, scenarioOfKind } from '../support/scenario-arbitrary.js';

describe.each(scenarioKinds)('for any scenario of kind %s with priorities', (kind) => {
  const scenarios = fc.oneof(
    scenarioOfKind(kind, 8, { priority: true }),
    scenarioOfKind(kind, 25, { priority: true }),
    scenarioOfKind(kind, 60, { priority: true }),
  );
  property([scenarios], { numRuns: scaledRuns(80) })('simulate starts the most urgent first', (scenario) => {
    expect(simulate(scenario)).toEqual(referenceSchedule(scenario));
  });
});

test('an older task of higher priority starts before newer ones', () => {
  expect(startsOf([task('urgent', [], 1), task('newer', []), task('newest', [])])).toEqual([
    'urgent',
    'newest',
    'newer',
  ]);
});

test('a dependency is as urgent as its most urgent dependent', () => {
  const tasks = [task('source', [], -5), task('urgent', ['source'], 3), task('newer', [], 2), task('newest', [])];
  expect(startsOf(tasks)).toEqual(['source', 'urgent', 'newer', 'newest']);
});

test('an urgent dependent that is submitted later lifts what it depends on above its rivals', () => {
  const tasks = [
    task('source', []),
    { ...task('first', [], 1), duration: 2 },
    { ...task('urgent', ['source'], 2), submitAt: 1 },
    { ...task('rival', [], 1), submitAt: 1 },
  ];
  expect(startsOf(tasks)).toEqual(['first', 'source', 'urgent', 'rival']);
});

test('tasks of equal priority start newest first, depth first', () => {
  const tasks = [task('a', [], 7), task('b', ['a'], 7), task('c', [], 7), task('d', ['c'], 7)];
  expect(startsOf(tasks)).toEqual(['c', 'd', 'a', 'b']);
});

function task(id: string, deps: readonly string[], priority = 0): Scenario['tasks'][number] {
  return { id, queue: 'q', deps, duration: 1, priority };
}

/** The order in which the tasks start on a queue of one slot. */
function startsOf(tasks: Scenario['tasks']): readonly string[] {
  const { trace } = simulate({ queues: [{ name: 'q', concurrency: 1 }], tasks });
  return trace.flatMap((event) => (event.event === 'start' ? [event.id] : []));
}
