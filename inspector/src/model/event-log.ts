/**
 * The log: what happened to tasks and to the scheduler, newest first, derived from the times of the rows. The filter is applied to
 * everything that is there, before anything is cut.
 */
import type { Recording } from './recording.js';
import { CANCELLED, DONE, FAILED } from './rows.js';

export const EVENT_TYPES = [
  'submitted',
  'ready',
  'started',
  'partial result',
  'done',
  'failed',
  'cancelled',
  'attempt ended',
  'slot returned',
  'scheduler',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const [
  SUBMITTED,
  READY,
  STARTED,
  PARTIAL,
  ENDED_DONE,
  ENDED_FAILED,
  ENDED_CANCELLED,
  ATTEMPT_ENDED,
  RETURNED,
  SCHEDULER,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Most events of one log: 2²¹, so that a time and a number fit into the 53 bits of a number that are exact. */
const MAX_EVENTS = 2 ** 21;

export interface EventFilter {
  /** Undefined for any. */
  readonly type?: EventType | undefined;
  readonly queue?: number | undefined;
  readonly fn?: number | undefined;
  readonly task?: number | undefined;
  /** Part of the task's id or of the function's name, in any case. */
  readonly text: string;
}

/** The events that pass a filter, newest first. */
export interface EventLog {
  readonly count: number;
  /** Events that passed the filter and were too many. */
  readonly leftOut: number;
  at(index: number): LoggedEvent;
}

export interface LoggedEvent {
  readonly at: number;
  readonly type: EventType;
  /** The row's place; for the scheduler the number of the period. */
  readonly place: number;
}

/** The log up to a time. */
export function eventLog(recording: Recording, until: number, filter: EventFilter): EventLog {
  const { rows, periods } = recording;
  const wanted = filter.type === undefined ? undefined : EVENT_TYPES.indexOf(filter.type);
  const passes = rowFilter(recording, filter);
  const refs = new Uint32Array(Math.min(MAX_EVENTS, rows.count * 5 + rows.partialTimes.count + periods.length));
  const keys = new Float64Array(refs.length);
  let [count, leftOut] = [0, 0];
  const add = (at: number, type: number, place: number): void => {
    if (at === 0 || at > until || (wanted !== undefined && type !== wanted)) return;
    if (count === refs.length) {
      leftOut += 1;
      return;
    }
    refs[count] = place * 16 + type;
    keys[count] = at * MAX_EVENTS + count;
    count += 1;
  };
  for (let place = 0; place < rows.count; place += 1) {
    if (!passes(place)) continue;
    add(rows.submitted[place] ?? 0, SUBMITTED, place);
    add(rows.ready[place] ?? 0, READY, place);
    add(rows.start[place] ?? 0, STARTED, place);
    add(rows.end[place] ?? 0, endOf(rows.state[place] ?? 0, rows.superseded[place] === 1), place);
    add(rows.freed[place] ?? 0, RETURNED, place);
  }
  const partialPlaces = rows.partialPlaces.values;
  for (let i = 0; i < rows.partialTimes.count; i += 1) {
    const place = partialPlaces[i] ?? 0;
    const at = rows.partialTimes.values[i] ?? 0;
    if (at >= (rows.start[place] ?? 0) && passes(place)) add(at, PARTIAL, place);
  }
  const isOfAll =
    filter.text === '' && filter.queue === undefined && filter.fn === undefined && filter.task === undefined;
  if (isOfAll) for (const [index, { at }] of periods.entries()) add(at, SCHEDULER, index);
  const sorted = keys.subarray(0, count).sort();
  return {
    count,
    leftOut,
    at(index) {
      const key = sorted[count - 1 - index] ?? 0;
      const ref = refs[key % MAX_EVENTS] ?? 0;
      return {
        at: Math.floor(key / MAX_EVENTS),
        type: EVENT_TYPES[ref % 16] ?? 'scheduler',
        place: Math.floor(ref / 16),
      };
    },
  };
}

function endOf(state: number, isFollowed: boolean): number {
  if (isFollowed) return ATTEMPT_ENDED;
  if (state === FAILED) return ENDED_FAILED;
  if (state === CANCELLED) return ENDED_CANCELLED;
  return state === DONE ? ENDED_DONE : ATTEMPT_ENDED;
}

function rowFilter(recording: Recording, filter: EventFilter): (place: number) => boolean {
  const { rows } = recording;
  const text = filter.text.toLowerCase();
  const isNamed = recording.functions.map((fn) => fn?.name.toLowerCase().includes(text));
  return (place) =>
    (filter.task === undefined || rows.task[place] === filter.task) &&
    (filter.queue === undefined || rows.queue[place] === filter.queue) &&
    (filter.fn === undefined || rows.fn[place] === filter.fn) &&
    (text === '' ||
      isNamed[rows.fn[place] ?? 0] === true ||
      recording
        .idOf(rows.task[place] ?? 0)
        .toLowerCase()
        .includes(text));
}
