import * as fc from 'fast-check';
import { expect } from 'vitest';
import { scaledRuns } from '../support/property-runs.js';
import { schedulerCommands } from './scheduler-commands.js';
import { property } from '../support/property.js';
import { System } from '../support/scheduler-comparison.js';
import { type ModelQueue, SchedulerModel } from '../support/scheduler-model.js';
import { bringToEnd } from './scheduler-finale.js';

const queue = fc.record({ concurrency: fc.integer({ min: 1, max: 3 }), mem: fc.nat(4) });
const queues = fc
  .array(queue, { minLength: 1, maxLength: 2 })
  .map((drawn) => drawn.map((each, place): ModelQueue => ({ name: `q${place}`, ...each })));

const interpreters = fc.constantFrom('compiled' as const, 'xstate' as const);

property([queues, interpreters, schedulerCommands(80)], { numRuns: scaledRuns(40) })(
  'whatever is called and reported, the scheduler does what the model says, and in the end everything settles',
  async (drawnQueues, drawnActors, commands) => {
    const model = new SchedulerModel(drawnQueues);
    const system = new System(model, drawnActors);
    await fc.asyncModelRun(() => ({ model, real: system }), commands);
    await bringToEnd(model, system);
    expect(model.tasks.map(({ id }) => system.settlementsOf(id))).toEqual(model.tasks.map(() => 1));
    expect(system.executor.closings).toBe(1);
  },
);
