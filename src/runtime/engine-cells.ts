/** Joins the statecharts of tasks and queues to the parts of a scheduler that carry out their effects. */
import type { QueueContextData, QueueEffect, QueueEvent } from '../../machines/queue.js';
import type { TaskContextData, TaskEffect, TaskEvent } from '../../machines/task.js';
import type { EventQueue } from './events/event-queue.js';
import type { QueueState } from './queues/queue-state.js';
import type { Selection } from './queues/selection.js';
import type { ActorSystemPort } from './statecharts/actor-system.js';
import type { CellKind, Cells } from './statecharts/cells.js';
import { queueChart, taskChart } from './statecharts/charts.js';
import type { Attempts } from './tasks/attempts.js';
import type { Settlement } from './tasks/settlement.js';
import type { TaskRecord } from './tasks/task-record.js';
import type { EventHub } from './events/event-hub.js';

/** Counts of events that did nothing. @internal */
export interface OddEvents {
  /** Those that only the scheduler sends and that came from outside. */
  refused: number;
  /** Those that came where the statechart does not name them: none, unless the scheduler is wrong. */
  unexpected: number;
}

/** The parts that carry out effects. @internal */
export interface EffectParts {
  readonly eventQueue: EventQueue;
  readonly hub: EventHub;
  readonly attempts: Attempts;
  readonly settlement: Settlement;
  readonly selection: Selection;
  readonly oddEvents: OddEvents;
}

/** The cells of the tasks and of the queues of one scheduler. @internal */
export function cellsOf(
  system: ActorSystemPort,
  parts: EffectParts,
): { readonly tasks: Cells<TaskRecord, TaskEvent>; readonly queues: Cells<QueueState, QueueEvent> } {
  return { tasks: system.cells(taskKind(system, parts)), queues: system.cells(queueKind(system, parts)) };
}

function taskKind(
  system: ActorSystemPort,
  { eventQueue, hub, attempts, settlement, oddEvents }: EffectParts,
): CellKind<TaskRecord, TaskContextData, TaskEvent, TaskEffect> {
  return {
    chart: taskChart,
    commands: ['cancel.requested'],
    effects: {
      announceReady: (record) => hub.moved(record, 'pending', 'ready'),
      startAttempt(record) {
        settlement.keeping?.starts(record);
        attempts.start(record, settlement.announce);
      },
      deliverPartial: settlement.deliverPartial,
      settle: settlement.settle,
      dropAttempt: (record, event) => attempts.drop(record, event),
      goBack: (record) => attempts.goBack(record),
      pause: (record, event) => attempts.pause(record, event),
      follow: (record) => attempts.follow(record),
      countStale: () => attempts.countStale(),
    },
    idOf: (record) => record.id,
    inputOf: ({ id, queue }) => ({ id, queue: queue.name }),
    contextOf: ({ id, queue, attempt, delivered, outcome }) => ({
      id,
      queue: queue.name,
      attempt,
      delivered,
      outcome,
    }),
    adopt(record, { attempt, delivered, outcome }) {
      record.attempt = attempt;
      if (delivered !== record.delivered) record.delivered = delivered;
      record.outcome = outcome;
    },
    endOf: ({ outcome }) => (outcome?.status === 'failed' ? { error: outcome.error } : { output: outcome }),
    isVisible: ({ attempt }) => attempt > 0,
    sourceOf: ({ queue }, { type }) =>
      type === 'start.granted' || type === 'evict.requested' ? queue.ref() : undefined,
    receive: (record, command) => eventQueue.deliver(record, command),
    refused: () => void (oddEvents.refused += 1),
    unexpected: () => void (oddEvents.unexpected += 1),
    ended(record) {
      if (!record.isActorExposed) record.actor = undefined;
    },
  };
}

/** What a queue may be told that it knows already, as a stop after a stop. */
const REPEATED = new Set<QueueEvent['type']>([
  'scheduler.started',
  'scheduler.stopped',
  'pause.requested',
  'resume.requested',
  'close.requested',
]);

function queueKind(
  system: ActorSystemPort,
  { eventQueue, hub, selection, oddEvents }: EffectParts,
): CellKind<QueueState, QueueContextData, QueueEvent, QueueEffect> {
  const tell = (queue: QueueState, event: QueueEvent, change: 'taken' | 'returned'): void => {
    if (hub.hears.slot && 'id' in event) hub.emit({ type: 'slot', id: event.id, queue: queue.name, change });
  };
  return {
    chart: queueChart,
    commands: [],
    effects: {
      grant(queue, event) {
        tell(queue, event, 'taken');
        selection.granted(queue);
      },
      refuse: (queue) => queue.refused(),
      evict: selection.evict,
      announceRoom(queue, event) {
        tell(queue, event, 'returned');
        queue.roomMade();
      },
    },
    idOf: ({ name }) => name,
    systemIdOf: ({ name }) => system.systemIdOf(name),
    inputOf: ({ name, emptyLedger }) => ({ name, slots: emptyLedger.slots, capacity: emptyLedger.capacity }),
    contextOf: ({ name, ledger }) => ({ name, ledger }),
    adopt(queue, { ledger }) {
      queue.ledger = ledger;
    },
    endOf: () => ({ output: undefined }),
    isVisible: () => true,
    sourceOf: (_, { type }) =>
      type === 'bound.reached' || type === 'room.made' || type === 'slot.returned' ? undefined : system.root,
    receive: (queue, command) => eventQueue.deliver(queue, command),
    refused: () => void (oddEvents.refused += 1),
    unexpected(_, { type }) {
      if (!REPEATED.has(type)) oddEvents.unexpected += 1;
    },
    ended: () => undefined,
  };
}
