/**
 * The messages between a scheduler's process and a worker process. They are short arrays, the kind first; a user's function may
 * send other messages over the same channel, which are ignored.
 *
 * The channel keeps the order, so the partial results of an attempt arrive before its end.
 */
import { isTraceHeaders, type TraceHeaders } from '../../core/trace-headers.js';

/**
 * Gives the idle worker its next attempt.
 *
 * @internal
 */
export const RUN = 'pullgraph run';

/**
 * Aborts the running attempt.
 *
 * @internal
 */
export const ABORT = 'pullgraph abort';

/**
 * The scheduler has taken this many partial results of the running attempt.
 *
 * @internal
 */
export const TAKEN = 'pullgraph taken';

/**
 * Ends the idle worker.
 *
 * @internal
 */
export const END = 'pullgraph end';

/**
 * To the worker.
 *
 * @internal
 */
export type ToWorker =
  | readonly [
      kind: typeof RUN,
      seq: number,
      name: string,
      /** Most partial results in transit; 0 for a function that delivers one result. */
      window: number,
      id: string,
      queue: string,
      attempt: number,
      args: readonly unknown[],
      trace?: TraceHeaders,
    ]
  | readonly [kind: typeof ABORT, seq: number, encodedReason: unknown]
  | readonly [kind: typeof TAKEN, seq: number, count: number]
  | readonly [kind: typeof END];

/**
 * The module has been loaded, or could not be, and the worker takes attempts.
 *
 * @internal
 */
export const READY = 'pullgraph ready';

/**
 * The function of the attempt is about to be called.
 *
 * @internal
 */
export const BEGUN = 'pullgraph begun';

/**
 * The next partial result.
 *
 * @internal
 */
export const PARTIAL = 'pullgraph partial';

/**
 * The function returned, or its stream ended.
 *
 * @internal
 */
export const RETURNED = 'pullgraph returned';

/**
 * The attempt failed.
 *
 * @internal
 */
export const THREW = 'pullgraph threw';

/**
 * The abort has arrived, but the function cannot be told, because it has not read its signal.
 *
 * @internal
 */
export const UNASKED = 'pullgraph unasked';

/**
 * The worker is about to crash with this error.
 *
 * @internal
 */
export const CRASHING = 'pullgraph crashing';

/**
 * From the worker.
 *
 * @internal
 */
export type FromWorker =
  | readonly [kind: typeof READY]
  | readonly [kind: typeof BEGUN, seq: number]
  | readonly [kind: typeof PARTIAL, seq: number, value: unknown]
  | readonly [kind: typeof RETURNED, seq: number, value: unknown]
  | readonly [kind: typeof THREW, seq: number, encodedError: unknown]
  | readonly [kind: typeof UNASKED, seq: number]
  | readonly [kind: typeof CRASHING, encodedError: unknown];

/**
 * Most partial results in transit: the function is asked for more only after some have been taken.
 *
 * @internal
 */
export const PARTIAL_WINDOW = 64;

/**
 * Whether the message is one that a scheduler sends.
 *
 * @internal
 */
export function isToWorker(message: unknown): message is ToWorker {
  if (!Array.isArray(message)) return false;
  switch (message[0]) {
    case RUN:
      return (
        typeof message[1] === 'number' &&
        typeof message[2] === 'string' &&
        typeof message[3] === 'number' &&
        typeof message[4] === 'string' &&
        typeof message[5] === 'string' &&
        typeof message[6] === 'number' &&
        Array.isArray(message[7]) &&
        (message[8] === undefined || isTraceHeaders(message[8]))
      );
    case ABORT:
      return typeof message[1] === 'number' && message.length === 3;
    case TAKEN:
      return typeof message[1] === 'number' && typeof message[2] === 'number';
    default:
      return message[0] === END;
  }
}

/**
 * Whether the message is one that a worker sends.
 *
 * @internal
 */
export function isFromWorker(message: unknown): message is FromWorker {
  if (!Array.isArray(message)) return false;
  switch (message[0]) {
    case PARTIAL:
    case RETURNED:
    case THREW:
      return typeof message[1] === 'number' && message.length === 3;
    case BEGUN:
    case UNASKED:
      return typeof message[1] === 'number';
    case CRASHING:
      return message.length === 2;
    default:
      return message[0] === READY;
  }
}
