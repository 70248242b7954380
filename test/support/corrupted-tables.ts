/**
 * Compiled tables with one thing wrong. A comparison that lets any of them pass would not see that mistake in the compiler
 * either.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DecisionData, TableData } from '../../src/runtime/statecharts/chart.js';

export interface CorruptedTable {
  /** What is wrong with it. */
  readonly name: string;
  readonly table: TableData;
}

/** Assignments that only depend on the event. */
const HARMLESS_TWICE = new Set(['keepOutcome', 'setLimits']);

type StepData = Extract<DecisionData, { readonly to: number }>;
type QuestionData = Extract<DecisionData, { readonly if: string }>;

/** One table for each way in which one step, one question, one entry or the beginning can be wrong. */
export function* corruptedTables(table: TableData): Generator<CorruptedTable> {
  const { states, initialActions } = table;
  if (initialActions.length > 0) yield { name: 'no initial effects', table: { ...table, initialActions: [] } };
  yield { name: 'another initial state', table: { ...table, states: states.with(0, states[1] ?? raise()) } };
  const types = new Set(states.flatMap(({ on }) => Object.keys(on)));
  for (const [place, state] of states.entries()) {
    for (const type of types) {
      const decision = state.on[type] ?? null;
      if (decision === null && state.isFinal) continue;
      for (const [name, by] of variants(states.length, decision, place)) {
        const on = { ...state.on, [type]: by };
        yield {
          name: `${JSON.stringify(state.value)} on ${type}: ${name}`,
          table: { ...table, states: states.with(place, { ...state, on }) },
        };
      }
    }
  }
}

/** The decision with one of its parts wrong. */
function* variants(states: number, decision: DecisionData, from: number): Generator<readonly [string, DecisionData]> {
  if (decision === null) {
    yield ['a step where there is none', { to: (from + 1) % states, do: [] }];
    return;
  }
  if ('if' in decision) yield* questionVariants(states, decision, from);
  else yield* stepVariants(states, decision, from);
}

function* questionVariants(states: number, question: QuestionData, from: number): ReturnType<typeof variants> {
  const { if: guard, yes, no } = question;
  if (!isDeepStrictEqual(yes, no)) yield [`${guard} turned round`, { ...question, yes: no, no: yes }];
  for (const [name, by] of variants(states, yes, from)) yield [`${guard}, ${name}`, { ...question, yes: by }];
  for (const [name, by] of variants(states, no, from)) yield [`not ${guard}, ${name}`, { ...question, no: by }];
}

function* stepVariants(states: number, step: StepData, from: number): ReturnType<typeof variants> {
  yield ['to another state', { ...step, to: (step.to + 1) % states }];
  if (step.do.length > 0 || step.to !== from) yield ['forgotten', null];
  for (const [index, action] of step.do.entries()) {
    yield [`without ${action}`, { ...step, do: step.do.toSpliced(index, 1) }];
    if (!HARMLESS_TWICE.has(action))
      yield [`with ${action} twice`, { ...step, do: step.do.toSpliced(index, 0, action) }];
  }
}

function raise(): never {
  throw new Error('expected a chart of more than one state');
}
