/**
 * Turns a statechart into a table of data, at build time. XState itself is the compiler: for every reachable state and
 * every event its interpreter is asked what happens, once for each combination of answers of the named guards, and its
 * answer (next state, actions in order) becomes a decision tree. Everything the chart uses (entry actions, parallel
 * regions, `and`, `stateIn`) therefore means what XState means by it; test/runtime/compile.test.ts holds the two against
 * each other.
 *
 * Bounds: guards and actions must be named; no delayed transitions, invocations, history or guard parameters.
 */
import { type AnyStateMachine, initialTransition, type StateValue, transition } from 'xstate';
import type { DecisionData, TableData } from '../../src/runtime/statecharts/chart.js';
import { checkIsSupported, isComposite } from './supported-charts.js';

type Outcome = { readonly key: string; readonly actions: readonly string[] };
type Snapshot = ReturnType<AnyStateMachine['resolveState']>;
type Tree = { readonly outcome: Outcome } | { readonly guardName: string; readonly yes: Tree; readonly no: Tree };

/** Bound on the size of a chart: states × events × guard answers looked at. */
const MAX_STEPS = 10_000;

/**
 * Compiles `machine`.
 *
 * @throws Error when the chart uses something outside the bounds named above.
 */
export function compile(machine: AnyStateMachine): TableData {
  checkIsSupported(machine);
  const oracle = new GuardOracle();
  const asked = machine.provide({
    guards: Object.fromEntries(
      Object.entries(machine.implementations.guards)
        .filter(([, guard]) => !isComposite(guard))
        .map(([name]) => [name, () => oracle.answer(name)]),
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
  const keys = [...snapshots.keys()];
  const decisionOf = (tree: Tree, from: string): DecisionData => {
    if ('outcome' in tree) {
      const { key, actions } = tree.outcome;
      return key === from && actions.length === 0 ? null : { to: keys.indexOf(key), do: actions };
    }
    return { if: tree.guardName, yes: decisionOf(tree.yes, from), no: decisionOf(tree.no, from) };
  };
  return {
    initialActions: initialActions.map((action) => action.type),
    states: [...snapshots].map(([key, { value, status, tags }]) => ({
      value,
      tags: [...tags],
      isFinal: status === 'done',
      on: Object.fromEntries(
        [...(rows.get(key) ?? [])].flatMap(([type, tree]) => {
          const decision = decisionOf(tree, key);
          return decision === null ? [] : [[type, decision]];
        }),
      ),
    })),
  };
}

/** Answers guards as told and notes which it was asked, so that every path through them can be taken. */
class GuardOracle {
  readonly #given = new Map<string, boolean>();
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
