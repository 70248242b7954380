/**
 * A compiled statechart: for each state and event a decision, which is a step, a guard to be asked, or nothing. The decisions
 * were computed by XState itself at build time (`npm run compile:statecharts` writes tables.ts), so they mean what the chart
 * means to XState; here they are joined to the chart's guards, assignments and emissions.
 *
 * Invariant: a chart is immutable and knows no actor; every scheduler of a process shares it.
 */
import type { AnyStateMachine, EventObject, StateValue } from 'xstate';
import { elementAt } from '../../core/element-at.js';
import { SchedulerError } from '../../core/failures.js';

/** A decision as data: nothing, a step to the state of that number, or a guard and the decisions that follow its answers. @internal */
export type DecisionData =
  | null
  | { readonly to: number; readonly do: readonly string[] }
  | { readonly if: string; readonly yes: DecisionData; readonly no: DecisionData };

/** A compiled statechart as data. The first state is the initial one. @internal */
export interface TableData {
  readonly initialActions: readonly string[];
  readonly states: readonly {
    readonly value: StateValue;
    readonly tags: readonly string[];
    readonly isFinal: boolean;
    readonly on: Readonly<Record<string, DecisionData>>;
  }[];
}

/** One state of a chart, with the decision for each event. @internal */
export interface ChartState {
  readonly value: StateValue;
  readonly tags: ReadonlySet<string>;
  readonly isFinal: boolean;
  readonly on: Decisions;
}

/** The answer to an event, once the guards have been asked. @internal */
export interface Step {
  readonly kind: 'step';
  readonly target: ChartState;
  readonly assigns: readonly Assignment[];
  /** Names of the effects, in order. */
  readonly effects: readonly string[];
  readonly emissions: readonly Computed[];
}

interface Question {
  readonly kind: 'question';
  readonly guard: (args: Args) => boolean;
  readonly guardName: string;
  readonly yes: Decision;
  readonly no: Decision;
}

/** A step, a question, or undefined for an event that does nothing. @internal */
export type Decision = Step | Question | undefined;

/** The arguments of the guards, assignments and emissions of machines/. */
interface Args {
  readonly context: unknown;
  readonly event: unknown;
}

type Computed = (args: Args) => unknown;

/** Gives the new value of one key of the context. */
interface Assignment {
  readonly key: string;
  readonly valueOf: Computed;
}

/** The named parts of a statechart that are functions; the names that a table has beside them are effects. @internal */
export interface ChartParts {
  readonly machine: AnyStateMachine;
  readonly guards: Readonly<Record<string, (args: never) => boolean>>;
  readonly assignments?: Readonly<Record<string, Readonly<Record<string, (args: never) => unknown>>>>;
  readonly emissions?: Readonly<Record<string, (args: never) => EventObject>>;
}

/** The decisions of one state. A linear search over a chart's few event types takes a tenth of the time of a map. @internal */
export class Decisions {
  readonly #types: string[] = [];
  readonly #decisions: Decision[] = [];

  get(type: string): Decision {
    const types = this.#types;
    for (let index = 0; index < types.length; index += 1) if (types[index] === type) return this.#decisions[index];
    return undefined;
  }

  /** Whether the chart names the event in this state, be it that its guards say no. */
  has(type: string): boolean {
    return this.#types.includes(type);
  }

  /** To be called once for each type. */
  add(type: string, decision: Decision): void {
    this.#types.push(type);
    this.#decisions.push(decision);
  }

  get types(): readonly string[] {
    return this.#types;
  }
}

/** A compiled statechart. @internal */
export class Chart {
  readonly machine: AnyStateMachine;
  readonly states: readonly ChartState[];
  readonly initialEffects: readonly string[];
  readonly #byValue: ReadonlyMap<string, ChartState>;

  constructor(table: TableData, parts: ChartParts) {
    this.machine = parts.machine;
    this.states = link(table, parts);
    this.#byValue = new Map(this.states.map((state) => [JSON.stringify(state.value), state]));
    this.initialEffects = table.initialActions;
  }

  get initial(): ChartState {
    return elementAt(this.states, 0);
  }

  /** The state of that value. */
  stateOf(value: StateValue): ChartState {
    const found = this.#byValue.get(JSON.stringify(value));
    if (found !== undefined) return found;
    const text = `expected the statechart ${this.machine.id} to have a state ${JSON.stringify(value)}`;
    throw new SchedulerError('InvariantBroken', text);
  }
}

/** The step for `event` in `state`, undefined when it does nothing there. Asks the guards in the chart's order. @internal */
export function stepFor(state: ChartState, context: unknown, event: { readonly type: string }): Step | undefined {
  let decision = state.on.get(event.type);
  if (decision === undefined || decision.kind === 'step') return decision;
  const args = { context, event };
  while (decision !== undefined && decision.kind === 'question') {
    decision = decision.guard(args) ? decision.yes : decision.no;
  }
  return decision;
}

function link(table: TableData, { machine, guards, assignments = {}, emissions = {} }: ChartParts): ChartState[] {
  const states = table.states.map(({ value, tags, isFinal }): ChartState => {
    return { value, tags: new Set(tags), isFinal, on: new Decisions() };
  });
  const decisionOf = (data: DecisionData): Decision => {
    if (data === null) return undefined;
    if ('if' in data) {
      const guard = guards[data.if];
      if (guard === undefined) throw new Error(`the statechart ${machine.id} has no guard ${data.if}`);
      return {
        kind: 'question',
        guard: guard as Question['guard'],
        guardName: data.if,
        yes: decisionOf(data.yes),
        no: decisionOf(data.no),
      };
    }
    const assigns = data.do.flatMap((name) =>
      Object.entries(assignments[name] ?? {}).map(([key, valueOf]) => ({ key, valueOf: valueOf as Computed })),
    );
    const emitted = data.do.flatMap((name) => (emissions[name] as Computed | undefined) ?? []);
    const effects = data.do.filter((name) => !(name in assignments) && !(name in emissions));
    return { kind: 'step', target: elementAt(states, data.to), assigns, effects, emissions: emitted };
  };
  for (const [index, { on }] of table.states.entries()) {
    const decisions = elementAt(states, index).on;
    for (const [type, data] of Object.entries(on)) decisions.add(type, decisionOf(data));
  }
  return states;
}
