/**
 * The payloads of jobs. A timed job is a number of seconds; with version 2 a job can also be a named task with arguments. Owns the
 * schemas of payloads and the kinds by which the bus finds a scheduler.
 */
import * as v from 'valibot';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { isTraceHeaders, type TraceHeaders } from '../../core/trace-headers.js';

/** Maximum number of named tasks of one scheduler. @internal */
export const MAX_TASKS = 256;

/** The default: the middle of 0 to 10. @internal */
export const DEFAULT_PRIORITY = 5;

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

/** The name of a task: the export name of its function. @internal */
export const taskName = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(128, 'must have at most 128 characters'),
);

/** The trace context of a job travels beside its payload: a scheduler of an earlier release drops what it does not know there. @internal */
export const jobTrace = v.optional(v.custom<TraceHeaders>(isTraceHeaders, 'must be an object of strings, and short'));

/** Other fields are dropped. @internal */
export const simplePayload = v.object({ priority, runtime });

/** @internal */
export const timedPayload = v.strictObject({ priority: integerPriority, runtime, timeoutMs: v.optional(timeout()) });

/** A timed job as offered to a scheduler. In the simple protocol a priority need not be an integer. @internal */
export const offeredPayload = v.object({ priority, runtime, timeoutMs: v.optional(timeout()) });

/** @internal */
export const taskPayload = v.strictObject({
  priority: integerPriority,
  task: taskName,
  // Not `v.array`: it would visit every argument.
  args: v.optional(v.custom<unknown[]>(Array.isArray, 'must be an array'), []),
  timeoutMs: v.optional(timeout()),
});

function timeout() {
  return v.pipe(
    v.number('must be a number'),
    v.gtValue(0, 'must be more than 0'),
    v.maxValue(MAX_TIMER_MS, `must be at most ${MAX_TIMER_MS}`),
  );
}

/** A job with a trace context, or without. @internal */
interface Traced {
  readonly trace?: TraceHeaders | undefined;
}

/**
 * A job that waits for `runtime` seconds, at most 2,147,483. `priority` is 0 to 10; lower is more urgent.
 *
 * @internal
 */
export interface TimedPayload extends Traced {
  readonly priority: number;
  readonly runtime: number;
  /** Timeout of an attempt, in milliseconds. Default: the timeout of the scheduler's queue. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A job that calls the function named `task`. `priority` is 0 to 10; lower is more urgent.
 *
 * @internal
 */
export interface TaskPayload extends Traced {
  readonly priority: number;
  readonly task: string;
  /** Any JSON values. */
  readonly args: readonly unknown[];
  /** Timeout of an attempt, in milliseconds. Default: the timeout of the scheduler's queue. */
  readonly timeoutMs?: number | undefined;
}

/** @internal */
export type JobPayload = TimedPayload | TaskPayload;

/** The kind of a job of the simple protocol. @internal */
export const SIMPLE_KIND = 'simple';

/** The kind of a timed job of version 2. @internal */
export const TIMED_KIND = 'timed';

/** The kind of a job that calls a named task. @internal */
export function taskKind(task: string): string {
  return `task:${task}`;
}

/** The kind of a payload of version 2. @internal */
export function kindOf(payload: JobPayload): string {
  return 'task' in payload ? taskKind(payload.task) : TIMED_KIND;
}
