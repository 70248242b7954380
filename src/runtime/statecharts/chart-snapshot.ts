/** The snapshots of actors that stand on a compiled statechart. */
import { type EventObject, matchesState, type StateValue } from 'xstate';
import { type Chart, type ChartState, stepFor } from './chart.js';

const NO_CHILDREN = Object.freeze({});

/** How a chart ended, for the snapshot of a final state. @internal */
export type ChartEnd = { readonly output: unknown } | { readonly error: unknown };

/**
 * The snapshot of a task, queue or scheduler actor. It offers its readers what a machine snapshot of XState offers.
 *
 * @public
 */
export class ChartSnapshot<TContext, TEvent extends EventObject = EventObject, TOutput = unknown> {
  /** `error` for a failed task, `done` in any other final state. */
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  readonly context: TContext;
  readonly output: TOutput | undefined;
  readonly error: unknown;
  /** @internal */
  readonly _chart: Chart;
  /** @internal */
  readonly _state: ChartState;

  /** @internal */
  constructor(chart: Chart, state: ChartState, context: TContext, end: ChartEnd | 'stopped' | undefined) {
    this._chart = chart;
    this._state = state;
    this.context = context;
    const isFailure = typeof end === 'object' && 'error' in end;
    this.status = end === undefined ? 'active' : end === 'stopped' ? 'stopped' : isFailure ? 'error' : 'done';
    this.output = typeof end === 'object' && 'output' in end ? (end.output as TOutput) : undefined;
    this.error = isFailure ? end.error : undefined;
  }

  /** The state value: a name, or an object of regions. */
  get value(): StateValue {
    return this._state.value;
  }

  /** The statechart that this snapshot is of. */
  get machine(): unknown {
    return this._chart.machine;
  }

  get tags(): ReadonlySet<string> {
    return this._state.tags;
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
    return this._state.tags.has(tag);
  }

  /** Whether `event` would change anything now. */
  can(event: TEvent): boolean {
    return stepFor(this._state, this.context, event) !== undefined;
  }

  toJSON(): object {
    const { status, value, context, output, error, tags } = this;
    return { status, value, context, output, error, tags: [...tags] };
  }
}
