/**
 * A transition table as XState actor logic: the same snapshots, guards and effects as the statechart it was compiled from,
 * at a fraction of the cost of a step. The effects are carried out when the actor has taken its new snapshot.
 *
 * Invariant: what `transition` returns depends on nothing but its arguments; two calls with the same arguments give equal
 * snapshots.
 */
import {
  type ActorLogic,
  type ActorSystem,
  type AnyActorScope,
  type EventObject,
  matchesState,
  type Snapshot,
  type StateValue,
} from 'xstate';
import { elementAt } from '../../core/element-at.js';
import type { Decision, Step, TableState, TransitionTable } from './compile.js';

/** Carries out the effect of that name; `subject` is what the actor was made for. @internal */
export type Effects<TSubject, TEvent, TName extends string = string> = (
  name: TName,
  subject: TSubject,
  event: TEvent,
) => void;

/** What XState sends an actor that is stopped from outside. @internal */
export const STOP = 'xstate.stop';

const TAGS: ReadonlySet<string> = new Set();
const NO_CHILDREN = Object.freeze({});

/**
 * The snapshot of a task, queue or scheduler actor: what XState's own machine snapshot offers to its readers.
 *
 * @public
 */
export class TableSnapshot<TContext, TEvent extends EventObject = EventObject, TOutput = unknown> {
  readonly status: 'active' | 'done' | 'stopped';
  readonly context: TContext;
  readonly output: TOutput | undefined;
  readonly error: unknown = undefined;
  /** @internal */
  readonly _state: TableState;
  /** @internal */
  readonly _table: TransitionTable;
  /** @internal */
  readonly _subject: unknown;

  constructor(
    table: TransitionTable,
    state: TableState,
    context: TContext,
    subject: unknown,
    output: TOutput | undefined,
    isStopped = false,
  ) {
    this.status = isStopped ? 'stopped' : state.isFinal ? 'done' : 'active';
    this.context = context;
    this.output = output;
    this._state = state;
    this._table = table;
    this._subject = subject;
  }

  /** The state value: a name, or an object of regions. */
  get value(): StateValue {
    return this._state.value;
  }

  /** The statechart that this snapshot is of. */
  get machine(): unknown {
    return this._table.machine;
  }

  get tags(): ReadonlySet<string> {
    return TAGS;
  }

  get children(): Record<string, never> {
    return NO_CHILDREN;
  }

  get historyValue(): Record<string, never> {
    return NO_CHILDREN;
  }

  /** Whether the state value is, or lies within, `value`. */
  matches(value: StateValue): boolean {
    return matchesState(value, this._state.value);
  }

  hasTag(tag: string): boolean {
    return TAGS.has(tag);
  }

  /** Whether `event` would change anything now. */
  can(event: TEvent): boolean {
    return stepFor(this._state, this.context, event) !== undefined;
  }

  toJSON(): object {
    return { status: this.status, value: this.value, context: this.context, output: this.output };
  }
}

/** What `event` leads to from `state`, or undefined when it is not for this state. Asks the guards in their order. @internal */
export function stepFor(state: TableState, context: unknown, event: { readonly type: string }): Step | undefined {
  let decision: Decision | undefined = state.on.get(event.type);
  if (decision === undefined || decision.kind === 'step') return decision;
  const args = { context, event };
  while (decision !== undefined && decision.kind === 'question') {
    decision = decision.guard(args) ? decision.yes : decision.no;
  }
  return decision;
}

/** A snapshot as XState types it. @internal */
export type Taken<TContext, TEvent extends EventObject, TOutput> = TableSnapshot<TContext, TEvent, TOutput> &
  Snapshot<TOutput>;

/** Actor logic whose snapshots are `TableSnapshot`s. @internal */
export type TableActorLogic<TContext, TEvent extends EventObject, TInput, TOutput> = ActorLogic<
  Taken<TContext, TEvent, TOutput>,
  TEvent,
  TInput,
  ActorSystem<{ actors: Record<string, never> }>
>;

/** Where an actor of table logic begins. @internal */
export interface Beginning<TContext> {
  readonly state: TableState;
  readonly context: TContext;
}

/**
 * Actor logic made from a table, whose snapshots are `TableSnapshot`s.
 *
 * @internal
 */
