/**
 * The events of a trace: plain data, so that a trace can be kept as JSON and checked later.
 *
 * A brief trace has `start`, `partial`, `done`, `stop` and `resume`; every end of an attempt is then the end of its task. A full trace
 * also has `submit` and all the others, and `done` tells only of the settlement.
 */
import { describe, SchedulerError } from '../core/failures.js';
import type { TaskState } from '../core/outcome.js';
import type { SchedulerState } from '../runtime/events/event-hub.js';
import { readArray, readInteger, readRecord, readString, readStrings } from './scenario-fields.js';

/**
 * One event of a trace; `at` is its time in units. The id of a partial result has the form `t3#1`. Attempts count from 1.
 *
 * @public
 */
export type TraceEvent =
  /** An executor was given an attempt. `inputs` names the results that it received: `t0/2` is the result of t0's second attempt. */
  | {
      readonly at: number;
      readonly event: 'start';
      readonly id: string;
      readonly attempt?: number;
      readonly inputs?: readonly string[];
    }
  /**
   * The executor, which has waited with an attempt, asks whether it may call the function now; `begin` tells that it may. Without one the
   * attempt has ended.
   */
  | { readonly at: number; readonly event: 'ask' | 'begin'; readonly id: string; readonly attempt: number }
  /** A partial result was delivered. */
  | { readonly at: number; readonly event: 'partial'; readonly id: string; readonly attempt?: number }
  /** A task settled as done or cancelled. */
  | { readonly at: number; readonly event: 'done' | 'cancelled'; readonly id: string; readonly attempt?: number }
  /** A task settled as failed: with the code of the error, and the id of the dependency that it failed for. */
  | {
      readonly at: number;
      readonly event: 'failed';
      readonly id: string;
      readonly attempt?: number;
      readonly code?: string;
      readonly cause?: string;
    }
  /** A task was submitted, has become ready, gave a slot back to its queue. */
  | { readonly at: number; readonly event: 'submit' | 'ready' | 'return'; readonly id: string }
  /** `cancel()` has returned true; `within` says that it was called from within the scheduler. */
  | { readonly at: number; readonly event: 'cancel'; readonly id: string; readonly within?: true }
  /**
   * An attempt is over, and the task waits: for a start, when it was given up or has failed; for the pause before the next attempt; or for the
   * task whose handle its function has returned.
   */
  | {
      readonly at: number;
      readonly event: 'again';
      readonly id: string;
      readonly attempt: number;
      readonly to: 'ready' | 'pending';
    }
  /** The executor was told to end the attempt, because its slot goes to a more urgent task. */
  | { readonly at: number; readonly event: 'evict'; readonly id: string; readonly attempt: number }
  /** The state of the task's handle, when all has happened that happens at this time, and what the scheduler's events have told of it. */
  | {
      readonly at: number;
      readonly event: 'handle';
      readonly id: string;
      readonly state: TaskState;
      readonly told?: TaskState;
    }
  /** The executor reported a partial result. */
  | { readonly at: number; readonly event: 'report'; readonly id: string; readonly attempt: number }
  /** The executor reported the end of an attempt; a report after the first is one that must change nothing. */
  | {
      readonly at: number;
      readonly event: 'end';
      readonly id: string;
      readonly attempt: number;
      readonly as: 'done' | 'failed';
    }
  /** `start()` was called. */
  | { readonly at: number; readonly event: 'resume' }
  /** `stop()` was called. Where `call` numbers the stops, from 0, `stopped` is to tell that the promise of that call has resolved. */
  | { readonly at: number; readonly event: 'stop'; readonly call?: number }
  | { readonly at: number; readonly event: 'stopped'; readonly call: number }
  /** The scheduler announced its state. */
  | { readonly at: number; readonly event: 'state'; readonly state: SchedulerState }
  /** A queue was paused, or resumed. */
  | { readonly at: number; readonly event: 'pause' | 'unpause'; readonly queue: string }
  /** The limits of a queue were changed; `slots` is its concurrency. */
  | {
      readonly at: number;
      readonly event: 'limits';
      readonly queue: string;
      readonly slots: number;
      readonly resources: Readonly<Record<string, number>>;
    }
  /** What the ledger of a queue says is taken of it. */
  | {
      readonly at: number;
      readonly event: 'ledger';
      readonly queue: string;
      readonly slots: number;
      readonly resources: Readonly<Record<string, number>>;
    };

