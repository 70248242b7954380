/**
 * The compiled interpreter, for the cells of one kind in a scheduler's own actor system: a cell takes the step of the
 * compiled table itself. Its actor is a view that exists only on demand.
 *
 * Invariants: the order of a step is state, assignments, effects, emissions, observers, inspectors, as in XState. A cell
 * without observers costs no more than the step.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import type { CellKind, Cells, CellWatcher, ChartCell } from './cells.js';
import { type Step, stepFor } from './chart.js';
import { ChartActor, type snapshotOf, viewOf } from './chart-actor.js';
import type { Inspectors } from './inspectors.js';
import { takeStep } from './take-step.js';

/** @internal */
export class CompiledCells<TCell extends ChartCell, TContext, TEvent extends EventObject, TEffect extends string>
  implements Cells<TCell, TEvent>
{
  readonly #kind: CellKind<TCell, TContext, TEvent, TEffect>;
  readonly #effects: Readonly<Record<string, (cell: TCell, event: TEvent) => void>>;
  readonly #root: AnyActorRef;
  readonly #inspectors: Inspectors;
  /** Gives each view a session id of its own. */
  readonly #nextSession: () => string;

  constructor(
    kind: CellKind<TCell, TContext, TEvent, TEffect>,
    root: AnyActorRef,
    inspectors: Inspectors,
    nextSession: () => string,
  ) {
    this.#kind = kind;
    this.#effects = kind.effects;
    this.#root = root;
    this.#inspectors = inspectors;
    this.#nextSession = nextSession;
  }

  send(cell: TCell, event: TEvent): void {
    const inspectors = this.#inspectors;
    if (inspectors.isAny) this.#tellEvent(cell, event);
    const step = stepFor(cell.chartState, cell, event);
    if (step !== undefined) takeStep(cell, step, event, this.#effects);
    else if (!cell.chartState.on.has(event.type)) this.#kind.unexpected?.(cell, event);
    // Checked again: an effect may have called a user who observes the actor, or inspects the system, from now on.
    if (cell.actor !== undefined || inspectors.isAny) this.#tellStep(cell, event, step);
  }

  actorOf(cell: TCell): AnyActorRef {
    return cell.actor ?? this.#make(cell, this.#inspectors.isAny && !cell.chartState.isFinal);
  }

  show(cell: TCell): void {
    if (this.#inspectors.isAny) this.actorOf(cell);
  }

  watch(cell: TCell, watcher: CellWatcher<TEvent>): () => void {
    this.actorOf(cell);
    const view = viewOf(cell);
    view.watcher = watcher as CellWatcher<EventObject>;
    return () => {
      view.watcher = undefined;
    };
  }

  /** Makes the view. Inspectors are told of a cell that begins, and not of one that was there before they came. */
  #make(cell: TCell, isTold: boolean): AnyActorRef {
    const actor = new ChartActor<TCell, TContext, TEvent, EventObject>(
      cell,
      this.#kind,
      this.#root,
      this.#nextSession(),
    );
    cell.actor = actor;
    if (!isTold) return actor;
    const event = { type: 'xstate.init', input: undefined };
    const { rootId } = this.#inspectors;
    this.#inspectors.tell({ type: '@xstate.actor', actorRef: actor, rootId });
    this.#inspectors.tell({ type: '@xstate.event', sourceRef: this.#root, actorRef: actor, event, rootId });
    this.#inspectors.tell({ type: '@xstate.snapshot', actorRef: actor, event, snapshot: actor.getSnapshot(), rootId });
    return actor;
  }

  /** The view of a cell that inspectors are told of. */
  #visible(cell: TCell): AnyActorRef | undefined {
    return cell.actor ?? (this.#kind.isVisible(cell) ? this.#make(cell, false) : undefined);
  }

  #tellEvent(cell: TCell, event: TEvent): void {
    const actor = this.#visible(cell);
    if (actor === undefined) return;
    const view = viewOf(cell);
    if (view.relayed !== event) {
      const sourceRef = this.#kind.sourceOf(cell, event);
      const { rootId } = this.#inspectors;
      this.#inspectors.tell({ type: '@xstate.event', sourceRef, actorRef: actor, event, rootId });
    }
    view.relayed = undefined;
  }

  #tellStep(cell: TCell, event: TEvent, step: Step | undefined): void {
    const isInspected = this.#inspectors.isAny;
    const actor = isInspected ? this.#visible(cell) : cell.actor;
    if (actor === undefined) return;
    viewOf(cell).told(event, step);
    if (isInspected) {
      const snapshot = actor.getSnapshot() as ReturnType<typeof snapshotOf>;
      const { rootId } = this.#inspectors;
      this.#inspectors.tell({ type: '@xstate.snapshot', actorRef: actor, event, snapshot, rootId });
    }
    if (cell.chartState.isFinal) this.#kind.ended(cell);
  }
}
