/**
 * Steps of the statecharts of machines/, taken by XState's own `transition`. The effects that a step asks for are its named
 * actions; they are collected, not carried out. Each step is computed once: an exploration asks for the same few again and again.
 *
 * Invariant: a step depends on nothing but the state, the context and the event.
 */
import { type AnyStateMachine, type EventObject, initialTransition, type StateValue, transition } from 'xstate';

/** What a chart answers to an event. @internal */
export interface ChartStep<TContext> {
  readonly value: StateValue;
  readonly context: TContext;
  /** Names of the effects, in order; assignments are in the context already. */
  readonly effects: readonly string[];
  /** Whether the chart has an entry for the event in this state, be it one whose guards all say no. */
  readonly isInTable: boolean;
}

/** The part of a state's configuration that is read here. */
interface StateConfig {
  readonly on?: Readonly<Record<string, unknown>> | undefined;
  readonly states?: Readonly<Record<string, StateConfig>> | undefined;
}

/** The steps of one machine. @internal */
export class ChartSteps<TContext> {
  readonly #machine: AnyStateMachine;
  readonly #steps = new Map<string, ChartStep<TContext>>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
  }

  /** The step for `event`, an event of the machine, in the state `value` of it. */
  step(value: StateValue, context: TContext, event: EventObject): ChartStep<TContext> {
    const key = JSON.stringify([value, context, event]);
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const snapshot = this.#machine.resolveState({ value, context });
    const [next, actions] = transition(this.#machine, snapshot, event);
    const step = {
      value: next.value as StateValue,
      context: next.context as TContext,
      effects: actions.map(({ type }) => type).filter((type) => !type.startsWith('xstate.')),
      isInTable: has(this.#machine.config, value, event.type),
    };
    this.#steps.set(key, step);
    return step;
  }
}

/** The steps of a machine; machines are few and asked again, so theirs are kept as long as they are. @internal */
export function stepsOf<TContext>(machine: AnyStateMachine): ChartSteps<TContext> {
  const known = kept.get(machine);
  if (known !== undefined) return known as ChartSteps<TContext>;
  const steps = new ChartSteps<TContext>(machine);
  kept.set(machine, steps);
  return steps;
}

const kept = new WeakMap<AnyStateMachine, unknown>();

/** The state in which a machine begins. @internal */
export function initialValue(machine: AnyStateMachine, input: unknown): StateValue {
  return initialTransition(machine, input)[0].value as StateValue;
}

/** Whether the state or one that it lies in names the event. */
function has(config: StateConfig, value: StateValue, type: string): boolean {
  if (config.on !== undefined && type in config.on) return true;
  const inner = typeof value === 'string' ? [[value, {}] as const] : Object.entries(value);
  return inner.some(([name, rest]) => {
    const state = config.states?.[name];
    return state !== undefined && has(state, rest ?? {}, type);
  });
}
