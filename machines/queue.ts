/**
 * The statechart of a queue: four regions side by side.
 *
 * - admission: whether it takes new tasks: open, full (as many are pending as its bound allows), closed.
 * - gate: shut while the scheduler is stopped. The grant is judged here, so nothing starts behind a shut gate.
 * - flow: paused while a user has paused the queue; then nothing starts either.
 * - activity: idle (no slot taken), working, saturated (no slot left). A slot that a task holds counts as taken.
 *
 * A queue that is closed by itself is removed when its last task has settled: then all its regions are final.
 *
 * The queue owns its slots and resources: it grants an offered task when the task's demand fits what is left, and refuses
 * it otherwise. Their limits may change at any time; what has been taken stays taken until it comes back. Asked to make room
 * for a more urgent task, it evicts all of the proposed victims or none.
 */
import { and, assign, setup, stateIn } from 'xstate';
import {
  type Demand,
  emptyLedger,
  fits,
  giveBack,
  type Ledger,
  take,
  withLimits,
} from '../src/core/order/resource-ledger.js';

/**
 * The context of a queue's snapshot.
 *
 * @public
 */
export interface QueueContextData {
  readonly name: string;
  readonly ledger: Ledger;
}

/**
 * Every event of the queue's statechart. Only the scheduler sends them. `demand` lists amounts in the order in which the
 * queue names its resources.
 *
 * @public
 */
export type QueueEvent =
  | { readonly type: 'task.offered'; readonly id: string; readonly demand: Demand }
  | { readonly type: 'room.requested'; readonly id: string; readonly victims: readonly string[] }
  | { readonly type: 'slot.returned'; readonly id: string; readonly demand: Demand }
  | { readonly type: 'bound.reached' }
  | { readonly type: 'room.made' }
  | { readonly type: 'scheduler.started' }
  | { readonly type: 'scheduler.stopped' }
  | { readonly type: 'queue.removed' }
  | { readonly type: 'pause.requested' }
  | { readonly type: 'resume.requested' }
  | { readonly type: 'limits.changed'; readonly slots: number; readonly capacity: readonly number[] }
  | { readonly type: 'close.requested' };

/**
 * The input of the queue's statechart: its name, its number of slots, and the capacity of each resource.
 *
 * @public
 */
export interface QueueInput {
  readonly name: string;
  readonly slots: number;
  readonly capacity: readonly number[];
}

/** The effects that the chart asks for; the runtime carries them out. @internal */
export type QueueEffect = 'grant' | 'refuse' | 'evict' | 'announceRoom';

interface Args {
  readonly context: QueueContextData;
  readonly event: QueueEvent;
}

/** The chart's named guards that ask the context or the event. @internal */
export const queueGuards = {
  fits: ({ context, event }: Args) => event.type === 'task.offered' && fits(context.ledger, event.demand),
  wantsLastSlot: ({ context }: Args) => context.ledger.slotsTaken + 1 === context.ledger.slots,
  hasVictims: ({ event }: Args) => event.type === 'room.requested' && event.victims.length > 0,
  returnsLastSlot: ({ context }: Args) => context.ledger.slotsTaken === 1,
  staysSaturated: ({ context }: Args) => context.ledger.slotsTaken > context.ledger.slots,
  leavesNoSlot: ({ context, event }: Args) =>
    event.type === 'limits.changed' && context.ledger.slotsTaken >= event.slots,
};

/** The chart's named assignments, each of one key. @internal */
export const queueAssignments = {
  take: {
    ledger: ({ context, event }: Args) =>
      event.type === 'task.offered' ? take(context.ledger, event.demand) : context.ledger,
  },
  setLimits: {
    ledger: ({ context, event }: Args) =>
      event.type === 'limits.changed' ? withLimits(context.ledger, event.slots, event.capacity) : context.ledger,
  },
  giveBack: {
    ledger: ({ context, event }: Args) =>
      event.type === 'slot.returned' ? giveBack(context.ledger, event.demand) : context.ledger,
  },
};

const nothing = (): void => undefined;

const GONE = { type: 'final', description: 'The scheduler no longer has the queue.' } as const;

const REFUSE = {
  actions: 'refuse',
  description: 'The gate is shut, the queue is paused, or the demand does not fit.',
} as const;
const TAKES_LAST = {
  guard: 'canTakeLastSlot',
  target: 'saturated',
  actions: ['take', 'grant'],
  description: 'Tasks may start and the demand fits: the last slot is taken.',
} as const;
const TAKES = {
  guard: 'canTake',
  actions: ['take', 'grant'],
  description: 'Tasks may start and the demand fits.',
} as const;
const MAKE_ROOM = [
  { guard: 'canEvict', actions: 'evict', description: 'Tasks may start: the victims are evicted.' },
  REFUSE,
] as const;
const RETURNS_LAST = {
  guard: 'returnsLastSlot',
  target: 'idle',
  actions: ['giveBack', 'announceRoom'],
  description: 'The last slot that was taken comes back.',
} as const;
const RETURNS = { actions: ['giveBack', 'announceRoom'], description: 'A slot comes back.' } as const;
const SET_LIMITS = {
  actions: ['setLimits', 'announceRoom'],
  description: 'The number of slots or the capacity of a resource is changed.',
} as const;

