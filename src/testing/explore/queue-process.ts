/**
 * A queue as a process: its statechart and nothing else. What it answers is told to the scheduler with the ledger, which the
 * runtime reads.
 *
 * Invariant: a step depends on nothing but the queue's data and the message.
 */
import type { StateValue } from 'xstate';
import type { QueueContextData, QueueEvent } from '../../../machines/queue.js';
import type { Ledger } from '../../core/order/resource-ledger.js';
import type { ChartStep, ChartSteps } from './chart-steps.js';
import type { Plan, QueuePlan } from './graph.js';
import { isIgnored } from './ignored.js';
import type { ExploredInvariant, Fault } from './invariants.js';
import type { FromQueue, ToQueue } from './messages.js';

/** The data of a queue. @internal */
export interface QueueData {
  readonly value: StateValue;
  readonly ledger: Ledger;
}

/** What a queue does with a message. @internal */
export interface QueueStep {
  readonly data: QueueData;
  readonly messages: readonly FromQueue[];
  readonly faults: readonly Fault[];
  readonly pair: readonly [string, string];
}

const ANSWERS: Readonly<Record<string, FromQueue['type']>> = {
  grant: 'granted',
  refuse: 'refused',
  announceRoom: 'room',
};

/** The state of one region. @internal */
export function regionOf(value: StateValue, region: string): string {
  const inner = typeof value === 'string' ? value : value[region];
  return typeof inner === 'string' ? inner : '';
}

/** The step of queue number `queue`. @internal */
export function stepQueue(
  queue: number,
  plan: Plan,
  chart: ChartSteps<QueueContextData>,
  data: QueueData,
  message: ToQueue,
): QueueStep {
  const event = eventOf(plan, queue, message);
  const step = chart.step(data.value, { name: '', ledger: data.ledger }, event);
  const { ledger } = step.context;
  return {
    data: { value: step.value, ledger },
    messages: step.effects.flatMap((effect) => {
      const type = ANSWERS[effect];
      return type === undefined ? [] : [{ type, queue, ledger }];
    }),
    faults: [...queueFaults(data, event, step, plan.queues[queue])],
    pair: [JSON.stringify(data.value), event.type],
  };
}

function eventOf(plan: Plan, queue: number, message: ToQueue): QueueEvent {
  switch (message.type) {
    case 'offered':
      return { type: 'task.offered', id: '', demand: demandOf(plan, message.task) };
    case 'returned':
      return { type: 'slot.returned', id: '', demand: demandOf(plan, message.task) };
    case 'started':
      return { type: 'scheduler.started' };
    case 'stopped':
      return { type: 'scheduler.stopped' };
    case 'close':
      return { type: 'close.requested' };
    case 'pause':
      return { type: 'pause.requested' };
    case 'resume':
      return { type: 'resume.requested' };
    case 'limits':
      return { type: 'limits.changed', slots: message.slots, capacity: plan.queues[queue]?.capacity ?? [] };
  }
}

function demandOf({ tasks }: Plan, task: number): readonly number[] {
  return tasks[task]?.demand ?? [];
}

/** What is wrong with a step of a queue, seen without the rest of the system. @internal */
export function* queueFaults(
  data: QueueData,
  event: QueueEvent,
  { value, context, effects, isInTable }: ChartStep<QueueContextData>,
  plan: QueuePlan | undefined,
): Generator<Fault> {
  const before = JSON.stringify(data.value);
  if (!isInTable && !isIgnored('queue', data.value, event.type)) {
    yield fault('known-events', `${event.type} came to a queue that is ${before}`);
  }
  if (new Set(effects).size !== effects.length) yield fault('effects-once', `asked for ${effects.join(', ')}`);
  const { slotsTaken, taken, slots } = context.ledger;
  const isTaken = slotsTaken > data.ledger.slotsTaken;
  if (isTaken && (slotsTaken > slots || taken.some((amount, at) => amount > (plan?.capacity[at] ?? 0)))) {
    yield fault('within-limits', `${slotsTaken} of ${slots} slots and ${taken.join(', ')} of its resources are taken`);
  }
  const grants = effects.filter((effect) => effect === 'grant').length;
  const answers = grants + effects.filter((effect) => effect === 'refuse' || effect === 'evict').length;
  const isAsked = event.type === 'task.offered' || event.type === 'room.requested';
  if (answers !== (isAsked ? 1 : 0)) yield fault('offers-answered', `${event.type} was answered ${answers} times`);
  if (grants > 0 && (regionOf(data.value, 'gate') !== 'open' || regionOf(data.value, 'flow') !== 'flowing')) {
    yield fault('shut-gate', `a queue granted a start while it was ${before}`);
  }
  if (slotsTaken - data.ledger.slotsTaken !== grants - (event.type === 'slot.returned' ? 1 : 0)) {
    yield fault('room-conserved', `${event.type} led from ${data.ledger.slotsTaken} taken slots to ${slotsTaken}`);
  }
  const activity = slotsTaken === 0 ? 'idle' : slotsTaken < slots ? 'working' : 'saturated';
  if (regionOf(value, 'activity') !== activity) {
    yield fault(
      'room-conserved',
      `${slotsTaken} of ${slots} slots are taken and the queue is ${regionOf(value, 'activity')}`,
    );
  }
}

function fault(invariant: ExploredInvariant, what: string): Fault {
  return { invariant, what };
}