export class TableLogic<TSubject, TContext, TEvent extends EventObject, TInput, TOutput, TName extends string = string>
  implements TableActorLogic<TContext, TEvent, TInput, TOutput>
{
  readonly #table: TransitionTable;
  readonly #effects: Effects<TSubject, TEvent, TName>;
  readonly #subjectOf: (input: TInput, scope: AnyActorScope) => TSubject;
  readonly #begin: ((subject: TSubject) => Beginning<TContext>) | undefined;
  // What the step under way asks for. An actor carries it out as soon as it has taken the step's snapshot, and before any
  // other step, so one place is enough for all actors of this logic and no step needs a function of its own.
  #asked: Step | undefined;
  #askedOf: TSubject | undefined;
  #askedFor: TEvent | undefined;

  /**
   * `subjectOf` gives what the effects are about from the actor's input; `begin` gives the state and context to begin with,
   * where that is not the chart's initial one.
   */
  constructor(
    table: TransitionTable,
    effects: Effects<TSubject, TEvent, TName>,
    subjectOf: (input: TInput, scope: AnyActorScope) => TSubject,
    begin?: (subject: TSubject) => Beginning<TContext>,
  ) {
    this.#table = table;
    this.#effects = effects;
    this.#subjectOf = subjectOf;
    this.#begin = begin;
  }

  transition(
    snapshot: Taken<TContext, TEvent, TOutput>,
    event: TEvent,
    scope: { readonly defer: (effect: () => void) => void },
  ): Taken<TContext, TEvent, TOutput> {
    const step = stepFor(snapshot._state, snapshot.context, event);
    if (step === undefined) return event.type === STOP ? this.#stopped(snapshot) : snapshot;
    if (step.effects.length > 0) {
      this.#asked = step;
      this.#askedOf = snapshot._subject as TSubject;
      this.#askedFor = event;
      scope.defer(this.#carryOutAsked);
    }
    return this.#after(step, snapshot, event);
  }

  getInitialSnapshot(scope: AnyActorScope, input: TInput): Taken<TContext, TEvent, TOutput> {
    const subject = this.#subjectOf(input, scope);
    if (this.#begin !== undefined) {
      const { state, context } = this.#begin(subject);
      return this.#snapshotOf(state, context, subject, undefined);
    }
    const table = this.#table;
    if (table.initialEffects.length > 0) {
      const init = { type: 'xstate.init' } as TEvent;
      scope.defer(() => this.carryOut({ effects: table.initialEffects }, subject, init));
    }
    return this.#snapshotOf(table.initial, table.contextOf(input) as TContext, subject, undefined);
  }

  getPersistedSnapshot(snapshot: Taken<TContext, TEvent, TOutput>): Taken<TContext, TEvent, TOutput> {
    return snapshot;
  }

  /**
   * Takes the step of an actor that nobody watches, with all that it leads to: what XState would do for `actor.send(event)`, without
   * what it does for those who watch.
   */
  deliver(actor: StepTaker<Taken<TContext, TEvent, TOutput>>, event: TEvent): void {
    const snapshot = actor._snapshot;
    const step = stepFor(snapshot._state, snapshot.context, event);
    if (step === undefined) return;
    actor._snapshot = this.#after(step, snapshot, event);
    this.carryOut(step, snapshot._subject as TSubject, event);
  }

  /** Carries out the effects that a step asks for. A table names only those that it was compiled with. */
  carryOut({ effects }: Pick<Step, 'effects'>, subject: TSubject, event: TEvent): void {
    for (let index = 0; index < effects.length; index += 1) {
      this.#effects(elementAt(effects, index) as TName, subject, event);
    }
  }

  /** The same snapshot with another context. */
  withContext(snapshot: Taken<TContext, TEvent, TOutput>, context: TContext): Taken<TContext, TEvent, TOutput> {
    const { _state, _subject, output } = snapshot;
    return this.#made(_state, context, _subject, output);
  }

  #after(step: Step, snapshot: Taken<TContext, TEvent, TOutput>, event: TEvent): Taken<TContext, TEvent, TOutput> {
    let context: unknown = snapshot.context;
    for (const assign of step.assigns) context = assign(context, event);
    if (step.target === snapshot._state && context === snapshot.context) return snapshot;
    return this.#snapshotOf(step.target, context as TContext, snapshot._subject, event);
  }

  #snapshotOf(
    state: TableState,
    context: TContext,
    subject: unknown,
    event: unknown,
  ): Taken<TContext, TEvent, TOutput> {
    const output = state.isFinal ? (this.#table.outputOf(context, event) as TOutput) : undefined;
    return this.#made(state, context, subject, output);
  }

  #stopped({ _state, context, _subject }: Taken<TContext, TEvent, TOutput>): Taken<TContext, TEvent, TOutput> {
    return this.#made(_state, context, _subject, undefined, true);
  }

  #made(
    state: TableState,
    context: TContext,
    subject: unknown,
    output: TOutput | undefined,
    isStopped = false,
  ): Taken<TContext, TEvent, TOutput> {
    const table = this.#table;
    const snapshot = new TableSnapshot<TContext, TEvent, TOutput>(table, state, context, subject, output, isStopped);
    return snapshot as Taken<TContext, TEvent, TOutput>;
  }

  readonly #carryOutAsked = (): void => {
    const step = this.#asked;
    const subject = this.#askedOf as TSubject;
    const event = this.#askedFor as TEvent;
    this.#asked = undefined;
    this.#askedOf = undefined;
    this.#askedFor = undefined;
    if (step !== undefined) this.carryOut(step, subject, event);
  };
}

/** What `deliver` reads and writes of an actor. @internal */
export interface StepTaker<TSnapshot> {
  _snapshot: TSnapshot;
}
