/**
 * The scheduler as actor logic. `new Scheduler()` creates an actor from it; a machine of one's own can invoke it instead
 * (`invoke: { src: schedulerLogic, input: { setup(scheduler) { … } } }`) and finds the scheduler in the snapshot's context.
 */
import type { ActorLogic, ActorRef, AnyActorRef, InspectionEvent, Observer, Snapshot } from 'xstate';
import type { SchedulerCommand, SchedulerEffect, SchedulerEvent } from '../../machines/scheduler.js';
import type { Environment, Turn } from '../core/ports.js';
import { Engine } from './engine.js';
import type { SchedulerOrder } from '../core/order/task-order.js';
import type { OnFailure } from './lifecycle.js';
import type { SchedulerCell } from './scheduler-cell.js';
import { Admission } from './statecharts/actor-cells.js';
import { ActorSystem } from './statecharts/actor-system.js';
import type { Interpreter, LogicKind } from './statecharts/cells.js';
import { chartLogic } from './statecharts/chart-logic.js';
import type { ChartSnapshot } from './statecharts/chart-snapshot.js';
import { schedulerChart } from './statecharts/charts.js';
import { Inspectors } from './statecharts/inspectors.js';
import { machineLogic } from './statecharts/machine-logic.js';

/** The input of a scheduler's actor, as far as the engine reads it. @internal */
export interface EngineInput {
  readonly onFailure?: OnFailure | undefined;
  readonly order?: SchedulerOrder | undefined;
  /** @internal When the present burst of submissions is over; a microtask by default. */
  readonly _turn?: Turn | undefined;
  /** @internal Time and chance; the real ones by default. */
  readonly _environment?: Environment | undefined;
  /** @internal How long each task takes, by its id. */
  readonly _durations?: ((id: string) => number) | undefined;
  /** @internal The actor is the root of a system of the scheduler's own, with that inspector from the beginning. */
  readonly _own?: { readonly inspector: Observer<InspectionEvent> | undefined } | undefined;
  /** @internal The name under which the actor's system finds it. */
  readonly _systemId?: string | undefined;
}

/** A scheduler's actor, whose snapshot has a context of `TContext`. @internal */
export type EngineActorRef<TContext> = ActorRef<
  ChartSnapshot<TContext, SchedulerEvent, undefined> & Snapshot<undefined>,
  SchedulerCommand
>;

/** The logic of a scheduler's actor. @internal */
export type EngineLogic<TInput, TContext> = ActorLogic<
  ChartSnapshot<TContext, SchedulerEvent, undefined> & Snapshot<undefined>,
  SchedulerCommand,
  TInput
>;

type Kind = LogicKind<SchedulerCell, unknown, SchedulerEvent, SchedulerEffect>;

/** The effects are the engine's, which gives them to the cell. */
const EFFECTS: Kind['effects'] = {
  select: (cell) => cell.carryOut('select'),
  openGates: (cell) => cell.carryOut('openGates'),
  shutGates: (cell) => cell.carryOut('shutGates'),
  reportState: (cell) => cell.carryOut('reportState'),
  beginDraining: (cell) => cell.carryOut('beginDraining'),
  beginClosing: (cell) => cell.carryOut('beginClosing'),
};

/**
 * The logic of schedulers' actors for either interpreter; the context of each actor is what `wrap` puts around its engine.
 *
 * @internal
 */
export function engineLogic<TInput extends EngineInput | undefined, TContext>(
  interpreter: Interpreter,
  environment: Environment,
  wrap: (engine: Engine, self: AnyActorRef, input: TInput) => TContext,
): EngineLogic<TInput, TContext> {
  const kind: Kind = {
    chart: schedulerChart,
    commands: ['start.requested', 'stop.requested', 'close.requested', 'terminate.requested'],
    effects: EFFECTS,
    inputOf: ({ context }) => context,
    contextOf: ({ context }) => context,
    adopt: () => undefined,
    endOf: () => ({ output: undefined }),
    refused: (cell) => cell.refused(),
    stopped: (cell) => cell.carryOut('stopped'),
  };
  const admission = new Admission(kind);
  const begin = (self: AnyActorRef, input: TInput): SchedulerCell => {
    const own = input?._own;
    const inspectors = own === undefined ? undefined : new Inspectors(self, own.inspector);
    const engine = new Engine({
      system: new ActorSystem(self, interpreter, inspectors, input?._systemId),
      deliver: (event) => deliver(event),
      turn: input?._turn ?? queueMicrotask,
      environment: input?._environment ?? environment,
      onFailure: input?.onFailure ?? 'continue',
      order: input?.order ?? 'newest',
      durations: input?._durations,
    });
    const { cell } = engine;
    const deliver = admission.guard(cell, self);
    cell.context = wrap(engine, self, input);
    return cell;
  };
  const logic: unknown =
    interpreter === 'xstate' ? machineLogic(kind, admission, begin) : chartLogic(kind, admission, begin);
  return logic as EngineLogic<TInput, TContext>;
}

/** A name that no other actor of the parent's system has. @internal */
export function freeSystemId(parent: AnyActorRef | undefined): string {
  let systemId = 'scheduler';
  for (let number = 2; parent?.system.get(systemId) !== undefined; number += 1) systemId = `scheduler-${number}`;
  return systemId;
}
