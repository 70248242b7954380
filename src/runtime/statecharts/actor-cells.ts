/**
 * Cells whose steps are taken by XState actors: with the interpreter `xstate` by its own interpreter of the machine, and in
 * an actor system that is another actor's by logic made from the compiled table, as only XState can tell the inspectors
 * there. The cell follows its actor: it takes over state and context before the effects are carried out.
 *
 * Invariant: an actor takes an event that is no command only from `send`.
 */
import { type AnyActorLogic, type AnyActorRef, createActor, type EventObject } from 'xstate';
import { stepFor } from './chart.js';
import { takeStep } from './take-step.js';
import { type CellKind, type Cells, type CellWatcher, type ChartCell, isOneOf, notAllowed } from './cells.js';

/** Judges the events that come to the actors of one kind of cell. @internal */
export class Admission<TCell, TEvent extends EventObject> {
  readonly #kind: Pick<CellKind<never, never, TEvent, never>, 'commands'> & { refused(cell: TCell): void };
  /** The scheduler's own events that were sent and not admitted yet, and how often; one object may be sent many times. */
  readonly #own = new Map<EventObject, number>();

  constructor(kind: Pick<CellKind<never, never, TEvent, never>, 'commands'> & { refused(cell: TCell): void }) {
    this.#kind = kind;
  }

  /** Whether the cell's actor may take the event. */
  admits(cell: TCell | undefined, event: EventObject): boolean {
    if (this.#kind.commands.includes(event.type)) return true;
    const count = this.#own.get(event);
    if (count === undefined) {
      // Events of XState's own, such as that a child has ended, are none that a chart takes.
      if (cell !== undefined && !event.type.startsWith('xstate.')) this.#kind.refused(cell);
      return false;
    }
    if (count === 1) this.#own.delete(event);
    else this.#own.set(event, count - 1);
    return true;
  }

  /**
   * From now on `actor.send` throws `EventNotAllowed` for an event that is no command. A machine that uses `sendTo` does not
   * pass here: `admits` refuses its events without an error, as an error would stop that machine.
   *
   * @returns the way in for the scheduler's own events.
   */
  guard(cell: TCell, actor: AnyActorRef): (event: TEvent) => void {
    const { send } = actor;
    const { commands } = this.#kind;
    actor.send = (event: EventObject) => {
      if (!isOneOf(event, commands)) {
        this.#kind.refused(cell);
        throw notAllowed(actor.id, event, commands);
      }
      send(event);
    };
    return (event) => {
      this.#own.set(event, (this.#own.get(event) ?? 0) + 1);
      send(event);
    };
  }
}

/** @internal */
export class ActorCells<TCell extends ChartCell, TContext, TEvent extends EventObject, TEffect extends string>
  implements Cells<TCell, TEvent>
{
  readonly #kind: CellKind<TCell, TContext, TEvent, TEffect>;
  readonly #admission: Admission<TCell, TEvent>;
  readonly #parent: AnyActorRef;
  readonly #logic: AnyActorLogic;
  readonly #ways = new WeakMap<AnyActorRef, (event: TEvent) => void>();
  /** The cell whose actor is being made. */
  #beginning: TCell | undefined = undefined;

  /** Whether a cell without an actor takes its steps itself, until its actor is shown or asked for. */
  readonly #isLazy: boolean;

  /** `logicOf` makes the logic, which asks for the cell of each actor as the actor is made. */
  constructor(
    kind: CellKind<TCell, TContext, TEvent, TEffect>,
    parent: AnyActorRef,
    isLazy: boolean,
    logicOf: (
      kind: CellKind<TCell, TContext, TEvent, TEffect>,
      admission: Admission<TCell, TEvent>,
      beginning: () => TCell,
    ) => AnyActorLogic,
  ) {
    this.#kind = kind;
    this.#parent = parent;
    this.#isLazy = isLazy;
    this.#admission = new Admission(kind);
    this.#logic = logicOf(kind, this.#admission, () => this.#beginning as TCell);
  }

  send(cell: TCell, event: TEvent): void {
    if (!cell.chartState.on.has(event.type)) this.#kind.unexpected?.(cell, event);
    if (this.#isLazy && cell.actor === undefined) {
      const step = stepFor(cell.chartState, cell, event);
      if (step !== undefined) takeStep(cell, step, event, this.#kind.effects);
      return;
    }
    this.#ways.get(this.actorOf(cell))?.(event);
    if (cell.chartState.isFinal) this.#kind.ended(cell);
  }

  show(cell: TCell): void {
    this.actorOf(cell);
  }

  watch(cell: TCell, watcher: CellWatcher<TEvent>): () => void {
    const actor = this.actorOf(cell);
    const way = this.#ways.get(actor);
    if (way === undefined) return () => undefined;
    this.#ways.set(actor, (event) => {
      const isTaken = stepFor(cell.chartState, cell, event) !== undefined;
      way(event);
      watcher(event, isTaken, this.#kind.sourceOf(cell, event)?.id);
    });
    return () => void this.#ways.set(actor, way);
  }

  actorOf(cell: TCell): AnyActorRef {
    if (cell.actor !== undefined) return cell.actor;
    this.#beginning = cell;
    const systemId = this.#kind.systemIdOf?.(cell);
    const actor = createActor(this.#logic, {
      id: this.#kind.idOf(cell),
      parent: this.#parent,
      ...(systemId === undefined ? {} : { systemId }),
    });
    cell.actor = actor;
    this.#ways.set(actor, this.#admission.guard(cell, actor));
    actor.start();
    return actor;
  }
}
