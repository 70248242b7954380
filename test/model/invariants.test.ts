import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { simulate } from '../../src/testing/index.js';
import type { Scenario, ScenarioTask } from '../../src/testing/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { anyScenario, scenarioOfKind } from '../support/scenario-arbitrary.js';
import {
  deliversOnceInOrder,
  leavesSomethingHeld,
  settlesOrStalls,
  stallsOnlyForAReason,
  startsAfterDependencies,
  startsNothingWhileStopped,
  staysWithinCapacity,
} from './trace-invariants.js';

const runs = { numRuns: scaledRuns(80) };

describe('for any scenario', () => {
  test.prop([anyScenario(30)], runs)(
    'a task starts after it is submitted and its dependencies are done',
    (scenario) => {
      expect(startsAfterDependencies(scenario, simulate(scenario))).toEqual([]);
    },
  );

  test.prop([anyScenario(30)], runs)('slots and resources are never exceeded', (scenario) => {
    expect(staysWithinCapacity(scenario, simulate(scenario))).toEqual([]);
  });

  test.prop([anyScenario(30)], runs)(
    'partial results are delivered once and in order, then comes the end',
    (scenario) => {
      expect(deliversOnceInOrder(scenario, simulate(scenario))).toEqual([]);
    },
  );

  test.prop([anyScenario(30)], runs)('each task settles exactly once or is reported as stalled', (scenario) => {
    expect(settlesOrStalls(scenario, simulate(scenario))).toEqual([]);
  });

  test.prop([anyScenario(30)], runs)('what is stalled cannot start', (scenario) => {
    expect(stallsOnlyForAReason(scenario, simulate(scenario))).toEqual([]);
  });

  test.prop([anyScenario(30)], runs)('a second simulation gives the same', (scenario) => {
    expect(simulate(scenario)).toEqual(simulate(scenario));
  });

  test.prop([anyScenario(30)], runs)('all slots and resources come back', (scenario) => {
    const simulation = simulate(scenario);
    // What a task holds for ever does not come back; that is what `stalled` and the rule of holding are about.
    if (leavesSomethingHeld(scenario, simulation)) return;
    const end = Math.max(
      0,
      ...simulation.trace.map(({ at }) => at),
      ...scenario.tasks.map((task) => task.submitAt ?? 0),
    );
    const probes = probesOf(scenario, end + 1);
    const probed = simulate({ ...scenario, tasks: [...scenario.tasks, ...probes] });
    const started = probed.trace.filter(({ at, event }) => at === end + 1 && event === 'start');
    expect(started).toHaveLength(probes.length);
  });
});

describe('for any scenario with stops', () => {
  test.prop([scenarioOfKind('mixed', 30)], runs)('nothing starts while stopped', (scenario) => {
    expect(startsNothingWhileStopped(scenario, simulate(scenario))).toEqual([]);
  });

  test.prop([scenarioOfKind('stop', 30)], runs)(
    'everything settles after the last resume, nothing runs twice',
    (scenario) => {
      const simulation = simulate(scenario);
      expect(settlesOrStalls(scenario, simulation)).toEqual([]);
      expect(simulation.stalled).toEqual([]);
    },
  );

  test.prop([scenarioOfKind('stop', 30)], runs)('what is not resumed is never started', ({ control = [], ...rest }) => {
    const stopped: Scenario = { ...rest, control: [...control, { at: control.at(-1)?.at ?? 0, do: 'stop' }] };
    const { trace } = simulate(stopped);
    expect(startsNothingWhileStopped(stopped, { trace, stalled: [] })).toEqual([]);
  });
});

/** As many tasks as there are slots, which together take everything every queue has. */
function probesOf({ queues }: Scenario, submitAt: number): readonly ScenarioTask[] {
  return queues.flatMap(({ name, concurrency, resources = {} }) =>
    Array.from({ length: concurrency }, (_, place) => ({
      id: `probe-${name}-${place}`,
      queue: name,
      deps: [],
      duration: 1,
      resources: place === 0 ? resources : {},
      submitAt,
    })),
  );
}
