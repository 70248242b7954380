/**
 * The actor of a cell that takes its steps by the compiled table: a view, made on demand. It implements XState's
 * published `ActorRef` interface, so that it can be subscribed to, waited for, selected from, sent to by a machine, kept in
 * a machine's context, and inspected. An actor that is always addressable and costs nothing while it is not used is known
 * as a virtual actor (Orleans, SOSP 2014); the precedent for a ref that is no instance of XState's class is @xstate/store.
 *
 * It must never decide anything: the cell is the only truth. Its snapshot is made when it is read, and stays the same
 * object until the cell takes a step.
 */
import {
  type ActorRef,
  type AnyActorRef,
  type EventObject,
  type Observer,
  type Readable,
  type Snapshot,
  type Subscription,
  toObserver,
} from 'xstate';
import { callListener } from '../../core/throw-outside.js';
import type { Step } from './chart.js';
import { type CellKind, type CellWatcher, type ChartCell, isOneOf, notAllowed, type LogicKind } from './cells.js';
import { ChartSnapshot } from './chart-snapshot.js';

/** XState reads this property under the name that it finds when it is loaded. */
const observableKey: typeof Symbol.observable = Symbol.observable ?? '@@observable';

/** The mark of an actor in a persisted context, as in XState's own actors. */
const PERSISTED_ACTOR = 1;

type Taken<TContext, TEvent extends EventObject> = ChartSnapshot<TContext, TEvent> & Snapshot<unknown>;
type Handler = (emitted: never) => void;

