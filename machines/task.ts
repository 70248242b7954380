/**
 * The statechart of a task.
 *
 * - pending: at least one dependency is not satisfied, or the pause before the next attempt is not over.
 * - ready: nothing is missing but a start, which its queue grants.
 * - running: an attempt is under way and has delivered nothing yet.
 * - partial: still running, with at least one partial result delivered.
 * - done, failed, cancelled: settled, final; the output is the outcome.
 *
 * An attempt that failed or took too long may be followed by another, at once (ready) or after a pause (pending); an evicted
 * one goes back to ready. What an attempt reports counts only for the attempt that is under way: anything else is stale and
 * only counted.
 */
import { assign, setup } from 'xstate';
import type { Outcome } from '../src/core/outcome.js';

/** The context of a task's snapshot. @internal */
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

/** A copy in which `key` has that value, for keys that a step changes. @internal */
export function changedTaskContext(context: TaskContextData, key: string, value: never): TaskContextData {
  const { id, queue, attempt, delivered, outcome } = context;
  if (key === 'attempt') return { id, queue, attempt: value, delivered, outcome };
  if (key === 'delivered') return { id, queue, attempt, delivered: value, outcome };
  return { id, queue, attempt, delivered, outcome: value };
}

/** What a task's actor is told. `cancel.requested` is for users, the others are the runtime's. @internal */
export type TaskEvent =
  | { readonly type: 'dependencies.satisfied' }
  | { readonly type: 'dependency.failed'; readonly error: unknown }
  | { readonly type: 'start.granted' }
  | { readonly type: 'partial.delivered'; readonly attempt: number; readonly value: unknown }
  | { readonly type: 'attempt.done'; readonly attempt: number; readonly result: unknown }
  | AttemptFailure<'attempt.failed'>
  | AttemptFailure<'attempt.timedOut'>
  | { readonly type: 'evict.requested'; readonly attempt: number; readonly error: unknown; readonly isDropped: boolean }
  | { readonly type: 'pause.ended' }
  | { readonly type: 'cancel.requested'; readonly reason: unknown; readonly graceMs?: number | undefined };

/** The attempt came to nothing; with `retryInMs` another one follows after so many milliseconds. */
interface AttemptFailure<Type extends string> {
  readonly type: Type;
  readonly attempt: number;
  readonly error: unknown;
  readonly retryInMs?: number | undefined;
}

/** What a task begins with: its id and the name of its queue. @internal */
export interface TaskInput {
  readonly id: string;
  readonly queue: string;
}

/** The effects that the task asks for; the runtime carries them out. @internal */
export const TASK_EFFECTS = [
  'announceReady',
  'startAttempt',
  'deliverPartial',
  'dropAttempt',
  'goBack',
  'pause',
  'countStale',
  'settle',
] as const;

const nothing = (): void => undefined;

const STALE = { actions: 'countStale' } as const;

/** Reports of an attempt that has been given up, while the task waits for its next one. */
const LATE_REPORTS = {
  'partial.delivered': STALE,
  'attempt.done': STALE,
  'attempt.failed': STALE,
  'attempt.timedOut': STALE,
  'evict.requested': STALE,
} as const;

/** How an attempt can end, whether it has delivered something or not. */
const ENDS = {
  'attempt.done': [{ guard: 'isFromThisAttempt', target: 'done', actions: 'keepOutcome' }, STALE],
  'attempt.failed': [
    { guard: 'isRetriedAtOnce', target: 'ready', actions: 'goBack' },
    { guard: 'isRetriedLater', target: 'pending', actions: 'pause' },
    { guard: 'isFromThisAttempt', target: 'failed', actions: 'keepOutcome' },
    STALE,
  ],
  'attempt.timedOut': [
    { guard: 'isRetriedAtOnce', target: 'ready', actions: ['dropAttempt', 'goBack'] },
    { guard: 'isRetriedLater', target: 'pending', actions: ['dropAttempt', 'pause'] },
    { guard: 'isFromThisAttempt', target: 'failed', actions: ['keepOutcome', 'dropAttempt'] },
    STALE,
  ],
  'evict.requested': [
    { guard: 'isRequeued', target: 'ready', actions: ['dropAttempt', 'goBack'] },
    { guard: 'isFromThisAttempt', target: 'failed', actions: ['keepOutcome', 'dropAttempt'] },
    STALE,
  ],
  'cancel.requested': { target: 'cancelled', actions: ['keepOutcome', 'dropAttempt'] },
} as const;