/**
 * Splits the id of a partial result into that of its task and the index; undefined for the id of a task. Ids that the scheduler gave begin
 * with `#`.
 *
 * @internal
 */
export function splitReference(reference: string): { readonly id: string; readonly index: number | undefined } {
  const mark = reference.lastIndexOf('#');
  if (mark <= 0) return { id: reference, index: undefined };
  return { id: reference.slice(0, mark), index: Number(reference.slice(mark + 1)) };
}

const TASK_STATES: readonly TaskState[] = ['pending', 'ready', 'running', 'partial', 'done', 'failed', 'cancelled'];
const STATES: readonly SchedulerState[] = ['stopped', 'idle', 'busy', 'stalled', 'draining', 'closing', 'closed'];

/**
 * Validates `value` and returns it as a trace. Unknown fields are dropped.
 *
 * @throws SchedulerError `InvalidArgument`, naming the event and the field.
 * @public
 */
export function parseTrace(value: unknown): readonly TraceEvent[] {
  return readArray(value, 'trace').map((event, place) => parseEvent(event, `trace[${place}]`));
}

function parseEvent(value: unknown, where: string): TraceEvent {
  const fields = readRecord(value, where);
  const at = readInteger(fields['at'], `${where}.at`, 0);
  const event = fields['event'];
  const id = (): string => readString(fields['id'], `${where}.id`);
  const attempt = (): number => readInteger(fields['attempt'], `${where}.attempt`, 0);
  const call = (): number => readInteger(fields['call'], `${where}.call`, 0);
  const maybeAttempt = (): { attempt?: number } => (fields['attempt'] === undefined ? {} : { attempt: attempt() });
  const text = (name: string): string | undefined =>
    fields[name] === undefined ? undefined : readString(fields[name], `${where}.${name}`);
  switch (event) {
    case 'resume':
      return { at, event };
    case 'stop':
      return { at, event, ...(fields['call'] === undefined ? {} : { call: call() }) };
    case 'stopped':
      return { at, event, call: call() };
    case 'start': {
      const inputs = fields['inputs'] === undefined ? {} : { inputs: readStrings(fields['inputs'], `${where}.inputs`) };
      return { at, event, id: id(), ...maybeAttempt(), ...inputs };
    }
    case 'partial':
    case 'done':
    case 'cancelled':
      return { at, event, id: id(), ...maybeAttempt() };
    case 'failed':
      return { at, event, id: id(), ...maybeAttempt(), ...parseReason(text('code'), text('cause')) };
    case 'submit':
    case 'ready':
    case 'return':
      return { at, event, id: id() };
    case 'cancel':
      return { at, event, id: id(), ...(fields['within'] === true ? { within: true } : {}) };
    case 'again':
      return { at, event, id: id(), attempt: attempt(), to: oneOf(fields['to'], ['ready', 'pending'], `${where}.to`) };
    case 'ask':
    case 'begin':
    case 'report':
    case 'evict':
      return { at, event, id: id(), attempt: attempt() };
    case 'end':
      return { at, event, id: id(), attempt: attempt(), as: oneOf(fields['as'], ['done', 'failed'], `${where}.as`) };
    case 'state':
      return { at, event, state: oneOf(fields['state'], STATES, `${where}.state`) };
    case 'handle': {
      const state = oneOf(fields['state'], TASK_STATES, `${where}.state`);
      return { at, event, id: id(), state, told: oneOf(fields['told'] ?? state, TASK_STATES, `${where}.told`) };
    }
    case 'pause':
    case 'unpause':
      return { at, event, queue: readString(fields['queue'], `${where}.queue`) };
    case 'limits':
    case 'ledger': {
      const amounts = Object.entries(readRecord(fields['resources'], `${where}.resources`));
      const queue = readString(fields['queue'], `${where}.queue`);
      // What is wrong with a ledger is for the check to say, so any finite amount is taken.
      const resources = Object.fromEntries(amounts.map(([name, amount]) => [name, Number(amount)]));
      return { at, event, queue, slots: readInteger(fields['slots'], `${where}.slots`), resources };
    }
    default:
      throw new SchedulerError('InvalidArgument', `${where}.event: ${describe(event)} is not an event of a trace`);
  }
}

function parseReason(code: string | undefined, cause: string | undefined): { code?: string; cause?: string } {
  return { ...(code === undefined ? {} : { code }), ...(cause === undefined ? {} : { cause }) };
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], where: string): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new SchedulerError('InvalidArgument', `${where}: expected ${allowed.join(' or ')}, got ${describe(value)}`);
}
