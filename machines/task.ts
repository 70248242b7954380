/**
 * The statechart of a task.
 *
 * - pending: at least one dependency is not satisfied, the task that this one follows has not settled, or the pause before the
 *   next attempt is not over.
 * - ready: only the start is missing, which the task's queue grants.
 * - running: an attempt is under way and has delivered nothing yet.
 * - partial: still running, with at least one partial result delivered.
 * - done, failed, cancelled: settled, final; the output is the outcome.
 *
 * A failed or timed-out attempt may be followed by another, at once (ready) or after a pause (pending); an evicted task
 * returns to ready. A report counts only for the attempt under way; the report of an older attempt is stale and is counted.
 */
import { assign, emit, setup } from 'xstate';
import type { Outcome } from '../src/core/outcome.js';
import {
  outcomeOf,
  retryAfter,
  type TaskContextData,
  type TaskEmitted,
  type TaskEvent,
  type TaskInput,
} from './task-events.js';

export type { TaskCommand, TaskContextData, TaskEmitted, TaskEvent, TaskInput, TaskReport } from './task-events.js';

/** The effects that the chart asks for; the runtime carries them out. @internal */
export type TaskEffect =
  | 'announceReady'
  | 'startAttempt'
  | 'deliverPartial'
  | 'dropAttempt'
  | 'goBack'
  | 'follow'
  | 'pause'
  | 'countStale'
  | 'settle';

interface Args {
  readonly context: TaskContextData;
  readonly event: TaskEvent;
}

/** The chart's named guards. @internal */
export const taskGuards = {
  isFromThisAttempt: ({ context, event }: Args) => 'attempt' in event && event.attempt === context.attempt,
  isRestoredAsDone: ({ event }: Args) => event.type === 'outcome.restored' && event.outcome.status === 'done',
  isRetriedAtOnce: ({ context, event }: Args) => retryAfter(context, event) === 0,
  isRetriedLater: ({ context, event }: Args) => retryAfter(context, event) > 0,
  isRequeued: ({ context, event }: Args) =>
    event.type === 'evict.requested' && event.attempt === context.attempt && !event.isDropped,
};

/** The chart's named assignments, each of one key. @internal */
export const taskAssignments = {
  raiseAttempt: { attempt: ({ context }: Args) => context.attempt + 1 },
  lowerAttempt: { attempt: ({ context }: Args) => context.attempt - 1 },
  countPartial: { delivered: ({ context }: Args) => context.delivered + 1 },
  keepOutcome: { outcome: ({ event }: Args) => outcomeOf(event) },
};

/** The chart's named emissions. @internal */
export const taskEmissions = {
  emitPartial: ({ context, event }: Args): TaskEmitted => ({
    type: 'partial',
    index: context.delivered - 1,
    value: 'value' in event ? event.value : undefined,
  }),
  emitSettled: ({ context }: Args): TaskEmitted => ({ type: 'settled', outcome: context.outcome }),
};

const nothing = (): void => undefined;

const STALE = { actions: 'countStale', description: 'A report of an attempt that no longer counts.' } as const;

/** Reports of an attempt that has been given up, while the task waits for its next one. */
const LATE_REPORTS = {
  'partial.delivered': STALE,
  'start.withdrawn': STALE,
  'attempt.done': STALE,
  'attempt.followed': STALE,
  'attempt.failed': STALE,
  'attempt.timedOut': STALE,
  'evict.requested': STALE,
} as const;

const CANCEL = 'A user cancels the task.';

/** The ways in which an attempt can end, whether it has delivered something or not. */
const ENDS = {
  'attempt.done': [
    {
      guard: 'isFromThisAttempt',
      target: 'done',
      actions: 'keepOutcome',
      description: 'The function returned.',
    },
    STALE,
  ],
  'attempt.failed': [
    {
      guard: 'isRetriedAtOnce',
      target: 'ready',
      actions: 'goBack',
      description: 'The function threw; the retry policy asks for another attempt.',
    },
    {
      guard: 'isRetriedLater',
      target: 'pending',
      actions: 'pause',
      description: 'The function threw; another attempt follows after a pause.',
    },
    { guard: 'isFromThisAttempt', target: 'failed', actions: 'keepOutcome', description: 'The function threw.' },
    STALE,
  ],
  'attempt.timedOut': [
    {
      guard: 'isRetriedAtOnce',
      target: 'ready',
      actions: ['dropAttempt', 'goBack'],
      description: 'The attempt exceeded its timeout; another one follows.',
    },
    {
      guard: 'isRetriedLater',
      target: 'pending',
      actions: ['dropAttempt', 'pause'],
      description: 'The attempt exceeded its timeout; another one follows after a pause.',
    },
    {
      guard: 'isFromThisAttempt',
      target: 'failed',
      actions: ['keepOutcome', 'dropAttempt'],
      description: 'The attempt exceeded its timeout.',
    },
    STALE,
  ],
  'evict.requested': [
    {
      guard: 'isRequeued',
      target: 'ready',
      actions: ['dropAttempt', 'goBack'],
      description: 'The queue takes the slot for a more urgent task; this one starts again later.',
    },
    {
      guard: 'isFromThisAttempt',
      target: 'failed',
      actions: ['keepOutcome', 'dropAttempt'],
      description: 'The queue takes the slot for a more urgent task and drops this one.',
    },
    STALE,
  ],
  'cancel.requested': { target: 'cancelled', actions: ['keepOutcome', 'dropAttempt'], description: CANCEL },
} as const;

