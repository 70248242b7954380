/**
 * The scheduler as actor logic. `new Scheduler()` creates an actor from it; a machine of one's own can invoke it instead
 * (`invoke: { src: schedulerLogic, input: { setup(scheduler) { … } } }`) and finds the scheduler in the snapshot's context.
 */
import type { ActorRef, AnyActorRef, AnyActorScope, Snapshot } from 'xstate';
import { SCHEDULER_EFFECTS, type SchedulerEvent, schedulerMachine } from '../../machines/scheduler.js';
import type { Environment, Turn } from '../core/ports.js';
import { type ActorsSeen, Engine } from './engine.js';
import type { OnFailure } from './lifecycle.js';
import { STOP, TableLogic, type TableSnapshot, type Taken } from './statecharts/table-logic.js';
import { compile } from './statecharts/compile.js';

const schedulerTable = compile(schedulerMachine, SCHEDULER_EFFECTS);

/** What a scheduler's engine begins with. @internal */
export interface EngineInput {
  readonly onFailure?: OnFailure | undefined;
  readonly actors?: 'live' | 'on-demand' | undefined;
  /** @internal When the present burst of submissions is over; a microtask by default. */
  readonly _turn?: Turn | undefined;
  /** @internal Time and chance; the real ones by default. */
  readonly _environment?: Environment | undefined;
  /** @internal The actor is the root of its system and nobody inspects it. */
  readonly _isAlone?: boolean;
}

interface Subject {
  readonly engine: Engine;
}

/** A scheduler's actor logic: each actor's context is what `wrap` puts around its engine. @internal */
export class EngineLogic<TInput extends EngineInput | undefined, TContext> extends TableLogic<
  Subject,
  TContext,
  SchedulerEvent,
  TInput,
  undefined,
  (typeof SCHEDULER_EFFECTS)[number]
> {
  readonly #wrap: (engine: Engine, self: AnyActorRef, input: TInput) => TContext;

  constructor(environment: Environment, wrap: (engine: Engine, self: AnyActorRef, input: TInput) => TContext) {
    super(
      schedulerTable,
      (name, { engine: { lifecycle, selection } }) => {
        switch (name) {
          case 'select':
            return selection.begin();
          case 'openGates':
            return lifecycle.setGates({ type: 'scheduler.started' });
          case 'shutGates':
            return lifecycle.setGates({ type: 'scheduler.stopped' });
          case 'reportState':
            return lifecycle.reportState();
          case 'beginClosing':
            return lifecycle.beginClosing();
          default:
            return name satisfies never;
        }
      },
      (input, scope) => ({
        engine: new Engine(
          scope.self,
          input?._turn ?? queueMicrotask,
          input?.onFailure ?? 'continue',
          actorsSeen(input),
          input?._environment ?? environment,
          () => this,
        ),
      }),
    );
    this.#wrap = wrap;
  }

  override getInitialSnapshot(scope: AnyActorScope, input: TInput): Taken<TContext, SchedulerEvent, undefined> {
    const snapshot = super.getInitialSnapshot(scope, input);
    const { engine } = snapshot._subject as Subject;
    return Object.assign(snapshot, { context: this.#wrap(engine, scope.self, input) });
  }

  override transition(
    snapshot: Taken<TContext, SchedulerEvent, undefined>,
    event: SchedulerEvent,
    scope: { readonly defer: (effect: () => void) => void },
  ): Taken<TContext, SchedulerEvent, undefined> {
    const { type }: { readonly type: string } = event;
    if (type === STOP) (snapshot._subject as Subject).engine.lifecycle.actorGone('the scheduler was stopped');
    return super.transition(snapshot, event, scope);
  }
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
