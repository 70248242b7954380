/** Checks a recorded trace against its graph: which invariants held, how often each was asked for, and what broke the others. */
import { Checker } from './checker.js';
import type { Finding } from './checked-run.js';
import { full } from './full-trace.js';
import { INVARIANT_NAMES, INVARIANTS, type InvariantName } from './invariants.js';
import { atEnd } from './rest.js';
import { parseScenario } from './scenario.js';
import type { Scenario } from './scenario-shape.js';
import { parseTrace, splitReference, type TraceEvent } from './trace.js';

/**
 * What shows that an invariant was broken.
 *
 * @public
 */
export interface Witness {
  /** What is wrong, with the ids of the tasks. */
  readonly message: string;
  /** Time of the event that showed it. */
  readonly at: number;
  readonly tasks: readonly string[];
  /** What the trace tells of these tasks up to then, at most the last 40 events. A brief trace is given in full here. */
  readonly events: readonly TraceEvent[];
}

/**
 * What a check found about one invariant.
 *
 * @public
 */
export interface InvariantReport {
  readonly name: InvariantName;
  readonly sentence: string;
  /** How often it was asked for: if never, the trace says nothing about it. */
  readonly checked: number;
  /** The first violation; undefined if it held. */
  readonly witness?: Witness;
}

/**
 * What a check found about all invariants, in the order of `INVARIANTS`.
 *
 * @public
 */
export interface CheckReport {
  /** Whether all invariants held. */
  readonly holds: boolean;
  /** The events judged, those included that a brief trace leaves out. */
  readonly events: number;
  readonly invariants: readonly InvariantReport[];
}

const MOST_EVENTS = 40;

/**
 * Checks what a trace tells against the invariants of `INVARIANTS`. Traces come from `simulate`, or from a scheduler of your own.
 * O(events × unsettled tasks) at the worst.
 *
 * @param trace - in the order of what happened; `at` never falls.
 * @param graph - the queues, the tasks and their order, as in a scenario. Times and an expected trace are not looked at, durations only where
 * the order goes by them, with one exception: the tasks of a trace without `submit` events were submitted at their `submitAt`.
 * @param options - `isComplete: false` for a trace that ends in the middle: what is missing at its end is not held against it.
 * @throws SchedulerError `InvalidArgument` for a trace that is none; for the graph as `parseScenario`.
 * @public
 */
export function check(
  trace: readonly TraceEvent[],
  graph: Scenario,
  { isComplete = true }: { readonly isComplete?: boolean } = {},
): CheckReport {
  const scenario = parseScenario(graph);
  const events = full(parseTrace(trace), scenario);
  const plans = new Map(scenario.tasks.map((task) => [task.id, task]));
  const witnesses = new Map<InvariantName, Witness>();
  let now = 0;
  let place = 0;
  const violated = ({ invariant, message, tasks }: Finding): void => {
    if (witnesses.has(invariant)) return;
    witnesses.set(invariant, { message, at: now, tasks, events: story(events, place, tasks) });
  };
  const checker = new Checker(scenario.queues, { violated, isFull: true, order: scenario.order });
  for (const event of events) {
    if (event.at > now) checker.restUntil(event.at - 1);
    now = event.at;
    place += 1;
    const plan = event.event === 'submit' ? plans.get(event.id) : undefined;
    if (plan === undefined) checker.take(event);
    else checker.submit(plan);
  }
  if (isComplete) {
    checker.restUntil(Number.POSITIVE_INFINITY);
    atEnd(checker);
  }
  const invariants = INVARIANT_NAMES.map((name): InvariantReport => {
    const witness = witnesses.get(name);
    const report = { name, sentence: INVARIANTS[name], checked: checker.counts.get(name) ?? 0 };
    return witness === undefined ? report : { ...report, witness };
  });
  return { holds: witnesses.size === 0, events: events.length, invariants };
}

/** What is told of the tasks in the first `count` events, with the stops between. */
function story(events: readonly TraceEvent[], count: number, tasks: readonly string[]): readonly TraceEvent[] {
  const named = new Set(tasks);
  const isAbout = (event: TraceEvent): boolean =>
    'id' in event ? named.has(splitReference(event.id).id) : event.event !== 'ledger';
  return events.slice(0, count).filter(isAbout).slice(-MOST_EVENTS);
}