/** The store has what an earlier run ended with. */
const RESTORED = [
  { guard: 'isRestoredAsDone', target: 'done', actions: 'keepOutcome', description: 'The store has the result.' },
  { target: 'failed', actions: 'keepOutcome', description: 'The store has the failure, or the run was interrupted.' },
] as const;

const SETTLED = { type: 'final', tags: 'settled', entry: ['settle', 'emitSettled'] } as const;

/**
 * The statechart of a task. Its effects do nothing until `provide` gives them.
 *
 * @public
 */
export const taskMachine = setup({
  types: {
    context: {} as TaskContextData,
    events: {} as TaskEvent,
    input: {} as TaskInput,
    output: {} as Outcome | undefined,
    emitted: {} as TaskEmitted,
    tags: {} as 'settled' | 'live',
  },
  guards: taskGuards,
  actions: {
    raiseAttempt: assign(taskAssignments.raiseAttempt),
    lowerAttempt: assign(taskAssignments.lowerAttempt),
    countPartial: assign(taskAssignments.countPartial),
    keepOutcome: assign(taskAssignments.keepOutcome),
    emitPartial: emit(taskEmissions.emitPartial),
    emitSettled: emit(taskEmissions.emitSettled),
    announceReady: nothing,
    startAttempt: nothing,
    deliverPartial: nothing,
    dropAttempt: nothing,
    goBack: nothing,
    follow: nothing,
    pause: nothing,
    countStale: nothing,
    settle: nothing,
  },
}).createMachine({
  id: 'task',
  description: 'One task, from its submission to its outcome.',
  context: ({ input }) => ({ id: input.id, queue: input.queue, attempt: 0, delivered: 0, outcome: undefined }),
  initial: 'pending',
  output: ({ context }) => context.outcome,
  states: {
    pending: {
      description: 'Waits for a dependency, for the task that it follows, or for the pause before its next attempt.',
      on: {
        'dependencies.satisfied': {
          target: 'ready',
          actions: 'announceReady',
          description: 'The last missing dependency has delivered.',
        },
        'followed.done': {
          target: 'done',
          actions: 'keepOutcome',
          description: 'The task whose handle the function returned is done.',
        },
        'partial.restored': {
          actions: ['countPartial', 'deliverPartial', 'emitPartial'],
          description: 'The store has a partial result of an earlier run.',
        },
        'outcome.restored': RESTORED,
        'pause.ended': { target: 'ready', actions: 'announceReady', description: 'The pause after a failure is over.' },
        'dependency.failed': {
          target: 'failed',
          actions: 'keepOutcome',
          description: 'A dependency, or the task that this one follows, settled without the result that is needed.',
        },
        'cancel.requested': { target: 'cancelled', actions: 'keepOutcome', description: CANCEL },
        ...LATE_REPORTS,
      },
    },
    ready: {
      description: 'Can start as soon as its queue grants it a slot.',
      on: {
        'start.granted': {
          target: 'running',
          actions: ['raiseAttempt', 'startAttempt'],
          description: 'The queue has granted a slot.',
        },
        'cancel.requested': { target: 'cancelled', actions: 'keepOutcome', description: CANCEL },
        ...LATE_REPORTS,
      },
    },
    running: {
      description: 'An attempt is under way and has delivered nothing yet.',
      tags: 'live',
      on: {
        'partial.delivered': [
          {
            guard: 'isFromThisAttempt',
            target: 'partial',
            actions: ['countPartial', 'deliverPartial', 'emitPartial'],
            description: 'The first partial result.',
          },
          STALE,
        ],
        'start.withdrawn': [
          {
            guard: 'isFromThisAttempt',
            target: 'ready',
            actions: ['lowerAttempt', 'goBack'],
            description: 'The scheduler was stopped before the function was called.',
          },
          STALE,
        ],
        'attempt.followed': [
          {
            guard: 'isFromThisAttempt',
            target: 'pending',
            actions: 'follow',
            description: 'The function returned the handle of another task, whose result becomes that of this one.',
          },
          STALE,
        ],
        ...ENDS,
      },
    },
    partial: {
      description: 'An attempt is under way and has delivered at least one partial result.',
      tags: 'live',
      on: {
        'partial.delivered': [
          {
            guard: 'isFromThisAttempt',
            actions: ['countPartial', 'deliverPartial', 'emitPartial'],
            description: 'A further partial result.',
          },
          STALE,
        ],
        'start.withdrawn': STALE,
        'attempt.followed': STALE,
        ...ENDS,
      },
    },
    done: { ...SETTLED, description: 'The function returned a result.' },
    failed: { ...SETTLED, description: 'The task ended with an error, its own or that of a dependency.' },
    cancelled: { ...SETTLED, description: 'The task was cancelled.' },
  },
});
