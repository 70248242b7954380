/**
 * Holds a compiled statechart against XState's own interpreter. `explore` asks XState what a statechart does, with its real
 * guards, for every event in every state and context that can be reached within a number of steps; `differenceFrom`
 * follows the same paths through a table and tells the first difference. Exploring once serves any number of tables,
 * corrupted ones included.
 */
import { isDeepStrictEqual } from 'node:util';
import { type AnyEventObject, initialTransition, type StateValue, transition } from 'xstate';
import type { ChartCell } from '../../src/runtime/statecharts/cells.js';
import { Chart, type Step, stepFor, type TableData } from '../../src/runtime/statecharts/chart.js';
import { takeStep } from '../../src/runtime/statecharts/take-step.js';
import type { SampleChart } from './charts.js';

/** What can be seen of a chart at work. */
interface Seen {
  readonly value: StateValue;
  readonly isFinal: boolean;
  readonly tags: readonly string[];
  readonly context: Readonly<Record<string, unknown>>;
}

/** Names of the effects with the event they are for, then the events that are emitted, in order. */
type Actions = readonly unknown[];

interface Edge {
  readonly event: AnyEventObject;
  readonly can: boolean;
  readonly actions: Actions;
  readonly to: Place;
}

/** A state together with a context. */
interface Place extends Seen {
  readonly depth: number;
  readonly edges: Edge[];
}

/** What XState says of a chart, for each of its sample inputs. */
export interface Reference {
  readonly chart: SampleChart;
  readonly starts: readonly { readonly initialActions: readonly string[]; readonly place: Place }[];
  /** Every pair of state and event that was looked at, as `value event`. */
  readonly visited: ReadonlySet<string>;
}

/** Steps from the initial state; far enough that every state has been entered in each of its ways. */
const MAX_DEPTH = 9;

export function explore(chart: SampleChart): Reference {
  const visited = new Set<string>();
  const starts = chart.inputs.map((input) => {
    const [first, actions] = initialTransition(chart.machine, input as never);
    const found = { snapshot: first, place: placeOf(first, 0) };
    const places = new Map([[keyOf(found.place), found]]);
    for (const { snapshot, place } of places.values()) {
      if (place.depth === MAX_DEPTH) continue;
      for (const event of chart.events) {
        visited.add(pairOf(place.value, event));
        const [next, done] = transition(chart.machine, snapshot, event);
        const to = placeOf(next, place.depth + 1);
        const known = places.get(keyOf(to));
        if (known === undefined) places.set(keyOf(to), { snapshot: next, place: to });
        place.edges.push({ event, can: snapshot.can(event), actions: actionsOf(done), to: known?.place ?? to });
      }
    }
    return { initialActions: actions.map(({ type }) => type), place: found.place };
  });
  return { chart, starts, visited };
}

/** The first difference, in words, or undefined when there is none. Adds to `taken` every step of the table it goes. */
export function differenceFrom(
  { chart, starts }: Reference,
  table: TableData,
  taken: Set<Step> = new Set(),
): string | undefined {
  const compiled = new Chart(table, chart.parts);
  for (const { initialActions, place } of starts) {
    const trouble =
      differs('initial state', place.value, compiled.initial.value) ??
      differs('initial effects', initialActions, compiled.initialEffects);
    if (trouble !== undefined) return `${chart.name}: ${trouble}`;
    const ways = new Map<Place, Chart['initial']>([[place, compiled.initial]]);
    for (const [from, state] of ways) {
      for (const { event, can, actions, to } of from.edges) {
        const cell = { chartState: state, actor: undefined, ...from.context };
        const { isPossible, performed } = stepOf(cell, event, taken);
        const { chartState, actor: _actor, ...context } = cell;
        const { value, isFinal, tags } = chartState;
        const seen: Seen = { value, isFinal, tags: [...tags], context };
        const wanted: Seen = { value: to.value, isFinal: to.isFinal, tags: to.tags, context: to.context };
        const said =
          differs('can', can, isPossible) ??
          differs('what is seen', wanted, seen) ??
          differs('actions', actions, performed);
        const at = `${chart.name}: ${pairOf(from.value, event)} of ${JSON.stringify(event)} with ${JSON.stringify(from.context)}`;
        if (said !== undefined) return `${at}: ${said}`;
        if (!ways.has(to)) ways.set(to, chartState);
      }
    }
  }
  return undefined;
}

function stepOf(
  cell: ChartCell,
  event: AnyEventObject,
  taken: Set<Step>,
): { readonly isPossible: boolean; readonly performed: Actions } {
  const performed: unknown[] = [];
  const step = stepFor(cell.chartState, cell, event);
  if (step === undefined) return { isPossible: false, performed };
  taken.add(step);
  const noting = new Proxy<Record<string, (of: ChartCell, by: AnyEventObject) => void>>(
    {},
    { get: (_, name) => (__: ChartCell, by: AnyEventObject) => void performed.push([name, by]) },
  );
  takeStep(cell, step, event, noting);
  for (const emission of step.emissions) performed.push(emission({ context: cell, event }));
  return { isPossible: true, performed };
}

export function pairOf(value: StateValue, event: { readonly type: string }): string {
  return `${JSON.stringify(value)} ${event.type}`;
}

function placeOf(
  snapshot: { value: StateValue; status: string; tags: ReadonlySet<string>; context: object },
  depth: number,
): Place {
  const { value, status, tags, context } = snapshot;
  return { value, isFinal: status === 'done', tags: [...tags], context: { ...context }, depth, edges: [] };
}

function keyOf({ value, context }: Seen): string {
  return JSON.stringify([value, context]);
}

/** XState names an emission after its kind and gives the event beside it. */
function actionsOf(
  actions: readonly { readonly type: string; readonly params?: unknown; readonly info: { readonly event: unknown } }[],
): Actions {
  return actions.map(({ type, params, info }) =>
    type === 'xstate.emit' ? (params as { readonly event: unknown }).event : [type, info.event],
  );
}

function differs(what: string, expected: unknown, got: unknown): string | undefined {
  if (isDeepStrictEqual(expected, got)) return undefined;
  return `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`;
}
