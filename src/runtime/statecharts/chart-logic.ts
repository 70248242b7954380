/**
 * A compiled statechart as XState actor logic: the logic of the scheduler's actor, and of the actors of tasks and queues in
 * another actor's system.
 *
 * Invariant: the snapshot that `transition` returns depends on nothing but its arguments. Cells follow, and effects are
 * carried out, when the actor has taken it.
 */
import type { ActorLogic, AnyActorRef, AnyActorScope, EventObject, Snapshot } from 'xstate';
import type { Admission } from './actor-cells.js';
import type { ChartCell, LogicKind } from './cells.js';
import { type Step, stepFor } from './chart.js';
import { snapshotOf } from './chart-actor.js';
import { ChartSnapshot } from './chart-snapshot.js';

/** The event by which XState stops an actor from outside. @internal */
export const STOP = 'xstate.stop';

/** A snapshot as XState types it. @internal */
export type Taken<TContext, TEvent extends EventObject> = ChartSnapshot<TContext, TEvent> & Snapshot<undefined>;

type Scope = Pick<AnyActorScope, 'self' | 'defer' | 'emit'>;

/** The logic of the actors of cells of one kind. @internal */
export function chartLogic<TCell extends ChartCell, TContext, TEvent extends EventObject, TInput>(
  kind: LogicKind<TCell, TContext, TEvent, string>,
  admission: Admission<TCell, TEvent>,
  begin: (self: AnyActorRef, input: TInput) => TCell,
): ActorLogic<Taken<TContext, TEvent>, TEvent, TInput> {
  return new ChartLogic(kind, admission, begin);
}

class ChartLogic<TCell extends ChartCell, TContext, TEvent extends EventObject, TInput>
  implements ActorLogic<Taken<TContext, TEvent>, TEvent, TInput>
{
  /** Where inspectors find the statechart. */
  readonly config: unknown;
  readonly #kind: LogicKind<TCell, TContext, TEvent, string>;
  readonly #admission: Admission<TCell, TEvent>;
  readonly #begin: (self: AnyActorRef, input: TInput) => TCell;
  readonly #cells = new WeakMap<AnyActorRef, TCell>();

  /** `begin` gives the cell of an actor that is being made; where the cell stands by then is where the actor begins. */
  constructor(
    kind: LogicKind<TCell, TContext, TEvent, string>,
    admission: Admission<TCell, TEvent>,
    begin: (self: AnyActorRef, input: TInput) => TCell,
  ) {
    this.#kind = kind;
    this.#admission = admission;
    this.#begin = begin;
    this.config = kind.chart.machine.config;
  }

  getInitialSnapshot(scope: Scope, input: TInput): Taken<TContext, TEvent> {
    const cell = this.#begin(scope.self, input);
    this.#cells.set(scope.self, cell);
    const { initial, initialEffects } = this.#kind.chart;
    if (cell.chartState === initial) {
      const init = { type: 'xstate.init' } as TEvent;
      scope.defer(() => this.#carryOut(initialEffects, cell, init));
    }
    return snapshotOf(this.#kind, cell) as Taken<TContext, TEvent>;
  }

  transition(snapshot: Taken<TContext, TEvent>, event: TEvent, scope: Scope): Taken<TContext, TEvent> {
    const cell = this.#cells.get(scope.self);
    if (event.type === STOP) {
      if (cell !== undefined) this.#kind.stopped?.(cell);
      return this.#made(snapshot, snapshot.context, 'stopped');
    }
    if (!this.#admission.admits(cell, event)) return snapshot;
    const step = stepFor(snapshot._state, snapshot.context, event);
    if (step === undefined) return snapshot;
    let { context } = snapshot;
    for (const { key, valueOf } of step.assigns) context = { ...context, [key]: valueOf({ context, event }) };
    if (cell !== undefined) {
      scope.defer(() => {
        cell.chartState = step.target;
        if (step.assigns.length > 0) this.#kind.adopt(cell, context);
        this.#carryOut(step.effects, cell, event);
        for (const emission of step.emissions) scope.emit(emission({ context, event }));
      });
    }
    if (step.target === snapshot._state && context === snapshot.context) return snapshot;
    return this.#made(snapshot, context, step.target.isFinal ? this.#kind.endOf(context) : undefined, step);
  }

  getPersistedSnapshot(snapshot: Taken<TContext, TEvent>): Taken<TContext, TEvent> {
    return snapshot;
  }

  #carryOut(effects: readonly string[], cell: TCell, event: TEvent): void {
    for (const name of effects) this.#kind.effects[name]?.(cell, event);
  }

  #made(
    { _chart, _state }: Taken<TContext, TEvent>,
    context: TContext,
    end: ConstructorParameters<typeof ChartSnapshot>[3],
    step?: Step,
  ): Taken<TContext, TEvent> {
    return new ChartSnapshot<TContext, TEvent>(_chart, step?.target ?? _state, context, end) as Taken<TContext, TEvent>;
  }
}