/** A cell's actor. @internal */
export class ChartActor<TCell extends ChartCell, TContext, TEvent extends EventObject, TEmitted extends EventObject>
  implements ActorRef<Taken<TContext, TEvent>, TEvent, TEmitted>
{
  readonly id: string;
  readonly sessionId: string;
  readonly systemId: string | undefined;
  readonly system: AnyActorRef['system'];
  readonly src: string;
  /** Where inspectors find the statechart. */
  readonly logic: { readonly config: unknown };
  readonly _parent: AnyActorRef;
  /** The event that XState has told inspectors of, on its way to the cell. */
  relayed: unknown = undefined;
  /** See `Cells.watch`. */
  watcher: CellWatcher<TEvent> | undefined = undefined;
  readonly #cell: TCell;
  readonly #kind: CellKind<TCell, TContext, TEvent, string>;
  #snapshot: Taken<TContext, TEvent> | undefined = undefined;
  #observers: Set<Observer<Taken<TContext, TEvent>>> | undefined = undefined;
  #handlers: Map<string, Set<Handler>> | undefined = undefined;

  constructor(cell: TCell, kind: CellKind<TCell, TContext, TEvent, string>, parent: AnyActorRef, sessionId: string) {
    this.#cell = cell;
    this.#kind = kind;
    this.id = kind.idOf(cell);
    this.systemId = kind.systemIdOf?.(cell);
    this.sessionId = sessionId;
    this.system = parent.system;
    this.src = kind.chart.machine.id;
    this.logic = kind.chart.machine;
    this._parent = parent;
  }

  /** XState takes an object in a machine's context for an actor if it has this property. */
  get ref(): this {
    return this;
  }

  /** Nothing to start: the actor lives as long as its task or queue. */
  start(): this {
    return this;
  }

  /** @throws SchedulerError `EventNotAllowed`: a task is cancelled, a scheduler is closed, neither is stopped. */
  stop(): never {
    throw notAllowed(this.id, 'xstate.stop', this.#kind.commands);
  }

  /** Bound, as in XState's actors. @throws SchedulerError `EventNotAllowed` for an event that only the scheduler sends. */
  readonly send = (event: TEvent): void => {
    if (!isOneOf(event, this.#kind.commands)) {
      this.#kind.refused(this.#cell);
      throw notAllowed(this.id, event, this.#kind.commands);
    }
    this.#kind.receive(this.#cell, event);
  };

  /** The way in for a machine that uses `sendTo`; XState has told inspectors of the event. An error would stop that machine. */
  _send(event: TEvent): void {
    if (!isOneOf(event, this.#kind.commands)) {
      this.#kind.refused(this.#cell);
      return;
    }
    this.relayed = event;
    this.#kind.receive(this.#cell, event);
  }

  getSnapshot(): Taken<TContext, TEvent> {
    this.#snapshot ??= snapshotOf(this.#kind, this.#cell);
    return this.#snapshot;
  }

  getPersistedSnapshot(): Snapshot<unknown> {
    return this.getSnapshot();
  }

  subscribe(
    given: Observer<Taken<TContext, TEvent>> | ((snapshot: Taken<TContext, TEvent>) => void),
    onError?: (error: unknown) => void,
    onComplete?: () => void,
  ): Subscription {
    const observer = toObserver(given, onError, onComplete);
    if (this.#cell.chartState.isFinal) {
      this.#end(observer);
      return { unsubscribe: () => undefined };
    }
    const observers = (this.#observers ??= new Set());
    observers.add(observer);
    return { unsubscribe: () => void observers.delete(observer) };
  }

  on(type: string, handler: Handler): Subscription {
    const handlers = (this.#handlers ??= new Map<string, Set<Handler>>());
    // A wrapper of its own makes every registration distinct, also of the same function.
    const own: Handler = (emitted) => handler(emitted);
    const known = handlers.get(type);
    if (known === undefined) handlers.set(type, new Set([own]));
    else known.add(own);
    return { unsubscribe: () => void handlers.get(type)?.delete(own) };
  }

  select<T>(
    selector: (snapshot: Taken<TContext, TEvent>) => T,
    isSame: (a: T, b: T) => boolean = Object.is,
  ): Readable<T> {
    return {
      get: () => selector(this.getSnapshot()),
      subscribe: (given: Observer<T> | ((value: T) => void)) => {
        const observer = toObserver(given);
        let selected = selector(this.getSnapshot());
        return this.subscribe((snapshot) => {
          const next = selector(snapshot);
          if (isSame(selected, next)) return;
          selected = next;
          observer.next?.(next);
        });
      },
    };
  }

  [observableKey](): this {
    return this;
  }

  toJSON(): object {
    return { xstate$$type: PERSISTED_ACTOR, id: this.id };
  }

  /** The cell is taking a step: the snapshot is no longer that of the cell. */
  changed(): void {
    this.#snapshot = undefined;
  }

  /** The cell has taken a step: emits its events and tells the observers. */
  told(event: TEvent, step: Step | undefined): void {
    this.watcher?.(event, step !== undefined, this.#kind.sourceOf(this.#cell, event)?.id);
    if (step !== undefined && this.#handlers !== undefined) this.#emit(event, step);
    const observers = this.#observers;
    if (observers === undefined) return;
    const snapshot = this.getSnapshot();
    for (const observer of observers) callListener(() => observer.next?.(snapshot));
    if (!this.#cell.chartState.isFinal) return;
    this.#observers = undefined;
    for (const observer of observers) this.#end(observer);
  }

  #emit(event: TEvent, { emissions, target }: Step): void {
    for (const emission of emissions) {
      const emitted = emission({ context: this.#cell, event }) as TEmitted;
      for (const type of [emitted.type, '*']) {
        for (const handler of this.#handlers?.get(type) ?? []) callListener(() => handler(emitted as never));
      }
    }
    if (target.isFinal) this.#handlers = undefined;
  }

  #end(observer: Observer<Taken<TContext, TEvent>>): void {
    const { status, error } = this.getSnapshot();
    // An observer that takes no errors is not one that has to hear of them: the scheduler reports failures itself.
    callListener(() => (status === 'error' ? observer.error?.(error) : observer.complete?.()));
  }
}

/** The actor of a cell that takes its steps itself, which is always a view. @internal */
export function viewOf(cell: ChartCell): ChartActor<ChartCell, unknown, EventObject, EventObject> {
  return cell.actor as ChartActor<ChartCell, unknown, EventObject, EventObject>;
}

/** The snapshot of a cell as it stands. @internal */
export function snapshotOf<TCell extends ChartCell, TContext, TEvent extends EventObject>(
  kind: LogicKind<TCell, TContext, TEvent, string>,
  cell: TCell,
): Taken<TContext, TEvent> {
  const { chartState } = cell;
  const context = kind.contextOf(cell);
  const end = chartState.isFinal ? kind.endOf(context) : undefined;
  return new ChartSnapshot<TContext, TEvent>(kind.chart, chartState, context, end) as Taken<TContext, TEvent>;
}
