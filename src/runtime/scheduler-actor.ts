/**
 * The scheduler as actor logic. `new Scheduler()` creates an actor from it; a machine of one's own can invoke it instead
 * (`invoke: { src: schedulerLogic, input: { setup(scheduler) { … } } }`) and finds the scheduler in the snapshot's context.
 */
import type { ActorRef, AnyActorRef, Snapshot } from 'xstate';
import { SCHEDULER_EFFECTS, type SchedulerEvent, schedulerMachine } from '../../machines/scheduler.js';
import type { Surroundings, Turn } from '../core/ports.js';
import { type ActorsSeen, Engine } from './engine.js';
import type { OnFailure } from './lifecycle.js';
import { type TableLogic, tableLogic, type TableSnapshot } from './table-logic.js';
import { compile } from './transition-table.js';

const schedulerTable = compile(schedulerMachine, SCHEDULER_EFFECTS);

/** What a scheduler's engine begins with. @internal */
export interface EngineInput {
  readonly onFailure?: OnFailure | undefined;
  readonly actors?: 'live' | 'on-demand' | undefined;
  /** @internal When the present burst of submissions is over; a microtask by default. */
  readonly _turn?: Turn | undefined;
  /** @internal Time and chance; the real ones by default. */
  readonly _surroundings?: Surroundings | undefined;
  /** @internal The actor is the root of its system and nobody inspects it. */
  readonly _isAlone?: boolean;
}

/** Makes logic whose subject is what `wrap` puts around the engine of each actor. @internal */
export function engineLogic<TInput extends EngineInput | undefined, TContext>(
  surroundings: Surroundings,
  wrap: (engine: Engine, self: AnyActorRef, input: TInput) => TContext,
): TableLogic<TContext, SchedulerEvent, TInput, undefined> {
  type Subject = { engine: Engine };
  const base = tableLogic<Subject, TContext, SchedulerEvent, TInput, undefined>(
    schedulerTable,
    {
      openGates: ({ engine }) => engine.lifecycle.setGates({ type: 'scheduler.started' }),
      shutGates: ({ engine }) => engine.lifecycle.setGates({ type: 'scheduler.stopped' }),
      select: ({ engine }) => engine.selection.begin(),
      reportState: ({ engine }) => engine.lifecycle.reportState(),
      beginClosing: ({ engine }) => engine.lifecycle.beginClosing(),
    },
    (input, scope) => ({
      engine: new Engine(
        scope.self,
        input?._turn ?? queueMicrotask,
        input?.onFailure ?? 'continue',
        actorsSeen(input),
        input?._surroundings ?? surroundings,
      ),
    }),
  );
  return {
    ...base,
    getInitialSnapshot(scope, input) {
      const snapshot = base.getInitialSnapshot(scope, input);
      const { engine } = snapshot._subject as Subject;
      return Object.assign(snapshot, { context: wrap(engine, scope.self, input) });
    },
    transition(snapshot, event, scope) {
      const { type } = event as { readonly type: string };
      if (type === 'xstate.stop')
        (snapshot._subject as Subject).engine.lifecycle.actorGone('the scheduler was stopped');
      return base.transition(snapshot, event, scope);
    },
  };
}

function actorsSeen(input: EngineInput | undefined): ActorsSeen {
  if (input?._isAlone !== true) return 'inspected';
  return input.actors === 'on-demand' ? 'on-demand' : 'unseen';
}

/** A scheduler's actor, whose snapshot has a context of `TContext`. @internal */
export type EngineActorRef<TContext> = ActorRef<
  TableSnapshot<TContext, SchedulerEvent, undefined> & Snapshot<undefined>,
  SchedulerEvent
>;
