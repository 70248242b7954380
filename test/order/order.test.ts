import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { simulate } from '../../src/testing/index.js';
import { property } from '../support/property.js';
import { referenceSchedule } from '../support/reference-scheduler.js';
import { scaledRuns } from '../support/property-runs.js';
import { scenarioKinds, scenarioOfKind } from '../support/scenario-arbitrary.js';

describe.each(scenarioKinds)('for any scenario of kind %s', (kind) => {
  // Small scenarios find most differences and shrink well; large ones reach orders that take many tasks to build.
  property([fc.oneof(scenarioOfKind(kind, 8), scenarioOfKind(kind, 25))], { numRuns: scaledRuns(60) })(
    'simulate gives the trace of the rule',
    (scenario) => {
      expect(simulate(scenario)).toEqual(referenceSchedule(scenario));
    },
  );

  property([scenarioOfKind(kind, 60)], { numRuns: scaledRuns(60) })('with up to 60 tasks, too', (scenario) => {
    expect(simulate(scenario)).toEqual(referenceSchedule(scenario));
  });

  property([scenarioOfKind(kind, 25)], { numRuns: scaledRuns(15) })(
    'either interpreter gives the same trace',
    (scenario) => {
      expect(simulate(scenario, { interpreter: 'xstate' })).toEqual(simulate(scenario));
    },
  );
});
