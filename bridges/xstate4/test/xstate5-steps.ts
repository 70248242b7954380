/** Steps of a machine in either version of XState, with guards that say what they are told to. */
import { createRequire } from 'node:module';
import type { StateMachine, StateValue } from 'xstate';

/** The part of XState 5 that is used: that of the repository, which this package's own hides. */
interface XState5 {
  getInitialSnapshot(machine: unknown, input: unknown): { readonly value: StateValue };
  transition(machine: unknown, snapshot: unknown, event: object): readonly [{ readonly value: StateValue }];
}

const five = createRequire(new URL('../../../package.json', import.meta.url))('xstate') as XState5;

/** What each guard says, by its name. It may change between steps. */
export type Answers = Record<string, boolean>;

interface Machine5 {
  readonly provide: (given: never) => unknown;
  readonly resolveState: (config: never) => unknown;
}

const guardsBy = (answers: Answers): Readonly<Record<string, () => boolean>> =>
  Object.fromEntries(Object.keys(answers).map((guard) => [guard, () => answers[guard] === true]));

const nothing = (): void => undefined;

/** The state value after each event, in XState 4. */
export function stepsOfXState4(machine: StateMachine<unknown, never, never>, answers: Answers) {
  const guarded = machine.withConfig({ guards: guardsBy(answers) });
  let state = guarded.initialState;
  return (type: string): StateValue => {
    state = guarded.transition(state, { type } as never);
    return state.value;
  };
}

/** The state value after each event, in XState 5. What is assigned does not matter here. */
export function stepsOfXState5(machine: Machine5, answers: Answers) {
  const context = { id: 'a', queue: 'q', name: 'q', slots: 1, capacity: [], attempt: 1, delivered: 0 };
  const assigning = ['raiseAttempt', 'lowerAttempt', 'countPartial', 'keepOutcome', 'take', 'giveBack', 'setLimits'];
  const actions = Object.fromEntries(assigning.map((name) => [name, nothing]));
  const guarded = machine.provide({ guards: guardsBy(answers), actions } as never) as Machine5;
  let { value } = five.getInitialSnapshot(guarded, context);
  return (type: string): StateValue => {
    const snapshot = guarded.resolveState({ value, context } as never);
    [{ value }] = five.transition(guarded, snapshot, { type });
    return value;
  };
}
