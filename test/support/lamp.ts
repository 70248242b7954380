/**
 * A statechart for tests of the interpreters: a lamp that can be pressed, is dimmed and aged by its owner, and burns out or breaks in the
 * end. It has whatever a chart may have that the real ones have in parts only.
 */
import { assign, emit, setup, type AnyActorRef } from 'xstate';
import { compile } from '../../scripts/statecharts/compile.js';
import type { CellKind, ChartCell } from '../../src/runtime/statecharts/cells.js';
import { Chart, type ChartState } from '../../src/runtime/statecharts/chart.js';

export interface LampContext {
  readonly name: string;
  readonly presses: number;
  readonly fault: unknown;
}

export type LampEvent =
  | { readonly type: 'press' }
  | { readonly type: 'look' }
  | { readonly type: 'touch' }
  | { readonly type: 'age'; readonly years: number }
  | { readonly type: 'break'; readonly fault: unknown };

export type LampEffect = 'greet' | 'shine' | 'darken' | 'noteLook' | 'sayGoodbye';

interface Args {
  readonly context: LampContext;
  readonly event: LampEvent;
}

const guards = { isOld: ({ event }: Args) => event.type === 'age' && event.years > 9 };
const assignments = {
  countPress: { presses: ({ context }: Args) => context.presses + 1 },
  keepFault: { fault: ({ event }: Args) => (event.type === 'break' ? event.fault : undefined) },
};
const emissions = { tellPress: ({ context }: Args) => ({ type: 'pressed', times: context.presses }) };
const nothing = (): void => undefined;

const lampMachine = setup({
  types: { context: {} as LampContext, events: {} as LampEvent, input: {} as { readonly name: string } },
  guards,
  actions: {
    countPress: assign(assignments.countPress),
    keepFault: assign(assignments.keepFault),
    tellPress: emit(emissions.tellPress),
    greet: nothing,
    shine: nothing,
    darken: nothing,
    noteLook: nothing,
    sayGoodbye: nothing,
  },
}).createMachine({
  id: 'lamp',
  context: ({ input }) => ({ name: input.name, presses: 0, fault: undefined }),
  initial: 'off',
  output: ({ context }) => `pressed ${context.presses} times`,
  entry: 'greet',
  states: {
    off: {
      on: { press: { target: 'lit', actions: ['countPress', 'shine', 'tellPress'] }, look: { actions: 'noteLook' } },
    },
    lit: {
      tags: 'bright',
      on: {
        press: { target: 'off', actions: ['countPress', 'darken'] },
        touch: { actions: 'countPress' },
        age: { guard: 'isOld', target: 'gone' },
        break: { target: 'gone', actions: 'keepFault' },
      },
    },
    gone: { type: 'final', entry: 'sayGoodbye' },
  },
});

const lampChart = new Chart(compile(lampMachine), { machine: lampMachine, guards, assignments, emissions });

/** A lamp. */
export class Lamp implements ChartCell, LampContext {
  chartState: ChartState = lampChart.initial;
  actor: AnyActorRef | undefined = undefined;
  presses = 0;
  fault: unknown = undefined;
  /** Each effect that was carried out, with the state and the count that the lamp had by then. */
  readonly effects: string[] = [];
  /** What else the interpreter did with the lamp. */
  readonly told: string[] = [];
  readonly name: string;

  constructor(name = 'desk', state = 'off') {
    this.name = name;
    this.chartState = lampChart.stateOf(state);
  }
}

const EFFECTS: readonly LampEffect[] = ['greet', 'shine', 'darken', 'noteLook', 'sayGoodbye'];

export type LampKind = CellKind<Lamp, LampContext, LampEvent, LampEffect>;

/** The kind of lamps whose events come from `owner`; a press is a command. */
export function lampKind(owner: AnyActorRef, receive: (lamp: Lamp, event: LampEvent) => void): LampKind {
  const effects = EFFECTS.map((name) => [
    name,
    (lamp: Lamp, { type }: LampEvent) =>
      lamp.effects.push(`${name} for ${type}: ${JSON.stringify(lamp.chartState.value)}, ${lamp.presses}`),
  ]);
  return {
    chart: lampChart,
    commands: ['press'],
    effects: Object.fromEntries(effects) as LampKind['effects'],
    idOf: ({ name }) => name,
    inputOf: ({ name }) => ({ name }),
    contextOf: ({ name, presses, fault }) => ({ name, presses, fault }),
    adopt(lamp, { presses, fault }) {
      Object.assign(lamp, { presses, fault });
    },
    endOf: ({ presses, fault }) => (fault === undefined ? { output: `pressed ${presses} times` } : { error: fault }),
    isVisible: ({ presses }) => presses > 0,
    sourceOf: (_, { type }) => (type === 'press' ? undefined : owner),
    receive,
    refused: ({ told }) => void told.push('refused'),
    unexpected: ({ told }, { type }) => void told.push(`unexpected ${type}`),
    stopped: ({ told }) => void told.push('stopped'),
    ended: ({ told }) => void told.push('ended'),
  };
}