/**
 * The statechart of a queue. Its effects do nothing until `provide` gives them.
 *
 * @public
 */
export const queueMachine = setup({
  types: {
    context: {} as QueueContextData,
    events: {} as QueueEvent,
    input: {} as QueueInput,
  },
  guards: {
    ...queueGuards,
    gateIsOpen: stateIn({ gate: 'open' }),
    isFlowing: stateIn({ flow: 'flowing' }),
    canTake: and(['gateIsOpen', 'isFlowing', 'fits']),
    canTakeLastSlot: and(['gateIsOpen', 'isFlowing', 'fits', 'wantsLastSlot']),
    canEvict: and(['gateIsOpen', 'isFlowing', 'hasVictims']),
  },
  actions: {
    take: assign(queueAssignments.take),
    giveBack: assign(queueAssignments.giveBack),
    setLimits: assign(queueAssignments.setLimits),
    grant: nothing,
    refuse: nothing,
    evict: nothing,
    announceRoom: nothing,
  },
}).createMachine({
  id: 'queue',
  description: 'One queue: what it admits, whether it may start tasks, and what is taken of it.',
  context: ({ input }) => ({ name: input.name, ledger: emptyLedger(input.slots, input.capacity) }),
  type: 'parallel',
  states: {
    admission: {
      description: 'Whether the queue takes new tasks.',
      initial: 'open',
      states: {
        open: {
          description: 'Takes new tasks.',
          on: {
            'bound.reached': { target: 'full', description: 'As many tasks are pending as the bound allows.' },
            'close.requested': { target: 'closed', description: 'The queue, or the whole scheduler, is closed.' },
          },
        },
        full: {
          description: 'Refuses new tasks until one starts or settles.',
          on: {
            'room.made': { target: 'open', description: 'A pending task has started or settled.' },
            'close.requested': { target: 'closed', description: 'The queue, or the whole scheduler, is closed.' },
          },
        },
        closed: {
          description: 'Takes no more tasks.',
          on: {
            'queue.removed': {
              target: ['removed', '#queue.gate.removed', '#queue.flow.removed', '#queue.activity.removed'],
              description: 'The last task of the closed queue has settled.',
            },
          },
        },
        removed: GONE,
      },
    },
    gate: {
      description: 'Whether tasks may start.',
      initial: 'shut',
      states: {
        shut: {
          description: 'The scheduler is stopped: nothing starts.',
          on: { 'scheduler.started': { target: 'open', description: 'The scheduler runs.' } },
        },
        open: {
          description: 'The scheduler runs: tasks may start.',
          on: { 'scheduler.stopped': { target: 'shut', description: 'The scheduler is stopped.' } },
        },
        removed: GONE,
      },
    },
    flow: {
      description: 'Whether the queue is paused.',
      initial: 'flowing',
      states: {
        flowing: {
          description: 'Tasks may start if the gate is open.',
          on: { 'pause.requested': { target: 'paused', description: 'A user pauses the queue.' } },
        },
        paused: {
          description: 'Nothing starts; what runs goes on.',
          on: {
            'resume.requested': {
              target: 'flowing',
              actions: 'announceRoom',
              description: 'A user resumes the queue.',
            },
          },
        },
        removed: GONE,
      },
    },
    activity: {
      description: 'How many slots are taken.',
      initial: 'idle',
      states: {
        idle: {
          description: 'No slot is taken.',
          on: {
            'task.offered': [TAKES_LAST, { ...TAKES, target: 'working' }, REFUSE],
            'room.requested': REFUSE,
            'limits.changed': SET_LIMITS,
          },
        },
        working: {
          description: 'Some slots are taken.',
          on: {
            'task.offered': [TAKES_LAST, TAKES, REFUSE],
            'room.requested': MAKE_ROOM,
            'slot.returned': [RETURNS_LAST, RETURNS],
            'limits.changed': [{ ...SET_LIMITS, guard: 'leavesNoSlot', target: 'saturated' }, SET_LIMITS],
          },
        },
        saturated: {
          description: 'Every slot is taken, or more of them after their number was lowered.',
          on: {
            'task.offered': REFUSE,
            'room.requested': MAKE_ROOM,
            'slot.returned': [RETURNS_LAST, { ...RETURNS, guard: 'staysSaturated' }, { ...RETURNS, target: 'working' }],
            'limits.changed': [
              { ...SET_LIMITS, guard: 'leavesNoSlot' },
              { ...SET_LIMITS, target: 'working' },
            ],
          },
        },
        removed: GONE,
      },
    },
  },
});
