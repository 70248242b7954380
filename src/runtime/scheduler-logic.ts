/** The scheduler as the logic of an actor that a machine invokes or spawns. */
import { systemEnvironment } from '../system/environment.js';
import { openKeeping } from './keeping/open-keeping.js';
import { Scheduler, type SchedulerContext } from './scheduler.js';
import { engineLogic, type EngineLogic } from './scheduler-actor.js';
import type { SchedulerOptions } from './scheduler-options.js';
import type { Interpreter } from './statecharts/cells.js';
import { ChartSnapshot } from './statecharts/chart-snapshot.js';

/**
 * The input of `schedulerLogic`.
 *
 * @public
 */
export interface SchedulerInput extends Omit<SchedulerOptions, 'parent' | 'inspect'> {
  /** Called with the scheduler when its actor is made: the place to add queues and first tasks. */
  readonly setup?: (scheduler: Scheduler) => void;
}

/**
 * The scheduler as actor logic, for a machine that invokes or spawns it. Its snapshot's context has the `Scheduler`; it
 * takes the events `start.requested`, `stop.requested` and `close.requested`, and is done when it is closed. When the
 * invoking machine stops it, running tasks are cancelled and the scheduler is closed.
 *
 * @public
 */
export const schedulerLogic: EngineLogic<SchedulerInput | undefined, SchedulerContext> = invokedLogic();

function invokedLogic(): EngineLogic<SchedulerInput | undefined, SchedulerContext> {
  const logicFor = (interpreter: Interpreter): EngineLogic<SchedulerInput | undefined, SchedulerContext> =>
    engineLogic(interpreter, systemEnvironment, (engine, actor, input: SchedulerInput | undefined) => {
      const scheduler = new Scheduler({}, { engine, actor });
      engine.settlement.keeping = openKeeping(input ?? {}, engine);
      input?.setup?.(scheduler);
      return { scheduler };
    });
  const compiled = logicFor('compiled');
  let xstate: typeof compiled | undefined;
  const interpreted = (): typeof compiled => (xstate ??= logicFor('xstate'));
  return {
    ...compiled,
    getInitialSnapshot(scope, input) {
      if (input?.interpreter !== 'xstate') return compiled.getInitialSnapshot(scope, input);
      return interpreted().getInitialSnapshot(scope, input);
    },
    transition: (snapshot, event, scope) =>
      (snapshot instanceof ChartSnapshot ? compiled : interpreted()).transition(snapshot, event, scope),
    getPersistedSnapshot: (snapshot) => snapshot,
  };
}
