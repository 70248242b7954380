/**
 * Holds a transition table against XState's own interpreter. `explore` asks XState what a statechart does, with its real
 * guards, for every event in every state and context that can be reached within a number of steps; `differenceFrom`
 * follows the same ways through a table and tells the first thing that is otherwise. Exploring once serves any number of
 * tables, corrupted ones included.
 */
import { isDeepStrictEqual } from 'node:util';
import { type AnyActorScope, type AnyEventObject, initialTransition, type StateValue, transition } from 'xstate';
import {
  type Effects as CarryOut,
  stepFor,
  TableLogic,
  type TableSnapshot,
} from '../../src/runtime/statecharts/table-logic.js';
import type { Step, TransitionTable } from '../../src/runtime/statecharts/compile.js';
import type { Chart } from './charts.js';

/** What can be seen of an actor after an event. */
interface Seen {
  readonly value: StateValue;
  readonly status: string;
  readonly context: unknown;
  readonly output: unknown;
}

/** Names of the effects with the event they are for, in order. */
type Effects = readonly (readonly [name: string, event: unknown])[];

interface Edge {
  readonly event: AnyEventObject;
  readonly can: boolean;
  readonly effects: Effects;
  readonly to: Place;
}

/** A state together with a context. */
interface Place extends Seen {
  readonly depth: number;
  readonly edges: Edge[];
}

/** What XState says of a chart, for each of its sample inputs. */
export interface Reference {
  readonly chart: Chart;
  readonly starts: readonly { readonly input: unknown; readonly effects: Effects; readonly place: Place }[];
  /** Every pair of state and event that was looked at, as `value event`. */
  readonly visited: ReadonlySet<string>;
}

/** Steps from the initial state; far enough that every state has been entered in each of its ways. */
const MAX_DEPTH = 9;

export function explore(chart: Chart): Reference {
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
        place.edges.push({ event, can: snapshot.can(event), effects: effectsOf(done), to: known?.place ?? to });
      }
    }
    return { input, effects: effectsOf(actions), place: found.place };
  });
  return { chart, starts, visited };
}

/** What is compared: what an event does, or whether the snapshot says that it would do something. */
export type Aspect = 'steps' | 'can';

/** The first difference, in words, or undefined when there is none. Adds to `taken` every step of the table it goes. */
export function differenceFrom(
  { chart, starts }: Reference,
  table: TransitionTable,
  aspect: Aspect = 'steps',
  taken: Set<Step> = new Set(),
): string | undefined {
  for (const { input, effects, place } of starts) {
    const log: [string, unknown][] = [];
    const logic = new TableLogic<undefined, unknown, AnyEventObject, unknown, unknown>(
      table,
      recordingEffects(log),
      () => undefined,
    );
    const scope = { defer: (effect: () => void) => effect() } as unknown as AnyActorScope;
    const first = logic.getInitialSnapshot(scope, input);
    const trouble =
      differs('initial state', place, first) ?? differs('initial effects', names(effects), names(log.splice(0)));
    if (trouble !== undefined) return `${chart.name}: ${trouble}`;
    const ways = new Map<Place, typeof first>([[place, first]]);
    for (const [from, snapshot] of ways) {
      for (const { event, can, effects: expected, to } of from.edges) {
        const at = `${chart.name}: ${pairOf(from.value, event)} of ${JSON.stringify(event)} with ${JSON.stringify(from.context)}`;
        if (aspect === 'can') {
          const said = differs('can', can, snapshot.can(event));
          if (said !== undefined) return `${at}: ${said}`;
        }
        const step = stepFor(snapshot._state, snapshot.context, event);
        if (step !== undefined) taken.add(step);
        const next = logic.transition(snapshot, event, scope as never);
        const quiet = { _snapshot: snapshot };
        const loud = log.splice(0);
        logic.deliver(quiet, event);
        const said =
          differs('what is seen', to, next) ??
          differs('effects', expected, loud) ??
          differs('what is seen of a quiet step', to, quiet._snapshot) ??
          differs('effects of a quiet step', expected, log.splice(0));
        if (said !== undefined) return `${at}: ${said}`;
        if (!ways.has(to)) ways.set(to, next);
      }
    }
  }
  return undefined;
}

/** Effects that note their name and event. */
export function recordingEffects(log: [string, unknown][]): CarryOut<unknown, unknown> {
  return (name, _, event) => void log.push([name, event]);
}

export function seenOf(snapshot: Seen | TableSnapshot<unknown>): Seen {
  const { value, status, context, output } = snapshot;
  return { value, status, context, output };
}

export function pairOf(value: StateValue, event: { readonly type: string }): string {
  return `${JSON.stringify(value)} ${event.type}`;
}

function placeOf(snapshot: Seen, depth: number): Place {
  return { ...seenOf(snapshot), depth, edges: [] };
}

function keyOf({ value, context }: Seen): string {
  return JSON.stringify([value, context]);
}

function effectsOf(actions: readonly { readonly type: string; readonly info: { readonly event: unknown } }[]): Effects {
  return actions.map(({ type, info }) => [type, info.event]);
}

/** An actor's own first event is not the same to XState and to a table; no effect reads it. */
function names(effects: Effects): readonly string[] {
  return effects.map(([name]) => name);
}

function differs(what: string, expected: unknown, got: unknown): string | undefined {
  const isSeen = typeof expected === 'object' && expected !== null && 'status' in expected;
  const [wanted, found] = isSeen ? [seenOf(expected as Seen), seenOf(got as Seen)] : [expected, got];
  if (isDeepStrictEqual(wanted, found)) return undefined;
  return `${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(found)}`;
}
