/** Which states of an actor's chart are active at a moment, and which transitions it has been seen to take. */
import { STATES } from '../../../src/inspect/protocol/frames.js';
import type { ActorMessage, Details, Watched } from '../../../src/inspect/protocol/messages.js';
import { stateAt } from './counts.js';
import type { Recording } from './recording.js';
import { slotsTakenAt } from './run-times.js';
import type { Chart, ChartArrow, ChartState } from './statechart.js';

export interface Active {
  /** Paths of states. */
  readonly paths: readonly string[];
  /** Whether some regions are unknown at this moment. */
  readonly isPartial: boolean;
}

/** The active states at a time; null for the present, as the details of the actor tell them. */
export function activeAt(
  recording: Recording,
  actor: Watched,
  moment: number | null,
  details: Details | undefined,
): Active {
  if (moment === null && details !== undefined) return { paths: details.active, isPartial: false };
  const at = moment ?? recording.rows.now;
  if (actor.kind === 'task') {
    const place = recording.rows.placesOf(actor.task).findLast((row) => (recording.rows.submitted[row] ?? 0) <= at);
    const state = place === undefined ? undefined : STATES[stateAt(recording.rows, place, at)];
    return { paths: state === undefined ? [] : [state], isPartial: false };
  }
  const scheduler = recording.schedulerStateAt(at);
  if (actor.kind === 'scheduler')
    return { paths: scheduler === undefined ? [] : [pathOf(scheduler)], isPartial: false };
  const slots = recording.totals?.queues.find(({ queue }) => queue === actor.queue)?.slots ?? Number.POSITIVE_INFINITY;
  const taken = slotsTakenAt(recording.rows, at)[actor.queue] ?? 0;
  const activity = taken === 0 ? 'idle' : taken >= slots ? 'saturated' : 'working';
  const gate = scheduler === undefined || /^(stopped|clos)/.test(scheduler) ? 'shut' : 'open';
  return { paths: [`gate.${gate}`, `activity.${activity}`], isPartial: true };
}

/** `stalled` as a period's state is `running.stalled` in the chart. */
const pathOf = (state: string): string => (state === 'stalled' ? 'running.stalled' : state);

/** An arrow that was taken: how often, and when last. */
export interface Taken {
  readonly times: number;
  readonly lastAt: number;
}

/** What the messages of an actor tell of the arrows of its chart, by the key of `arrowKey`. */
export function takenArrows(
  chart: Chart,
  messages: readonly ActorMessage[],
  arrows: readonly ChartArrow[],
): Map<string, Taken> {
  const taken = new Map<string, Taken>();
  let before: readonly string[] = [];
  for (const message of messages) {
    const after = pathsOfText(chart, message.state);
    if (message.isTaken && before.length > 0) {
      for (const [region, to] of after.entries()) {
        const from = before[region] ?? '';
        const arrow =
          from === to ? undefined : arrows.find((one) => leads(one, from, to) && one.events.includes(message.type));
        if (arrow === undefined) continue;
        const key = arrowKey(arrow);
        taken.set(key, { times: (taken.get(key)?.times ?? 0) + 1, lastAt: message.at });
      }
    }
    before = after;
  }
  return taken;
}

export const arrowKey = ({ from, to }: ChartArrow): string => `${from} ${to}`;

const isWithin = (path: string, state: string): boolean => path === state || path.startsWith(`${state}.`);
const leads = (arrow: ChartArrow, from: string, to: string): boolean =>
  isWithin(from, arrow.from) && isWithin(to, arrow.to);

/** The paths that a state's text names: one for each region of a parallel chart, in their order. */
function pathsOfText({ root }: Chart, text: string): string[] {
  const names = text.split(' · ');
  if (root.kind === 'parallel') {
    return names.map((name, index) => `${root.children[index]?.path ?? ''}.${name}`);
  }
  const wanted = names.join('.');
  return [findPath(root, wanted) ?? wanted];
}

function findPath(state: ChartState, wanted: string): string | undefined {
  if (state.path === wanted || (state.name === wanted && state.path !== '')) return state.path;
  for (const child of state.children) {
    const found = findPath(child, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
