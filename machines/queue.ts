/**
 * The statechart of a queue: three things side by side.
 *
 * - admission: whether it takes new tasks: open, full (as many are pending as its bound allows), closed.
 * - gate: shut while the scheduler is stopped. The grant is judged here, so nothing starts behind a shut gate.
 * - activity: idle (no slot taken), working, saturated (no slot left). A slot that a task holds counts as taken.
 *
 * The queue owns its slots and resources: it grants what it is offered when that fits what is left, or refuses it. Asked to
 * make room for a more urgent task, it says which of those that were proposed are evicted: all of them, or none.
 */
import { and, assign, setup, stateIn } from 'xstate';
import { type Demand, emptyLedger, fits, giveBack, type Ledger, take } from '../src/core/order/resource-ledger.js';

/** The context of a queue's snapshot. @internal */
export interface QueueContextData {
  readonly name: string;
  readonly ledger: Ledger;
}

/** A copy with another ledger, which is all that steps change. @internal */
export function changedQueueContext({ name }: QueueContextData, _: 'ledger', ledger: Ledger): QueueContextData {
  return { name, ledger };
}

/** A task as the queue sees it: what it takes. The runtime's record of the task stands behind it. @internal */
export interface OfferedTask {
  readonly demand: Demand;
}

/** What a queue's actor is told. @internal */
export type QueueEvent =
  | { readonly type: 'task.offered'; readonly task: OfferedTask }
  | { readonly type: 'room.requested'; readonly task: OfferedTask; readonly victims: readonly OfferedTask[] }
  | { readonly type: 'slot.returned'; readonly task: OfferedTask }
  | { readonly type: 'bound.reached' }
  | { readonly type: 'room.made' }
  | { readonly type: 'scheduler.started' }
  | { readonly type: 'scheduler.stopped' }
  | { readonly type: 'close.requested' };

/** What a queue begins with: its name, its slots, and the capacity of each resource. @internal */
export interface QueueInput {
  readonly name: string;
  readonly slots: number;
  readonly capacity: readonly number[];
}

/** The effects that the queue asks for; the runtime carries them out. @internal */
export const QUEUE_EFFECTS = ['grant', 'refuse', 'evict', 'announceRoom'] as const;

const nothing = (): void => undefined;

const MAKE_ROOM = [
  { guard: and([stateIn({ gate: 'open' }), 'hasVictims']), actions: 'evict' },
  { actions: 'refuse' },
] as const;

/** The chart; see the head of this file. @internal */
export const queueMachine = setup({
  types: {
    context: {} as QueueContextData,
    events: {} as QueueEvent,
    input: {} as QueueInput,
  },
  guards: {
    fits: ({ context, event }) => event.type === 'task.offered' && fits(context.ledger, event.task.demand),
    wantsLastSlot: ({ context }) => context.ledger.slotsTaken + 1 === context.ledger.slots,
    hasVictims: ({ event }) => event.type === 'room.requested' && event.victims.length > 0,
    returnsLastSlot: ({ context }) => context.ledger.slotsTaken === 1,
  },
  actions: {
    take: assign({
      ledger: ({ context, event }) =>
        event.type === 'task.offered' ? take(context.ledger, event.task.demand) : context.ledger,
    }),
    giveBack: assign({
      ledger: ({ context, event }) =>
        event.type === 'slot.returned' ? giveBack(context.ledger, event.task.demand) : context.ledger,
    }),
    grant: nothing,
    refuse: nothing,
    evict: nothing,
    announceRoom: nothing,
  },
}).createMachine({
  id: 'queue',
  context: ({ input }) => ({ name: input.name, ledger: emptyLedger(input.slots, input.capacity) }),
  type: 'parallel',
  states: {
    admission: {
      initial: 'open',
      states: {
        open: { on: { 'bound.reached': 'full', 'close.requested': 'closed' } },
        full: { on: { 'room.made': 'open', 'close.requested': 'closed' } },
        closed: {},
      },
    },
    gate: {
      initial: 'shut',
      states: {
        shut: { on: { 'scheduler.started': 'open' } },
        open: { on: { 'scheduler.stopped': 'shut' } },
      },
    },
    activity: {
      initial: 'idle',
      states: {
        idle: {
          on: {
            'task.offered': [
              {
                guard: and([stateIn({ gate: 'open' }), 'fits', 'wantsLastSlot']),
                target: 'saturated',
                actions: ['take', 'grant'],
              },
              { guard: and([stateIn({ gate: 'open' }), 'fits']), target: 'working', actions: ['take', 'grant'] },
              { actions: 'refuse' },
            ],
            'room.requested': { actions: 'refuse' },
          },
        },
        working: {
          on: {
            'task.offered': [
              {
                guard: and([stateIn({ gate: 'open' }), 'fits', 'wantsLastSlot']),
                target: 'saturated',
                actions: ['take', 'grant'],
              },
              { guard: and([stateIn({ gate: 'open' }), 'fits']), actions: ['take', 'grant'] },
              { actions: 'refuse' },
            ],
            'room.requested': MAKE_ROOM,
            'slot.returned': [
              { guard: 'returnsLastSlot', target: 'idle', actions: ['giveBack', 'announceRoom'] },
              { actions: ['giveBack', 'announceRoom'] },
            ],
          },
        },
        saturated: {
          on: {
            'task.offered': { actions: 'refuse' },
            'room.requested': MAKE_ROOM,
            'slot.returned': [
              { guard: 'returnsLastSlot', target: 'idle', actions: ['giveBack', 'announceRoom'] },
              { target: 'working', actions: ['giveBack', 'announceRoom'] },
            ],
          },
        },
      },
    },
  },
});
