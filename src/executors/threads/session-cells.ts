/**
 * The few numbers that the main thread and a worker share during a session. They answer at once what a message would answer too
 * late or not at all: whether a worker that has died had begun an attempt; whether a function that never returns to its event
 * loop wants to hear of its abort; and how far the main thread is behind a stream.
 *
 * Invariant: the exchange on an attempt's claim has one winner, either the worker, which then runs the attempt, or the main
 * thread, which then has it back. So an attempt runs at most once, and one that has not begun can be given to another worker.
 * The claims of the attempts given to a worker are kept in a ring.
 */
import { isInstance } from '../../core/user-value.js';

const SIGNAL_WANTED = 0;
const ABORTED = 1;
const PARTIALS_TAKEN = 2;
const CLAIMS = 3;

/**
 * The numbers of the attempts that a worker has been given and not begun differ by less than this.
 *
 * @internal
 */
export const CLAIM_WINDOW = 64;

const CELL_COUNT = CLAIMS + CLAIM_WINDOW;

/** The claim of an attempt that has begun or been taken back; attempts are numbered from 1. */
const CLAIMED = 0;

/**
 * Most partial results of a stream that are in transit; with as many, its worker waits for the main thread.
 *
 * @internal
 */
export const STREAM_WINDOW = 256;

// Waking a worker costs more than counting, so it is done once per this many partial results; a waiting worker has more than
// that in transit.
const WAKE_EVERY = 32;

// A waiting stream checks again now and then, so that nothing depends on a single wake-up.
const WAIT_MS = 100;

/**
 * The cells of one session, on shared memory.
 *
 * @internal
 */
export type SessionCells = Int32Array<SharedArrayBuffer>;

/**
 * Creates the cells of a new session.
 *
 * @internal
 */
export function createCells(): SessionCells {
  return new Int32Array(new SharedArrayBuffer(CELL_COUNT * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Whether `value` was made by `createCells`, in whichever thread.
 *
 * @internal
 */
export function isCells(value: unknown): value is SessionCells {
  return isInstance(value, Int32Array) && value.buffer instanceof SharedArrayBuffer && value.length === CELL_COUNT;
}

/**
 * Main thread: offers attempt `seq` to the worker, before it is sent.
 *
 * @internal
 */
export function offer(cells: SessionCells, seq: number): void {
  Atomics.store(cells, CLAIMS + (seq % CLAIM_WINDOW), seq);
}

/**
 * Either thread: claims attempt `seq`. True exactly once, in one of the two threads.
 *
 * @internal
 */
export function claim(cells: SessionCells, seq: number): boolean {
  return Atomics.compareExchange(cells, CLAIMS + (seq % CLAIM_WINDOW), seq, CLAIMED) === seq;
}

/**
 * Worker: records that the function of attempt `seq` has its signal.
 *
 * @internal
 */
export function wantSignal(cells: SessionCells, seq: number): void {
  Atomics.store(cells, SIGNAL_WANTED, seq);
}

/**
 * Main thread: whether the function of attempt `seq` has its signal.
 *
 * @internal
 */
export function isSignalWanted(cells: SessionCells, seq: number): boolean {
  return Atomics.load(cells, SIGNAL_WANTED) === seq;
}

/**
 * Main thread: records that the message that aborts attempt `seq` has been sent.
 *
 * @internal
 */
export function markAborted(cells: SessionCells, seq: number): void {
  Atomics.store(cells, ABORTED, seq);
  Atomics.notify(cells, PARTIALS_TAKEN);
}

/**
 * Whether the message that aborts attempt `seq` has been sent.
 *
 * @internal
 */
export function isAborted(cells: SessionCells, seq: number): boolean {
  return Atomics.load(cells, ABORTED) === seq;
}

/**
 * Main thread: records that `count` partial results have been taken since the session began. `isPaced`: the worker waits for
 * each.
 *
 * @internal
 */
export function takePartial(cells: SessionCells, count: number, isPaced = false): void {
  Atomics.store(cells, PARTIALS_TAKEN, count);
  if (isPaced || count % WAKE_EVERY === 0) Atomics.notify(cells, PARTIALS_TAKEN);
}

/**
 * Worker: blocks the thread until fewer than `window` results are in transit, or the stream is aborted. `sent` is the number of
 * results sent since the session began, by this stream or an earlier one.
 *
 * @internal
 */
export function awaitWindow(cells: SessionCells, seq: number, sent: number, window: number): void {
  for (;;) {
    const taken = Atomics.load(cells, PARTIALS_TAKEN);
    if (((sent - taken) | 0) < window || isAborted(cells, seq)) return;
    Atomics.wait(cells, PARTIALS_TAKEN, taken, WAIT_MS);
  }
}
