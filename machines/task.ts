/**
 * The statechart of a task.
 *
 * - pending: at least one dependency is not satisfied.
 * - ready: nothing is missing but a start, which its queue grants.
 * - running: an attempt is under way and has delivered nothing yet.
 * - partial: still running, with at least one partial result delivered.
 * - done, failed, cancelled: settled, final; the output is the outcome.
 *
 * What an attempt reports counts only for the attempt that is under way: anything else is stale and only counted.
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

/** A copy, to be changed by a step. @internal */
export function copyOfTaskContext(context: TaskContextData): TaskContextData {
  const { id, queue, attempt, delivered, outcome } = context;
  return { id, queue, attempt, delivered, outcome };
}

/** What a task's actor is told. `cancel.requested` is for users, the others are the runtime's. @internal */
export type TaskEvent =
  | { readonly type: 'dependencies.satisfied' }
  | { readonly type: 'dependency.failed'; readonly error: unknown }
  | { readonly type: 'start.granted' }
  | { readonly type: 'partial.delivered'; readonly attempt: number; readonly value: unknown }
  | { readonly type: 'attempt.done'; readonly attempt: number; readonly result: unknown }
  | { readonly type: 'attempt.failed'; readonly attempt: number; readonly error: unknown }
  | { readonly type: 'cancel.requested'; readonly reason: unknown };

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
  'abortAttempt',
  'countStale',
  'settle',
] as const;

const nothing = (): void => undefined;

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
  },
  actions: {
    raiseAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    countPartial: assign({ delivered: ({ context }) => context.delivered + 1 }),
    keepOutcome: assign({ outcome: ({ event }) => outcomeOf(event) }),
    announceReady: nothing,
    startAttempt: nothing,
    deliverPartial: nothing,
    abortAttempt: nothing,
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
        'dependency.failed': { target: 'failed', actions: 'keepOutcome' },
        'cancel.requested': { target: 'cancelled', actions: 'keepOutcome' },
      },
    },
    ready: {
      on: {
        'start.granted': { target: 'running', actions: ['raiseAttempt', 'startAttempt'] },
        'cancel.requested': { target: 'cancelled', actions: 'keepOutcome' },
      },
    },
    running: {
      on: {
        'partial.delivered': [
          { guard: 'isFromThisAttempt', target: 'partial', actions: ['countPartial', 'deliverPartial'] },
          { actions: 'countStale' },
        ],
        'attempt.done': [
          { guard: 'isFromThisAttempt', target: 'done', actions: 'keepOutcome' },
          { actions: 'countStale' },
        ],
        'attempt.failed': [
          { guard: 'isFromThisAttempt', target: 'failed', actions: 'keepOutcome' },
          { actions: 'countStale' },
        ],
        'cancel.requested': { target: 'cancelled', actions: ['keepOutcome', 'abortAttempt'] },
      },
    },
    partial: {
      on: {
        'partial.delivered': [
          { guard: 'isFromThisAttempt', actions: ['countPartial', 'deliverPartial'] },
          { actions: 'countStale' },
        ],
        'attempt.done': [
          { guard: 'isFromThisAttempt', target: 'done', actions: 'keepOutcome' },
          { actions: 'countStale' },
        ],
        'attempt.failed': [
          { guard: 'isFromThisAttempt', target: 'failed', actions: 'keepOutcome' },
          { actions: 'countStale' },
        ],
        'cancel.requested': { target: 'cancelled', actions: ['keepOutcome', 'abortAttempt'] },
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
    case 'dependency.failed':
      return { status: 'failed', error: event.error };
    case 'cancel.requested':
      return { status: 'cancelled', reason: event.reason };
    case 'dependencies.satisfied':
    case 'start.granted':
    case 'partial.delivered':
      return undefined;
    default:
      return event satisfies never;
  }
}
