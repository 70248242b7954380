/** The data of a task's statechart: its context, the events that it takes and emits, and what an event says. */
import type { Outcome } from '../src/core/outcome.js';

/**
 * The context of a task's snapshot.
 *
 * @public
 */
export interface TaskContextData {
  readonly id: string;
  readonly queue: string;
  /** Number of the attempt under way or last made; 0 before the first. */
  readonly attempt: number;
  /** Partial results delivered so far. */
  readonly delivered: number;
  /** Set on settlement. */
  readonly outcome: Outcome | undefined;
}

/**
 * The events that a user may send a task's actor. `graceMs` is the time, in milliseconds, that a running attempt has to end.
 *
 * @public
 */
export interface TaskCommand {
  readonly type: 'cancel.requested';
  readonly reason?: unknown;
  readonly graceMs?: number | undefined;
}

/**
 * The events that only the scheduler sends a task's actor.
 *
 * @public
 */
export type TaskReport =
  | { readonly type: 'dependencies.satisfied' }
  | { readonly type: 'dependency.failed'; readonly error: unknown }
  | { readonly type: 'outcome.restored'; readonly outcome: Outcome }
  | { readonly type: 'partial.restored'; readonly value: unknown }
  | { readonly type: 'start.granted' }
  | { readonly type: 'start.withdrawn'; readonly attempt: number }
  | { readonly type: 'partial.delivered'; readonly attempt: number; readonly value: unknown }
  | { readonly type: 'attempt.done'; readonly attempt: number; readonly result: unknown }
  | { readonly type: 'attempt.followed'; readonly attempt: number }
  | { readonly type: 'followed.done'; readonly result: unknown }
  | AttemptFailure<'attempt.failed'>
  | AttemptFailure<'attempt.timedOut'>
  | { readonly type: 'evict.requested'; readonly attempt: number; readonly error: unknown; readonly isDropped: boolean }
  | { readonly type: 'pause.ended' };

/**
 * Every event of the task's statechart.
 *
 * @public
 */
export type TaskEvent = TaskCommand | TaskReport;

/** The attempt came to nothing; with `retryInMs` another one follows after so many milliseconds. */
interface AttemptFailure<Type extends string> {
  readonly type: Type;
  readonly attempt: number;
  readonly error: unknown;
  readonly retryInMs?: number | undefined;
}

/**
 * The events that a task's actor emits, for `actor.on`: each partial result with its index from 0, and the outcome.
 *
 * @public
 */
export type TaskEmitted =
  | { readonly type: 'partial'; readonly index: number; readonly value: unknown }
  | { readonly type: 'settled'; readonly outcome: Outcome | undefined };

/**
 * The input of the task's statechart: the task's id and the name of its queue.
 *
 * @public
 */
export interface TaskInput {
  readonly id: string;
  readonly queue: string;
}

/** The outcome that an event settles a task with, undefined for events that settle none. @internal */
export function outcomeOf(event: TaskEvent): Outcome | undefined {
  switch (event.type) {
    case 'attempt.done':
    case 'followed.done':
      return { status: 'done', result: event.result };
    case 'attempt.failed':
    case 'attempt.timedOut':
    case 'evict.requested':
    case 'dependency.failed':
      return { status: 'failed', error: event.error };
    case 'outcome.restored':
      return event.outcome;
    case 'cancel.requested':
      return { status: 'cancelled', reason: event.reason };
    case 'dependencies.satisfied':
    case 'start.granted':
    case 'start.withdrawn':
    case 'attempt.followed':
    case 'pause.ended':
    case 'partial.delivered':
    case 'partial.restored':
      return undefined;
  }
}

/** After how many milliseconds another attempt follows the one under way; NaN when none does. @internal */
export function retryAfter(context: TaskContextData, event: TaskEvent): number {
  const isFailure = event.type === 'attempt.failed' || event.type === 'attempt.timedOut';
  return isFailure && event.attempt === context.attempt ? (event.retryInMs ?? Number.NaN) : Number.NaN;
}
