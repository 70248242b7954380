/**
 * Transition tables with one thing wrong. A comparison that lets any of them pass would not see that mistake in the compiler
 * either.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type Decision,
  Decisions,
  type Question,
  type Step,
  type TableState,
  type TransitionTable,
} from '../../src/runtime/statecharts/compile.js';

export interface CorruptedTable {
  /** What is wrong with it. */
  readonly name: string;
  readonly table: TransitionTable;
}

/** One table for each way in which one step, one question, one entry or the beginning can be wrong. */
export function* corruptedTables(table: TransitionTable): Generator<CorruptedTable> {
  if (table.initialEffects.length > 0) yield { name: 'no initial effects', table: { ...table, initialEffects: [] } };
  yield { name: 'another initial state', table: { ...table, initial: otherThan(table, table.initial) } };
  const types = new Set(table.states.flatMap((state) => [...state.on.keys()]));
  for (const state of table.states) {
    for (const type of types) {
      const decision = state.on.get(type);
      const at = `${JSON.stringify(state.value)} on ${type}`;
      const replaced = (name: string, by: Decision): CorruptedTable => ({
        name: `${at}: ${name}`,
        table: withDecision(table, state, type, by),
      });
      if (decision === undefined) {
        if (!state.isFinal) yield replaced('a step where there is none', stepTo(otherThan(table, state)));
        continue;
      }
      yield replaced('forgotten', undefined);
      for (const [name, by] of variants(table, decision)) yield replaced(name, by);
    }
  }
}

/** The decision with one of its parts wrong. */
function* variants(table: TransitionTable, decision: Decision): Generator<readonly [name: string, Decision]> {
  if (decision === undefined) yield ['a step where there is none', stepTo(table.initial)];
  else if (decision.kind === 'question') yield* questionVariants(table, decision);
  else yield* stepVariants(table, decision);
}

function* questionVariants(table: TransitionTable, question: Question): ReturnType<typeof variants> {
  const { guardName, yes, no } = question;
  if (!isDeepStrictEqual(yes, no)) yield [`${guardName} turned round`, { ...question, yes: no, no: yes }];
  for (const [name, by] of variants(table, yes)) yield [`${guardName}, ${name}`, { ...question, yes: by }];
  for (const [name, by] of variants(table, no)) yield [`not ${guardName}, ${name}`, { ...question, no: by }];
}

function* stepVariants(table: TransitionTable, step: Step): ReturnType<typeof variants> {
  yield ['to another state', { ...step, target: otherThan(table, step.target) }];
  for (const [index] of step.assigns.entries()) {
    yield [`without assignment ${index}`, { ...step, assigns: step.assigns.toSpliced(index, 1) }];
  }
  for (const [index, effect] of step.effects.entries()) {
    yield [`without ${effect}`, { ...step, effects: step.effects.toSpliced(index, 1) }];
    yield [`with ${effect} twice`, { ...step, effects: step.effects.toSpliced(index, 0, effect) }];
  }
  if (step.effects.length > 1) yield ['effects turned round', { ...step, effects: step.effects.toReversed() }];
}

function otherThan({ states }: TransitionTable, state: TableState): TableState {
  const other = states.find(({ index }) => index !== state.index);
  if (other === undefined) throw new Error('expected a chart of more than one state');
  return other;
}

function stepTo(target: TableState): Step {
  return { kind: 'step', target, assigns: [], effects: [] };
}

/** A copy of the table whose states lead to each other as before, but for one entry. */
function withDecision(table: TransitionTable, changed: TableState, type: string, by: Decision): TransitionTable {
  const states = table.states.map((state): TableState => ({ ...state, on: new Decisions() }));
  const copyOf = ({ index }: TableState): TableState => states[index] ?? otherThan(table, table.initial);
  const copied = (decision: Decision): Decision => {
    if (decision === undefined) return undefined;
    return decision.kind === 'step'
      ? { ...decision, target: copyOf(decision.target) }
      : { ...decision, yes: copied(decision.yes), no: copied(decision.no) };
  };
  for (const state of table.states) {
    for (const name of state.on.keys()) {
      const decision = state.on.get(name);
      const replaced = state === changed && name === type ? by : decision;
      copyOf(state).on.set(name, copied(replaced));
    }
  }
  if (!changed.on.keys().includes(type)) copyOf(changed).on.set(type, copied(by));
  return { ...table, states, initial: copyOf(table.initial) };
}
