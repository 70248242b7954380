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
import type { Decision, Step, TableState, TransitionTable } from './transition-table.js';

/** Carries out the effects of one kind of actor; `subject` is what the actor was made for. @internal */
export type Effects<TSubject, TEvent, TName extends string> = {
  readonly [name in TName]: (subject: TSubject, event: TEvent) => void;
};

/** What XState sends an actor that is stopped from outside. */
const STOP = 'xstate.stop';

const TAGS: ReadonlySet<string> = new Set();
const NO_EFFECTS: readonly string[] = [];
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

/** Actor logic whose snapshots are `TableSnapshot`s. @internal */
export type TableLogic<TContext, TEvent extends EventObject, TInput, TOutput> = ActorLogic<
  TableSnapshot<TContext, TEvent, TOutput> & Snapshot<TOutput>,
  TEvent,
  TInput,
  ActorSystem<{ actors: Record<string, never> }>
>;

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

/** Carries out the effects that a step names; a table names only those that it was compiled with. @internal */
export function carryOut<TSubject, TEvent>(
  effects: Effects<TSubject, TEvent, string>,
  names: readonly string[],
  subject: TSubject,
  event: TEvent,
): void {
  for (const name of names) (effects[name] as (subject: TSubject, event: TEvent) => void)(subject, event);
}

/**
 * Makes actor logic from a table. `subjectOf` gives what the effects are about from the actor's input; `start` gives the
 * state and context to begin with, where that is not the chart's initial one.
 *
 * @internal
 */
export function tableLogic<TSubject, TContext, TEvent extends EventObject, TInput, TOutput>(
  table: TransitionTable,
  effects: Effects<TSubject, TEvent, string>,
  subjectOf: (input: TInput, scope: AnyActorScope) => TSubject,
  begin?: (subject: TSubject) => { readonly state: TableState; readonly context: TContext },
): TableLogic<TContext, TEvent, TInput, TOutput> {
  type Taken = TableSnapshot<TContext, TEvent, TOutput> & Snapshot<TOutput>;
  const snapshotOf = (state: TableState, context: TContext, subject: unknown, event: unknown): Taken => {
    const output = state.isFinal ? (table.outputOf(context, event) as TOutput) : undefined;
    return new TableSnapshot<TContext, TEvent, TOutput>(table, state, context, subject, output) as Taken;
  };
  const stopped = (snapshot: Taken): Taken =>
    new TableSnapshot<TContext, TEvent, TOutput>(
      table,
      snapshot._state,
      snapshot.context,
      snapshot._subject,
      undefined,
      true,
    ) as Taken;
  // What the step under way asks for. An actor carries it out as soon as it has taken the step's snapshot, and before any
  // other step, so one place is enough for all actors of this logic and no step needs a function of its own.
  let asked = NO_EFFECTS;
  let askedOf: TSubject | undefined;
  let askedFor: TEvent | undefined;
  const carryOutAsked = (): void => {
    const names = asked;
    const subject = askedOf as TSubject;
    const event = askedFor as TEvent;
    asked = NO_EFFECTS;
    askedOf = undefined;
    askedFor = undefined;
    carryOut(effects, names, subject, event);
  };
  return {
    transition(snapshot, event, scope) {
      const step = stepFor(snapshot._state, snapshot.context, event);
      if (step === undefined) return event.type === STOP ? stopped(snapshot) : snapshot;
      let context = snapshot.context;
      if (step.assigns.length > 0) {
        const args = { context: table.copyOf(context as Record<string, unknown>), event };
        for (const assign of step.assigns) assign(args);
        context = args.context as TContext;
      }
      if (step.effects.length > 0) {
        asked = step.effects;
        askedOf = snapshot._subject as TSubject;
        askedFor = event;
        scope.defer(carryOutAsked);
      }
      if (step.target === snapshot._state && context === snapshot.context) return snapshot;
      return snapshotOf(step.target, context, snapshot._subject, event);
    },
    getInitialSnapshot(scope, input) {
      const subject = subjectOf(input, scope);
      if (begin !== undefined) {
        const { state, context } = begin(subject);
        return snapshotOf(state, context, subject, undefined);
      }
      if (table.initialEffects.length > 0) {
        scope.defer(() => carryOut(effects, table.initialEffects, subject, { type: 'xstate.init' } as TEvent));
      }
      return snapshotOf(table.initial, table.contextOf(input) as TContext, subject, undefined);
    },
    getPersistedSnapshot(snapshot) {
      return snapshot;
    },
  };
}