/** The chart; see the head of this file. @internal */
export const taskMachine = setup({
  types: {
    context: {} as TaskContextData,
    events: {} as TaskEvent,
    input: {} as TaskInput,
    output: {} as Outcome | undefined,
  },
  guards: {
    isFromThisAttempt: ({ context, event }) => 'attempt' in event && event.attempt === context.attempt,
    isRetriedAtOnce: ({ context, event }) => retryAfter(context, event) === 0,
    isRetriedLater: ({ context, event }) => retryAfter(context, event) > 0,
    isRequeued: ({ context, event }) =>
      event.type === 'evict.requested' && event.attempt === context.attempt && !event.isDropped,
  },
  actions: {
    raiseAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    countPartial: assign({ delivered: ({ context }) => context.delivered + 1 }),
    keepOutcome: assign({ outcome: ({ event }) => outcomeOf(event) }),
    announceReady: nothing,
    startAttempt: nothing,
    deliverPartial: nothing,
    dropAttempt: nothing,
    goBack: nothing,
    pause: nothing,
    countStale: nothing,
    settle: nothing,
  },
}).createMachine({
  id: 'task',
  context: ({ input }) => ({ id: input.id, queue: input.queue, attempt: 0, delivered: 0, outcome: undefined }),
  initial: 'pending',
  output: ({ context }) => context.outcome,
  states: {
    pending: {
      on: {
        'dependencies.satisfied': { target: 'ready', actions: 'announceReady' },
        'pause.ended': { target: 'ready', actions: 'announceReady' },
        'dependency.failed': { target: 'failed', actions: 'keepOutcome' },
        'cancel.requested': { target: 'cancelled', actions: 'keepOutcome' },
        ...LATE_REPORTS,
      },
    },
    ready: {
      on: {
        'start.granted': { target: 'running', actions: ['raiseAttempt', 'startAttempt'] },
        'cancel.requested': { target: 'cancelled', actions: 'keepOutcome' },
        ...LATE_REPORTS,
      },
    },
    running: {
      on: {
        'partial.delivered': [
          { guard: 'isFromThisAttempt', target: 'partial', actions: ['countPartial', 'deliverPartial'] },
          STALE,
        ],
        ...ENDS,
      },
    },
    partial: {
      on: {
        'partial.delivered': [{ guard: 'isFromThisAttempt', actions: ['countPartial', 'deliverPartial'] }, STALE],
        ...ENDS,
      },
    },
    done: { type: 'final', entry: 'settle' },
    failed: { type: 'final', entry: 'settle' },
    cancelled: { type: 'final', entry: 'settle' },
  },
});

/** The outcome that an event settles a task with, undefined for events that settle none. @internal */
export function outcomeOf(event: TaskEvent): Outcome | undefined {
  switch (event.type) {
    case 'attempt.done':
      return { status: 'done', result: event.result };
    case 'attempt.failed':
    case 'attempt.timedOut':
    case 'evict.requested':
    case 'dependency.failed':
      return { status: 'failed', error: event.error };
    case 'cancel.requested':
      return { status: 'cancelled', reason: event.reason };
    case 'dependencies.satisfied':
    case 'start.granted':
    case 'pause.ended':
    case 'partial.delivered':
      return undefined;
    default:
      return event satisfies never;
  }
}

/** After how many milliseconds the attempt under way is followed by another; NaN when it is not. */
function retryAfter(context: TaskContextData, event: TaskEvent): number {
  const isFailure = event.type === 'attempt.failed' || event.type === 'attempt.timedOut';
  return isFailure && event.attempt === context.attempt ? (event.retryInMs ?? Number.NaN) : Number.NaN;
}
