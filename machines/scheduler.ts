/**
 * The statechart of the scheduler.
 *
 * - stopped: nothing starts. Running attempts go on and deliver. New tasks are taken.
 * - running.busy: work is under way or may be started; every change asks for a selection, in which the best-ranked
 *   ready task is offered to its queue until no queue has room for the tasks that are ready.
 * - running.idle: everything submitted has settled.
 * - running.stalled: unsettled tasks are left, none runs, and none could be started.
 * - draining: no task is taken any more; what was submitted is done as in running.
 * - closing: nothing starts; tasks that have not started are cancelled, running attempts end, executors are closed.
 * - closed: final.
 */
import { setup } from 'xstate';

/**
 * The events that a user may send the scheduler's actor.
 *
 * @public
 */
export type SchedulerCommand =
  | { readonly type: 'start.requested' }
  | { readonly type: 'stop.requested' }
  | { readonly type: 'close.requested' }
  | { readonly type: 'terminate.requested' };

/**
 * The events that only the scheduler itself sends its actor. `running` and `unsettled` count tasks.
 *
 * @public
 */
export type SchedulerReport =
  | { readonly type: 'work.changed' }
  | { readonly type: 'selection.ended'; readonly running: number; readonly unsettled: number }
  | { readonly type: 'executors.closed' };

/**
 * Every event of the scheduler's statechart.
 *
 * @public
 */
export type SchedulerEvent = SchedulerCommand | SchedulerReport;

/** The effects that the chart asks for; the runtime carries them out. @internal */
export type SchedulerEffect = 'openGates' | 'shutGates' | 'select' | 'reportState' | 'beginDraining' | 'beginClosing';

interface Args {
  readonly event: SchedulerEvent;
}

/** The chart's named guards. @internal */
export const schedulerGuards = {
  nothingIsLeft: ({ event }: Args) => event.type === 'selection.ended' && event.unsettled === 0,
  nothingMoves: ({ event }: Args) => event.type === 'selection.ended' && event.running === 0,
};

const nothing = (): void => undefined;

const CLOSE_NOW = { target: 'closing', description: 'A user calls terminate().' } as const;
const SHUT_AND_CLOSE = { ...CLOSE_NOW, actions: 'shutGates' } as const;

const WORK_CHANGED = { target: 'busy', description: 'A task was submitted, or has moved.' } as const;

/**
 * The statechart of the scheduler. Its effects do nothing until `provide` gives them. Its context is its input: the runtime
 * gives `{ scheduler }`.
 *
 * @public
 */
export const schedulerMachine = setup({
  types: {
    context: {},
    events: {} as SchedulerEvent,
    input: {},
  },
  guards: schedulerGuards,
  actions: {
    openGates: nothing,
    shutGates: nothing,
    select: nothing,
    reportState: nothing,
    beginDraining: nothing,
    beginClosing: nothing,
  },
}).createMachine({
  id: 'scheduler',
  description: 'The scheduler: whether tasks may start, and whether anything is left to do.',
  context: ({ input }) => ({ ...input }),
  initial: 'stopped',
  states: {
    stopped: {
      description: 'Nothing starts; running attempts go on.',
      entry: 'reportState',
      on: {
        'start.requested': { target: 'running', actions: 'openGates', description: 'A user calls start().' },
        'close.requested': { target: 'closing', description: 'A user calls close(): nothing more can be done.' },
        'terminate.requested': CLOSE_NOW,
      },
    },
    running: {
      description: 'Tasks may start.',
      initial: 'busy',
      on: {
        'stop.requested': {
          target: 'stopped',
          actions: 'shutGates',
          description: 'A user calls stop(), or a failure stops the scheduler.',
        },
        'close.requested': {
          target: 'draining',
          description: 'A user calls close().',
        },
        'terminate.requested': SHUT_AND_CLOSE,
      },
      states: {
        idle: {
          description: 'Everything submitted has settled.',
          entry: 'reportState',
          on: { 'work.changed': WORK_CHANGED },
        },
        stalled: {
          description: 'Tasks are left, none runs, and none can start.',
          entry: 'reportState',
          on: { 'work.changed': WORK_CHANGED },
        },
        busy: {
          description: 'Tasks run, or may be started.',
          entry: ['reportState', 'select'],
          on: {
            'work.changed': { actions: 'select', description: 'A task was submitted, or has moved.' },
            'selection.ended': [
              { guard: 'nothingIsLeft', target: 'idle', description: 'No unsettled task is left.' },
              { guard: 'nothingMoves', target: 'stalled', description: 'Tasks are left, and nothing moves.' },
            ],
          },
        },
      },
    },
    draining: {
      description: 'Takes no more tasks and does what was submitted.',
      entry: ['reportState', 'beginDraining', 'select'],
      on: {
        'work.changed': { actions: 'select', description: 'A task has moved.' },
        'selection.ended': [
          {
            guard: 'nothingIsLeft',
            target: 'closing',
            actions: 'shutGates',
            description: 'No unsettled task is left.',
          },
          {
            guard: 'nothingMoves',
            target: 'closing',
            actions: 'shutGates',
            description: 'Tasks are left, and nothing moves.',
          },
        ],
        'stop.requested': {
          target: 'closing',
          actions: 'shutGates',
          description: 'A user calls stop(), or a failure stops the scheduler.',
        },
        'terminate.requested': SHUT_AND_CLOSE,
      },
    },
    closing: {
      description: 'Starts nothing, cancels what has not started and waits for running attempts to end.',
      entry: ['reportState', 'beginClosing'],
      on: { 'executors.closed': { target: 'closed', description: 'The executors have closed.' } },
    },
    closed: { type: 'final', description: 'Everything has ended.', entry: 'reportState' },
  },
});
