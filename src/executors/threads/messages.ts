/**
 * The messages of a session. They are short arrays, the kind first, which are cheapest to clone; each side checks a message
 * before acting on it.
 *
 * Order is part of the protocol: one port carries all messages of a session, so the partial results of an attempt arrive before
 * its end. The end of a stream repeats the number of its partial results, so that a loss cannot go unnoticed.
 */
import { isInstance } from '../../core/user-value.js';
import { MessagePort } from 'node:worker_threads';
import { isTraceHeaders, type TraceHeaders } from '../../core/trace-headers.js';
import { SchedulerError } from '../../core/failures.js';
import { isCells, type SessionCells } from './session-cells.js';

/**
 * The start of a session, which is the task of piscina's `run`.
 *
 * @internal
 */
export interface SessionStart {
  readonly port: MessagePort;
  readonly cells: SessionCells;
  readonly moduleHref: string;
  readonly share: boolean;
}

/**
 * Gives attempts to run in order, one at a time.
 *
 * @internal
 */
export const RUN = 'run';

/**
 * Whether the function delivers partial results, and whether it continues only after each has been taken.
 *
 * @internal
 */
export type StreamKind = 'none' | 'free' | 'paced';

/**
 * An attempt on its way to a worker.
 *
 * @internal
 */
export type Order = readonly [
  seq: number,
  name: string,
  stream: StreamKind,
  id: string,
  queue: string,
  attempt: number,
  args: readonly unknown[],
  trace?: TraceHeaders,
];

/**
 * Aborts the running attempt, which has its signal.
 *
 * @internal
 */
export const ABORT = 'abort';

/**
 * Ends the session; no attempt is running.
 *
 * @internal
 */
export const END_SESSION = 'end session';

/**
 * To the worker.
 *
 * @internal
 */
export type ToWorker =
  | readonly [kind: typeof RUN, orders: readonly Order[]]
  | readonly [kind: typeof ABORT, seq: number, encodedReason: unknown]
  | readonly [kind: typeof END_SESSION];

/**
 * The module has been loaded, or could not be, and the worker takes attempts.
 *
 * @internal
 */
export const READY = 'ready';

/**
 * The next partial result.
 *
 * @internal
 */
export const PARTIAL = 'partial';

/**
 * The function returned.
 *
 * @internal
 */
export const RETURNED = 'returned';

/**
 * The stream has ended.
 *
 * @internal
 */
export const STREAM_ENDED = 'stream ended';

/**
 * The attempt failed.
 *
 * @internal
 */
export const THREW = 'threw';

/**
 * From the worker.
 *
 * @internal
 */
export type FromWorker =
  | readonly [kind: typeof READY, threadId: number]
  | readonly [kind: typeof PARTIAL, seq: number, value: unknown]
  | readonly [kind: typeof RETURNED, seq: number, value: unknown]
  | readonly [kind: typeof STREAM_ENDED, seq: number, count: number]
  | readonly [kind: typeof THREW, seq: number, encodedError: unknown];

/**
 * Checks a message from the main thread.
 *
 * @throws SchedulerError `InvariantBroken`.
 *
 * @internal
 */
export function toWorker(message: unknown): ToWorker {
  return isToWorker(message) ? message : broken(message);
}

/**
 * Checks a message from a worker.
 *
 * @throws SchedulerError `InvariantBroken`.
 *
 * @internal
 */
export function fromWorker(message: unknown): FromWorker {
  return isFromWorker(message) ? message : broken(message);
}

/**
 * Checks the start of a session.
 *
 * @throws SchedulerError `InvariantBroken`.
 *
 * @internal
 */
export function sessionStart(value: unknown): SessionStart {
  return isSessionStart(value) ? value : broken(value);
}

function isToWorker(message: unknown): message is ToWorker {
  if (!Array.isArray(message)) return false;
  switch (message[0]) {
    case RUN:
      return Array.isArray(message[1]) && message[1].every(isOrder);
    case ABORT:
      return typeof message[1] === 'number' && message.length === 3;
    default:
      return message[0] === END_SESSION;
  }
}

function isOrder(value: unknown): value is Order {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'number' &&
    typeof value[1] === 'string' &&
    (value[2] === 'none' || value[2] === 'free' || value[2] === 'paced') &&
    typeof value[3] === 'string' &&
    typeof value[4] === 'string' &&
    typeof value[5] === 'number' &&
    Array.isArray(value[6]) &&
    (value[7] === undefined || isTraceHeaders(value[7]))
  );
}

function isFromWorker(message: unknown): message is FromWorker {
  if (!Array.isArray(message) || typeof message[1] !== 'number') return false;
  switch (message[0]) {
    case PARTIAL:
    case RETURNED:
    case THREW:
      return message.length === 3;
    case STREAM_ENDED:
      return typeof message[2] === 'number';
    default:
      return message[0] === READY;
  }
}

function isSessionStart(value: unknown): value is SessionStart {
  return (
    typeof value === 'object' &&
    value !== null &&
    'port' in value &&
    isInstance(value.port, MessagePort) &&
    'cells' in value &&
    isCells(value.cells) &&
    'moduleHref' in value &&
    typeof value.moduleHref === 'string' &&
    'share' in value &&
    typeof value.share === 'boolean'
  );
}

function broken(message: unknown): never {
  const kind = Array.isArray(message) ? String(message[0]) : typeof message;
  throw new SchedulerError('InvariantBroken', `expected a message of a threads session, got ${kind}`);
}
