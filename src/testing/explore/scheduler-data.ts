/** What the scheduler of an exploration knows. */
import type { StateValue } from 'xstate';
import { emptyLedger, type Ledger } from '../../core/order/resource-ledger.js';
import type { Ranked } from './demand.js';
import type { Plan } from './graph.js';

/** Where a task stands, as far as the scheduler has heard. `told`: it has been told that it may go on, or cannot. @internal */
export type Phase =
  | 'absent'
  | 'pending'
  | 'told'
  | 'ready'
  | 'running'
  | 'paused'
  | 'following'
  | 'done'
  | 'failed'
  | 'cancelled';

/** What the scheduler knows of a task. @internal */
export interface TaskView {
  readonly phase: Phase;
  /** The dependencies that are missing, a bit for the place of each. */
  readonly waiting: number;
  /** Attempts that have been granted and have not ended. */
  readonly alive: number;
  readonly delivered: number;
  readonly isHolding: boolean;
  readonly isReleased: boolean;
}

/** What the scheduler knows of a queue. @internal */
export interface QueueView {
  readonly ledger: Ledger;
  /** Nothing has been granted last or refused since something was given back. */
  readonly hasRoom: boolean;
  readonly isPaused: boolean;
}

/** The data of the scheduler. @internal */
export interface SchedulerData {
  readonly value: StateValue;
  /** The state as the rest of the runtime knows it: as of the chart's last report. */
  readonly state: string;
  readonly tasks: readonly TaskView[];
  readonly queues: readonly QueueView[];
  /** The task under offer, -1 when there is none. */
  readonly offered: number;
  /** Something has changed since the last selection. */
  readonly hasChanged: boolean;
  readonly isStoppedByFailure: boolean;
  /** A failure has asked for a stop that has not been delivered. */
  readonly isStopAsked: boolean;
  /** No task is taken any more. */
  readonly isClosed: boolean;
}

const SETTLED: ReadonlySet<Phase> = new Set(['done', 'failed', 'cancelled']);
/** The phases of a task that has not settled and has no attempt under way. @internal */
export const HAS_NO_ATTEMPT: ReadonlySet<Phase> = new Set(['pending', 'told', 'ready', 'paused', 'following']);

/** @internal */
export const isOver = ({ phase }: TaskView): boolean => SETTLED.has(phase);

/** A task as far as its rank depends on what is known of it. @internal */
export function ranked({ phase, delivered }: TaskView): Ranked {
  return {
    isPending: HAS_NO_ATTEMPT.has(phase),
    isReady: phase === 'ready',
    isDone: phase === 'done',
    delivered,
  };
}

const ABSENT: TaskView = {
  phase: 'absent',
  waiting: 0,
  alive: 0,
  delivered: 0,
  isHolding: false,
  isReleased: false,
};

/** The scheduler before anything was submitted, in the state `value` of its chart. @internal */
export function newScheduler({ tasks, queues }: Plan, value: StateValue): SchedulerData {
  return {
    value,
    state: 'stopped',
    tasks: tasks.map(() => ABSENT),
    queues: queues.map(({ slots, capacity }) => {
      return { ledger: emptyLedger(slots, capacity), hasRoom: true, isPaused: false };
    }),
    offered: -1,
    hasChanged: false,
    isStoppedByFailure: false,
    isStopAsked: false,
    isClosed: false,
  };
}

const CODES = {
  absent: 'a',
  pending: 'p',
  told: 't',
  ready: 'r',
  running: 'u',
  paused: 'w',
  following: 'f',
  done: 'd',
  failed: 'x',
  cancelled: 'c',
} satisfies Record<Phase, string>;

/** Tells data of one plan apart, by a text that is shorter than JSON: there are millions of them. @internal */
export function keyOf(data: SchedulerData): string {
  const { value, state, offered, hasChanged, isStoppedByFailure, isStopAsked, isClosed } = data;
  let key = `${innermost(value)} ${state} ${offered} ${bits(hasChanged, isStoppedByFailure, isStopAsked, isClosed)}`;
  for (const { phase, waiting, alive, delivered, isHolding, isReleased } of data.tasks) {
    key += ` ${CODES[phase]} ${waiting} ${alive} ${delivered} ${bits(isHolding, isReleased, false, false)}`;
  }
  for (const { ledger, hasRoom, isPaused } of data.queues) {
    key += ` ${ledger.slots} ${ledger.slotsTaken} ${ledger.taken.join()} ${bits(hasRoom, isPaused, false, false)}`;
  }
  return key;
}

function bits(a: boolean, b: boolean, c: boolean, d: boolean): number {
  return (a ? 1 : 0) + (b ? 2 : 0) + (c ? 4 : 0) + (d ? 8 : 0);
}

/** The name of the innermost state. @internal */
export function innermost(value: StateValue): string {
  return typeof value === 'string' ? value : (Object.values(value).map((inner) => innermost(inner ?? ''))[0] ?? '');
}
