/**
 * The port between the runtime and the statecharts. A *cell* is a statechart at work: the record of a task, of a queue or of
 * the scheduler, which holds the state beside the data that are the chart's context. The runtime sends events to cells
 * and carries out effects; how a step is taken is the interpreter's part:
 *
 * - `compiled` (compiled-cells.ts): the cell takes the step of the compiled table. Its actor is a view, made on demand.
 * - `xstate` (actor-cells.ts): an XState actor of the machine takes the step, and the cell follows.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import { SchedulerError, shown } from '../../core/failures.js';
import type { Chart, ChartState } from './chart.js';
import type { ChartEnd } from './chart-snapshot.js';

/**
 * The interpreter of the statecharts: their compiled tables, or XState itself.
 *
 * @public
 */
export type Interpreter = 'compiled' | 'xstate';

/** A statechart at work. @internal */
export interface ChartCell {
  /** Written only by the interpreter. */
  chartState: ChartState;
  /** The cell's actor, if it has one. Written only by the interpreter, and released by `CellKind.ended`. */
  actor: AnyActorRef | undefined;
}

/** One kind of cell, as far as the interpreters need to know it. @internal */
export interface CellKind<TCell extends ChartCell, TContext, TEvent extends EventObject, TEffect extends string> {
  readonly chart: Chart;
  /** The types of the events that users may send. */
  readonly commands: readonly string[];
  /** Carries out an effect that a step asks for. The cell has taken the step. */
  readonly effects: Readonly<Record<TEffect, (cell: TCell, event: TEvent) => void>>;
  /** The id of the cell's actor. */
  idOf(cell: TCell): string;
  /** The name under which the actor system finds the cell's actor. */
  systemIdOf?(cell: TCell): string | undefined;
  /** The input from which the machine makes the context that the cell begins with. */
  inputOf(cell: TCell): unknown;
  /** The context as a snapshot shows it. */
  contextOf(cell: TCell): TContext;
  /** Takes over a context that XState has computed. */
  adopt(cell: TCell, context: TContext): void;
  /** How the chart ended; asked in final states only. */
  endOf(context: TContext): ChartEnd;
  /** Whether inspectors are told of the cell, though it has no actor yet. */
  isVisible(cell: TCell): boolean;
  /** The actor that sent `event`; undefined for reports of executors and for callers outside the system. */
  sourceOf(cell: TCell, event: TEvent): AnyActorRef | undefined;
  /** Accepts a command that a user has sent to the cell's actor. */
  receive(cell: TCell, command: TEvent): void;
  /** An event that is no command was refused. */
  refused(cell: TCell): void;
  /** The chart does not name an event that was sent to the cell in its state. */
  unexpected?(cell: TCell, event: TEvent): void;
  /** The cell's actor was stopped from outside. */
  stopped?(cell: TCell): void;
  /** The cell has taken its last step, and its observers and inspectors have been told. */
  ended(cell: TCell): void;
}

/** One kind of cell, as far as the logic of an XState actor needs to know it. @internal */
export type LogicKind<TCell extends ChartCell, TContext, TEvent extends EventObject, TEffect extends string> = Pick<
  CellKind<TCell, TContext, TEvent, TEffect>,
  'chart' | 'commands' | 'effects' | 'inputOf' | 'contextOf' | 'adopt' | 'endOf' | 'refused' | 'stopped'
>;

/**
 * Is told of each event that one cell has received: whether it led to a step, and the id of the actor that it came from. It must not throw,
 * and must not call the scheduler.
 *
 * @internal
 */
export type CellWatcher<TEvent extends EventObject> = (
  event: TEvent,
  isTaken: boolean,
  from: string | undefined,
) => void;

/** The cells of one kind in one scheduler. @internal */
export interface Cells<TCell extends ChartCell, TEvent extends EventObject> {
  /** Takes the step that `event` leads to, carries out its effects, and tells observers and inspectors. */
  send(cell: TCell, event: TEvent): void;
  /** The cell's actor, made now if it has none. */
  actorOf(cell: TCell): AnyActorRef;
  /** Tells inspectors, if there are any, of the cell's actor. */
  show(cell: TCell): void;
  /** Tells one watcher of what a cell that has not ended receives, until the returned function is called. One at a time. */
  watch(cell: TCell, watcher: CellWatcher<TEvent>): () => void;
}

/** The error for an event that only the scheduler may send. @internal */
export function notAllowed(id: string, event: unknown, commands: readonly string[]): SchedulerError {
  const type = typeOf(event);
  const allowed = commands.length === 0 ? 'it takes no events from outside' : `it takes ${commands.join(', ')}`;
  return new SchedulerError('EventNotAllowed', `actor ${id} was sent ${shown(type)}: ${allowed}`);
}

/** Whether it is an event of one of those types, whatever it is. @internal */
export function isOneOf(event: unknown, types: readonly string[]): boolean {
  if (typeof event !== 'object') return false;
  const type = typeOf(event);
  return typeof type === 'string' && types.includes(type);
}

/** The type that an event says it is of; what is no event, or throws, stands for itself. */
function typeOf(event: unknown): unknown {
  try {
    return typeof event === 'object' && event !== null && 'type' in event ? event.type : event;
  } catch {
    return event;
  }
}
