/** The scheduler that users see: the runtime's, with `inline()` as the executor of queues that name none. */
import type { SchedulerEvent } from '../machines/scheduler.js';
import type { Executor, Surroundings } from './core/ports.js';
import { inline } from './executors/inline.js';
import { type ContextWith, SchedulerBase, type SchedulerOptions } from './runtime/scheduler.js';
import { EngineLogic } from './runtime/scheduler-actor.js';
import type { TableActorLogic } from './runtime/table-logic.js';
import { systemSurroundings } from './system/surroundings.js';

/**
 * A scheduler: named queues, one demand order across all of them, and the actors that run it.
 *
 * @public
 */
export class Scheduler extends SchedulerBase {
  protected override makeDefaultExecutor(): Executor {
    return inline();
  }

  protected override surroundings(): Surroundings {
    return systemSurroundings;
  }
}

/**
 * The context of a scheduler actor's snapshot.
 *
 * @public
 */
export type SchedulerContext = ContextWith<Scheduler>;

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
export const schedulerLogic: TableActorLogic<SchedulerContext, SchedulerEvent, SchedulerInput | undefined, undefined> =
  new EngineLogic<SchedulerInput | undefined, SchedulerContext>(systemSurroundings, (engine, actor, input) => {
    const scheduler = new Scheduler({}, { engine, actor });
    input?.setup?.(scheduler);
    return { scheduler };
  });
