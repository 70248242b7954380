/**
 * The two granularities: what follows on a state. In `macro` an input is followed by every delivery that it leads to, in the order
 * of the runtime's event queue: first in, first out, a stop that a failure asks for before all others, and the word that something has
 * changed after all others. In `micro` each delivery follows by itself.
 */
import { commutingPlace } from './commuting.js';
import type { Fault } from './invariants.js';
import { Moves } from './moves.js';
import { isOver, type SchedulerData } from './scheduler-data.js';
import type { System } from './system.js';

/** One message that reaches a process. @internal */
export interface Delivery {
  readonly process: number;
  readonly message: number;
  /** It was on its way; else it comes from outside. */
  readonly isDelivered: boolean;
}

/** Is given each successor; `vector` is reused by the next one. @internal */
export type Take = (vector: Int32Array, delivery: Delivery, isProgress: boolean, fault: Fault | undefined) => void;

/** Calls `take` for every state that follows on `vector`. @internal */
export type Successors = (vector: Int32Array, take: Take) => void;

/** More deliveries than this on one input go round in circles. */
const MOST_DELIVERIES = 10_000;

/** Gives `message` to a process of `vector`, which is changed; `send` gets what it sends. @internal */
function give(
  system: System,
  vector: Int32Array,
  process: number,
  message: number,
  send: (to: number, message: number) => void,
): Fault | undefined {
  const step = system.step(vector, process, message);
  vector[process] = step.data;
  for (const { to, message: sent } of step.sent) send(to, sent);
  if (step.begins && system.schedulerData(vector).state === 'stopped') {
    return { invariant: 'stopped-starts-nothing', what: 'a function is called while the scheduler is stopped' };
  }
  return step.faults[0];
}

/** The number of the message to a task that a start is granted. While the scheduler is stopped its function is not called at once. */
function startOf(system: System, vector: Int32Array, process: number, message: number): number {
  if (process >= system.firstQueue || system.messages.valueOf(message).type !== 'granted') return message;
  const isStopped = system.schedulerData(vector).state === 'stopped';
  return isStopped ? system.messages.numberOf({ type: 'granted late' }) : message;
}

/** Runs what is on its way until nothing is. `told` hears of each delivery. @internal */
export function settle(
  system: System,
  vector: Int32Array,
  first: Delivery,
  told?: (delivery: Delivery, vector: Int32Array) => void,
): Fault | undefined {
  const { scheduler } = system;
  const waiting: Delivery[] = [first];
  const send = (to: number, message: number): void => void waiting.push({ process: to, message, isDelivered: true });
  let fault: Fault | undefined;
  let count = 0;
  for (let at = 0; ; at += 1) {
    const data = system.schedulerData(vector);
    const own = data.isStopAsked || at === waiting.length ? ownMessage(data, true) : undefined;
    let next = waiting[at];
    if (own !== undefined) {
      at -= 1;
      next = { process: scheduler, message: system.messages.numberOf({ type: own }), isDelivered: true };
    }
    if (next === undefined) return fault;
    told?.(next, vector);
    fault = give(system, vector, next.process, startOf(system, vector, next.process, next.message), send) ?? fault;
    count += 1;
    if (count > MOST_DELIVERIES) return { invariant: 'everything-settles', what: 'deliveries go round in circles' };
  }
}

/** What the scheduler tells itself next, if anything. */
function ownMessage(data: SchedulerData, isAtRest: boolean): 'stop' | 'changed' | 'executors close' | undefined {
  if (data.isStopAsked) return 'stop';
  if (data.hasChanged) return 'changed';
  if (!isAtRest || data.state !== 'closing') return undefined;
  const isLeft = data.tasks.some((view) => view.alive > 0 || (view.phase !== 'absent' && !isOver(view)));
  return isLeft ? undefined : 'executors close';
}

/** @internal */
export function macro(system: System): Successors {
  const moves = new Moves(system);
  const next = new Int32Array(system.counted + 1);
  return (vector, take) => {
    moves.each(vector, ({ process, message, cost, isProgress }) => {
      next.set(vector);
      next[system.counted] = (next[system.counted] ?? 0) + cost;
      const delivery = { process, message, isDelivered: false };
      const fault = settle(system, next, delivery);
      take(next, delivery, isProgress, fault);
    });
  };
}

/** With `isReduced`, of deliveries that commute one order stands for all. @internal */
export function micro(system: System, isReduced = false): Successors {
  const moves = new Moves(system);
  const { channels, scheduler, outgoing, incoming, counted } = system;
  const next = new Int32Array(counted + 1);
  let from = 0;
  const send = (to: number, message: number): void => {
    const place = to === scheduler ? incoming + from : outgoing + to;
    next[place] = channels.append(next[place] ?? 0, message);
  };
  const step = (delivery: Delivery): Fault | undefined => {
    from = delivery.process;
    return give(system, next, delivery.process, startOf(system, next, delivery.process, delivery.message), send);
  };
  const deliver = (vector: Int32Array, place: number, take: Take): void => {
    const channel = vector[place] ?? 0;
    next.set(vector);
    next[place] = channels.tail(channel);
    const process = place < incoming ? place - outgoing : scheduler;
    const delivery = { process, message: channels.head(channel), isDelivered: true };
    take(next, delivery, true, step(delivery));
  };
  return (vector, take) => {
    const first = isReduced ? commutingPlace(system, moves, vector) : -1;
    if (first >= 0) {
      deliver(vector, first, take);
      return;
    }
    for (let place = outgoing; place < counted; place += 1) if (vector[place] !== 0) deliver(vector, place, take);
    const own = ownMessage(system.schedulerData(vector), true);
    if (own !== undefined) {
      next.set(vector);
      const delivery = { process: scheduler, message: system.messages.numberOf({ type: own }), isDelivered: true };
      take(next, delivery, true, step(delivery));
    }
    moves.each(vector, ({ process, message, cost, isProgress }) => {
      next.set(vector);
      next[counted] = (next[counted] ?? 0) + cost;
      const delivery = { process, message, isDelivered: false };
      take(next, delivery, isProgress, step(delivery));
    });
  };
}
