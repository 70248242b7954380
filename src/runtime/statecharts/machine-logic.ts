/**
 * The interpreter `xstate`: the logic of an actor is the machine itself, with the effects provided, and XState takes every
 * step. It is the reference that the compiled tables are held against, and what Stately's tools know best.
 *
 * Added to the machine is only what the runtime needs: events that are no commands are judged, the cell follows before the
 * effects are carried out, and the snapshot of a failed task has the status `error`.
 */
import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import type { Admission } from './actor-cells.js';
import type { ChartCell, LogicKind } from './cells.js';
import { STOP } from './chart-logic.js';

/** @internal */
export function machineLogic<TCell extends ChartCell, TContext, TEvent extends EventObject>(
  kind: LogicKind<TCell, TContext, TEvent, string>,
  admission: Admission<TCell, TEvent>,
  begin: (self: AnyActorRef, input: never) => TCell,
): AnyStateMachine {
  const { chart, effects } = kind;
  const cells = new WeakMap<AnyActorRef, TCell>();
  let asked: string[] | undefined;
  const provided = Object.keys(effects).map((name) => [
    name,
    // Entry actions of the initial state come outside of a transition, when the actor is started.
    ({ self, event }: { readonly self: AnyActorRef; readonly event: TEvent }): void => {
      const cell = cells.get(self);
      if (asked !== undefined) asked.push(name);
      else if (cell !== undefined) effects[name]?.(cell, event);
    },
  ]);
  const machine: AnyStateMachine = chart.machine.provide({ actions: Object.fromEntries(provided) });
  const transition = machine.transition.bind(machine);
  const getInitialSnapshot = machine.getInitialSnapshot.bind(machine);

  machine.getInitialSnapshot = (scope, input) => {
    const cell = begin(scope.self, input as never);
    cells.set(scope.self, cell);
    if (cell.chartState === chart.initial) return getInitialSnapshot(scope, kind.inputOf(cell) as typeof input);
    const context = kind.contextOf(cell);
    const snapshot = machine.resolveState({ value: cell.chartState.value, context: context as object });
    return cell.chartState.isFinal ? ended(snapshot, context) : snapshot;
  };

  machine.transition = (snapshot, event: EventObject, scope) => {
    const cell = cells.get(scope.self);
    if (event.type === STOP) {
      if (cell !== undefined) kind.stopped?.(cell);
      return transition(snapshot, event, scope);
    }
    if (!admission.admits(cell, event)) return snapshot;
    const before = asked;
    const names: string[] = [];
    asked = names;
    let next: AnyMachineSnapshot;
    try {
      next = transition(snapshot, event, scope);
    } finally {
      asked = before;
    }
    if (cell === undefined) return next;
    const context = next.context as TContext;
    const target = chart.stateOf(next.value);
    scope.defer(() => {
      cell.chartState = target;
      kind.adopt(cell, context);
      for (const name of names) effects[name]?.(cell, event as TEvent);
    });
    return target.isFinal ? ended(next, context) : next;
  };

  /** The snapshot of a final state, which has the status `error` for a failed task. */
  function ended(snapshot: AnyMachineSnapshot, context: TContext): AnyMachineSnapshot {
    const end = kind.endOf(context);
    const rest =
      'error' in end
        ? { status: 'error', output: undefined, error: end.error }
        : { status: 'done', output: end.output, error: undefined };
    return { ...snapshot, ...rest } as AnyMachineSnapshot;
  }

  return machine;
}
