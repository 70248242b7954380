/**
 * What a producer asks for. A job of the simple protocol is a number of seconds; with version 2 it may also be a named task with
 * arguments. Owns the schemas of payloads and the kinds by which the bus finds a scheduler for them.
 */
import * as v from 'valibot';
import { MAX_TIMER_MS } from '../../core/timers.js';

/** Most named tasks that one scheduler may offer. @internal */
export const MAX_TASKS = 256;

/** The urgency of a job that says none: the middle of 0 to 10. */
const DEFAULT_PRIORITY = 5;

/** The longest time that a timer can wait, in whole seconds. */
const MAX_RUNTIME = Math.floor(MAX_TIMER_MS / 1000);

const runtime = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must not be negative'),
  v.maxValue(MAX_RUNTIME, `must be at most ${MAX_RUNTIME} seconds`),
);

const priority = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must be 0 to 10'),
  v.maxValue(10, 'must be 0 to 10'),
);

const integerPriority = v.optional(v.pipe(priority, v.integer('must be an integer')), DEFAULT_PRIORITY);

/** The name of a task: what `--tasks` calls its function. @internal */
export const taskName = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(128, 'must have at most 128 characters'),
);

/** What a client puts there besides is left out. @internal */
export const simplePayload = v.object({ priority, runtime });

/** @internal */
export const timedPayload = v.strictObject({ priority: integerPriority, runtime, timeoutMs: v.optional(timeout()) });

/** A timed job as a scheduler gets it; one of the simple protocol may be urgent by half a step. @internal */
export const offeredPayload = v.object({ priority, runtime, timeoutMs: v.optional(timeout()) });

/** @internal */
export const taskPayload = v.strictObject({
  priority: integerPriority,
  task: taskName,
  args: v.optional(v.array(v.unknown(), 'must be an array'), []),
  timeoutMs: v.optional(timeout()),
});

function timeout() {
  return v.pipe(
    v.number('must be a number'),
    v.gtValue(0, 'must be more than 0'),
    v.maxValue(MAX_TIMER_MS, `must be at most ${MAX_TIMER_MS}`),
  );
}

/**
 * A job that takes `runtime` seconds, at most 2,147,483, and does nothing. Of `priority`, 0 to 10, lower is more urgent.
 *
 * @internal
 */
export interface TimedPayload {
  readonly priority: number;
  readonly runtime: number;
  /** How long an attempt may take, in milliseconds; what the scheduler says when not given. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A job that calls the function of that name with these arguments. Of `priority`, 0 to 10, lower is more urgent.
 *
 * @internal
 */
export interface TaskPayload {
  readonly priority: number;
  readonly task: string;
  /** Whatever JSON can say. */
  readonly args: readonly unknown[];
  /** How long an attempt may take, in milliseconds; what the scheduler says when not given. */
  readonly timeoutMs?: number | undefined;
}

/**
 * What a scheduler is given to do.
 *
 * @internal
 */
export type JobPayload = TimedPayload | TaskPayload;

/** Jobs of producers of the simple protocol, which any scheduler takes. @internal */
export const SIMPLE_KIND = 'simple';

/** Jobs that only take their time, of producers that want to hear of them. @internal */
export const TIMED_KIND = 'timed';

/** Jobs of a named task. @internal */
export function taskKind(task: string): string {
  return `task:${task}`;
}

/** The kind of a job of version 2. @internal */
export function kindOf(payload: JobPayload): string {
  return 'task' in payload ? taskKind(payload.task) : TIMED_KIND;
}
