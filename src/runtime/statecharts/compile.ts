/**
 * Turns a statechart into a transition table, once, at load. XState itself is the compiler: for every reachable state and
 * every event its interpreter is asked what happens, once for each combination of answers of the named guards, and what
 * it says (next state, actions in order) becomes a decision tree. Whatever the chart uses (entry actions, parallel
 * regions, `and`, `stateIn`) is therefore meant as XState means it; test/runtime/compile.test.ts holds the two against
 * each other at run time.
 *
 * Bounds: guards and actions must be named; no delayed transitions, invocations, history or guard parameters.
 */
import { type AnyStateMachine, initialTransition, type StateValue, transition } from 'xstate';
import { checkBounds } from './supported-charts.js';

/** What one event does in one state, once the guards have answered. @internal */
export interface Step {
  readonly kind: 'step';
  readonly target: TableState;
  /** Assignments to the context, in order. */
  readonly assigns: readonly Assignment[];
  /** Names of the effects to be carried out, in order. */
  readonly effects: readonly string[];
}

/** A guard to be asked, and what follows from either answer. @internal */
export interface Question {
  readonly kind: 'question';
  readonly guard: GuardFunction;
  readonly guardName: string;
  readonly yes: Decision;
  readonly no: Decision;
}

/** What follows from an event: a step, nothing, or a question and what follows from its answers. @internal */
export type Decision = Step | Question | undefined;

/** A guard of the statechart, as written there. @internal */
export type GuardFunction = (args: { context: unknown; event: unknown }) => boolean;

/** Gives the context that follows. @internal */
export type Assignment = (context: unknown, event: unknown) => unknown;

/** A copy of `context` in which `key` has that value. @internal */
export type Changed<TContext, TKey extends string = string> = (context: TContext, key: TKey, value: never) => TContext;

/** One state of a compiled statechart, with what each event does in it. @internal */
export interface TableState {
  readonly index: number;
  readonly value: StateValue;
  readonly isFinal: boolean;
  readonly on: Decisions;
}

/**
 * What follows from each event in one state. Charts have few events, and looking for one of few names takes a tenth of what a
 * map takes.
 *
 * @internal
 */
export class Decisions {
  readonly #types: string[] = [];
  readonly #decisions: Decision[] = [];

  get(type: string): Decision {
    const types = this.#types;
    for (let index = 0; index < types.length; index += 1) if (types[index] === type) return this.#decisions[index];
    return undefined;
  }

  set(type: string, decision: Decision): void {
    const known = this.#types.indexOf(type);
    const index = known < 0 ? this.#types.length : known;
    this.#types[index] = type;
    this.#decisions[index] = decision;
  }

  /** The types, in the order in which they were first set. */
  keys(): readonly string[] {
    return this.#types;
  }
}

/** A compiled statechart. @internal */
export interface TransitionTable {
  readonly machine: AnyStateMachine;
  readonly states: readonly TableState[];
  readonly initial: TableState;
  readonly initialEffects: readonly string[];
  /** The statechart's context function, or its constant context. */
  readonly contextOf: (input: unknown) => Record<string, unknown>;
  readonly outputOf: (context: unknown, event: unknown) => unknown;
}

type Outcome = { readonly key: string; readonly actions: readonly string[] };
type Snapshot = ReturnType<AnyStateMachine['resolveState']>;

/** Bound on the size of a chart: states × events × guard answers looked at. */
const MAX_STEPS = 100_000;

/**
 * Compiles `machine`, of which `effects` are the action names that are not assignments. `changed` is how a step changes a
 * context of the chart: one that names the keys is several times faster than one that has to find them.
 *
 * @throws Error when the chart uses something outside the bounds named above.
 *
 * @internal
 */
export function compile<TContext extends object, TKey extends string = string>(
  machine: AnyStateMachine,
  effects: readonly string[],
  changed: Changed<TContext, TKey> = (context, key, value) => ({ ...context, [key]: value }),
): TransitionTable {
  checkBounds(machine);
  const oracle = new GuardOracle();
  const asked = machine.provide({
    guards: Object.fromEntries(
      Object.keys(machine.implementations.guards).map((name) => [name, () => oracle.answer(name)]),
    ),
    actions: Object.fromEntries(Object.keys(machine.implementations.actions).map((name) => [name, () => undefined])),
  });
  const [first, initialActions] = initialTransition(asked, {});
  const snapshots = new Map<string, Snapshot>([[keyOf(first), first]]);
  const rows = new Map<string, Map<string, Tree>>();
  let steps = 0;
  for (const [key, snapshot] of snapshots) {
    const row = new Map<string, Tree>();
    rows.set(key, row);
    if (snapshot.status !== 'active') continue;
    for (const type of machine.events) {
      const tree = oracle.explore(() => {
        steps += 1;
        if (steps > MAX_STEPS) throw new Error(`statechart ${machine.id} is too large to compile`);
        const [next, actions] = transition(asked, snapshot, { type });
        snapshots.set(keyOf(next), snapshots.get(keyOf(next)) ?? next);
        return { key: keyOf(next), actions: actions.map((action) => action.type) };
      });
      row.set(type, tree);
    }
  }
  return link(
    machine,
    effects,
    changed as unknown as Changed<unknown>,
    snapshots,
    rows,
    keyOf(first),
    initialActions.map((action) => action.type),
  );
}

