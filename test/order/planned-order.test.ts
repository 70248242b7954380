/** The orders that go by durations: the rules, compared with naive ones. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { ALL_FAULTS, check, type Scenario, type ScenarioQueue, simulate } from '../../src/testing/index.js';
import { operations } from '../support/order-operations.js';
import { play } from '../support/order-play.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';
import { scaledRuns } from '../support/property-runs.js';
import { referenceSchedule } from '../support/reference-scheduler.js';
import { scenarioOfKind } from '../support/scenario-arbitrary.js';

describe.each(['critical-path', 'soonest'] as const)('%s', (order) => {
  property([operations(80, true)], { numRuns: scaledRuns(300) })(
    'for any tasks that come, start, deliver, end and are withdrawn, the ready ones stand as the rule says',
    (ops) => {
      play(ops, order);
    },
  );
});

describe.each(['critical-path', 'soonest'] as const)('simulate in the order %s', (order) => {
  const features = { priority: true, fifo: true };
  property([scenarioOfKind('mixed', 25, features)], { numRuns: scaledRuns(100) })(
    'gives the trace of the rule for any scenario, and its faulty runs keep the invariants',
    (scenario) => {
      const ordered: Scenario = { ...scenario, queues: scenario.queues.map(withoutNewest), order };
      expect(simulate(ordered)).toEqual(referenceSchedule(ordered));
      const run = simulate(ordered, { seed: scenario.tasks.length, faults: ALL_FAULTS });
      expect(check(run.trace, run.scenario).invariants.flatMap(({ witness }) => witness ?? [])).toEqual([]);
    },
  );
});

test('in the order soonest a start that leaves a final result the least work changes who is next at once', () => {
  const scenario: Scenario = {
    order: 'soonest',
    queues: [
      { name: 'q', concurrency: 1 },
      { name: 'other', concurrency: 1 },
    ],
    tasks: [
      { id: 'four units', queue: 'other', deps: [], duration: 4 },
      { id: 'urgent', queue: 'q', deps: [], duration: 1, priority: 1 },
      { id: 'near', queue: 'other', deps: [], duration: 1 },
      { id: 'four with both', queue: 'q', deps: ['urgent', 'near'], duration: 2 },
    ],
  };
  const starts = simulate(scenario).trace.flatMap((event) => (event.event === 'start' ? [event.id] : []));
  expect(starts.slice(0, 2)).toEqual(['urgent', 'near']);
  expect(simulate(scenario)).toEqual(referenceSchedule(scenario));
});

function withoutNewest({ order, ...queue }: ScenarioQueue): ScenarioQueue {
  return order === 'fifo' ? { ...queue, order } : queue;
}

test('an order that does not exist is refused, and newest for a queue of a scheduler with another order', () => {
  const { code, message } = refusalOf(() => new Scheduler({ order: 'oldest' as 'newest' }));
  expect(`${code}: ${message}`).toMatch(/^InvalidOption: order must be newest, critical-path or soonest, got /);
  const scheduler = new Scheduler({ order: 'soonest' });
  expect(refusalOf(() => scheduler.queue('q', { order: 'newest' }))).toMatchObject({
    code: 'InvalidOption',
    queue: 'q',
  });
  expect(scheduler.queue('fifo', { order: 'fifo' }).name).toBe('fifo');
});
