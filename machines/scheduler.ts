/**
 * The statechart of the scheduler.
 *
 * - stopped: nothing starts. Running attempts go on and deliver. New tasks are taken.
 * - running.busy: work is under way or may be started; every change asks for a selection, in which the best-ranked
 *   ready task is offered to its queue until no queue has room for what is ready.
 * - running.idle: everything submitted has settled.
 * - running.stalled: unsettled tasks are left, none runs, and none could be started.
 * - closing: nothing starts and nothing is taken any more; what has not started is cancelled, what runs ends, executors are
 *   closed.
 * - closed: final.
 */
import { setup } from 'xstate';

/** What the scheduler's actor is told. The three requests are for users, the others are the runtime's. @internal */
export type SchedulerEvent =
  | { readonly type: 'start.requested' }
  | { readonly type: 'stop.requested' }
  | { readonly type: 'close.requested' }
  | { readonly type: 'work.changed' }
  | { readonly type: 'selection.ended'; readonly running: number; readonly unsettled: number }
  | { readonly type: 'executors.closed' };

/** The effects that the scheduler asks for; the runtime carries them out. @internal */
export const SCHEDULER_EFFECTS = ['openGates', 'shutGates', 'select', 'reportState', 'beginClosing'] as const;

const nothing = (): void => undefined;

/** The chart; see the head of this file. @internal */
export const schedulerMachine = setup({
  types: {
    events: {} as SchedulerEvent,
  },
  guards: {
    nothingIsLeft: ({ event }) => event.type === 'selection.ended' && event.unsettled === 0,
    nothingMoves: ({ event }) => event.type === 'selection.ended' && event.running === 0,
  },
  actions: {
    openGates: nothing,
    shutGates: nothing,
    select: nothing,
    reportState: nothing,
    beginClosing: nothing,
  },
}).createMachine({
  id: 'scheduler',
  context: {},
  initial: 'stopped',
  states: {
    stopped: {
      entry: 'reportState',
      on: {
        'start.requested': { target: 'running', actions: 'openGates' },
        'close.requested': 'closing',
      },
    },
    running: {
      initial: 'busy',
      on: {
        'stop.requested': { target: 'stopped', actions: 'shutGates' },
        'close.requested': { target: 'closing', actions: 'shutGates' },
      },
      states: {
        idle: { entry: 'reportState', on: { 'work.changed': 'busy' } },
        stalled: { entry: 'reportState', on: { 'work.changed': 'busy' } },
        busy: {
          entry: ['reportState', 'select'],
          on: {
            'work.changed': { actions: 'select' },
            'selection.ended': [
              { guard: 'nothingIsLeft', target: 'idle' },
              { guard: 'nothingMoves', target: 'stalled' },
            ],
          },
        },
      },
    },
    closing: { entry: ['reportState', 'beginClosing'], on: { 'executors.closed': 'closed' } },
    closed: { type: 'final', entry: 'reportState' },
  },
});