type Tree = { readonly outcome: Outcome } | { readonly guardName: string; readonly yes: Tree; readonly no: Tree };

/** Answers guards as told and notes which it was asked, so that every path through them can be taken. */
class GuardOracle {
  #given = new Map<string, boolean>();
  #unknown: string | undefined;

  answer(name: string): boolean {
    const given = this.#given.get(name);
    if (given !== undefined) return given;
    this.#unknown ??= name;
    return false;
  }

  explore(run: () => Outcome): Tree {
    this.#unknown = undefined;
    const outcome = run();
    const guardName: string | undefined = this.#unknown;
    if (guardName === undefined) return { outcome };
    this.#given.set(guardName, true);
    const yes = this.explore(run);
    this.#given.set(guardName, false);
    const no = this.explore(run);
    this.#given.delete(guardName);
    return { guardName, yes, no };
  }
}

function keyOf(snapshot: { readonly value: StateValue }): string {
  return JSON.stringify(snapshot.value);
}

function isNothing(tree: Tree, key: string): boolean {
  return 'outcome' in tree && tree.outcome.key === key && tree.outcome.actions.length === 0;
}

function link(
  machine: AnyStateMachine,
  effects: readonly string[],
  changed: Changed<unknown>,
  snapshots: ReadonlyMap<string, Snapshot>,
  rows: ReadonlyMap<string, ReadonlyMap<string, Tree>>,
  initialKey: string,
  initialEffects: readonly string[],
): TransitionTable {
  const states = new Map<string, TableState>();
  for (const [key, snapshot] of snapshots) {
    const isFinal = snapshot.status === 'done';
    states.set(key, { index: states.size, value: snapshot.value, isFinal, on: new Decisions() });
  }
  const decide = (tree: Tree, from: string): Decision => {
    if (!('outcome' in tree)) {
      const { guardName } = tree;
      const guard = guardOf(machine, guardName);
      return { kind: 'question', guardName, guard, yes: decide(tree.yes, from), no: decide(tree.no, from) };
    }
    if (isNothing(tree, from)) return undefined;
    const { key, actions } = tree.outcome;
    const assigns = actions
      .filter((name) => !effects.includes(name))
      .map((name) => assignmentOf(machine, name, changed));
    const named = actions.filter((name) => effects.includes(name));
    return { kind: 'step', target: stateOf(states, key), assigns, effects: named };
  };
  for (const [key, row] of rows) {
    for (const [type, tree] of row) {
      const decision = decide(tree, key);
      if (decision !== undefined) stateOf(states, key).on.set(type, decision);
    }
  }
  const { context, output } = machine.config;
  return {
    machine,
    states: [...states.values()],
    initial: stateOf(states, initialKey),
    initialEffects,
    contextOf: (input) => (typeof context === 'function' ? context({ input } as never) : (context ?? {})),
    outputOf: (data, event) => (typeof output === 'function' ? output({ context: data, event } as never) : output),
  };
}

function stateOf(states: ReadonlyMap<string, TableState>, key: string): TableState {
  const state = states.get(key);
  if (state === undefined) throw new Error(`expected state ${key} to have been explored`);
  return state;
}

function guardOf(machine: AnyStateMachine, name: string): GuardFunction {
  const guard: unknown = machine.implementations.guards[name];
  if (typeof guard !== 'function') throw new Error(`statechart ${machine.id}: guard ${name} must be a function`);
  return guard as GuardFunction;
}

/** Reads what `assign({ key: ({ context, event }) => value })` was made from. */
function assignmentOf(machine: AnyStateMachine, name: string, changed: Changed<unknown>): Assignment {
  const action: unknown = machine.implementations.actions[name];
  const isAssign =
    typeof action === 'function' && 'type' in action && action.type === 'xstate.assign' && 'assignment' in action;
  if (!isAssign) throw new Error(`statechart ${machine.id}: action ${name} is neither an effect nor an assignment`);
  const entries = Object.entries(action.assignment as Record<string, (args: unknown) => unknown>);
  if (entries.length !== 1) throw new Error(`statechart ${machine.id}: ${name} must assign exactly one key`);
  const [key, valueOf] = entries[0] as (typeof entries)[number];
  return (context, event) => changed(context, key, valueOf({ context, event }) as never);
}
