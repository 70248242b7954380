/**
 * The few numbers that the main thread and a worker share while a session lasts. They answer at once what a message
 * would answer too late or not at all: whether an attempt has begun, of a worker that has died since; whether a
 * function that never returns to its event loop wants to be told of its abort; and how far the main thread is behind a
 * stream.
 *
 * An attempt is begun by whoever wins the exchange on its claim: the worker, which then runs it, or the main thread,
 * which then has it back. So it runs at most once, and what was not begun can be given to another worker. The claims
 * of the attempts that a worker has been given stand in a ring.
 */

const SIGNAL_WANTED = 0;
const ABORTED = 1;
const PARTIALS_TAKEN = 2;
const CLAIMS = 3;

/**
 * The numbers of the attempts that a worker has been given and has not begun lie within so many of each other.
 *
 * @internal
 */
export const CLAIM_WINDOW = 64;

const CELL_COUNT = CLAIMS + CLAIM_WINDOW;

/** The claim of an attempt that is begun or taken back; numbers of attempts are from 1. */
const CLAIMED = 0;

/**
 * At most so many partial results of a stream are under way; then its worker waits for the main thread.
 *
 * @internal
 */
export const STREAM_WINDOW = 256;

// Waking a worker costs more than counting, so it is done once for so many partial results; a worker that waits has
// more than that under way.
const WAKE_EVERY = 32;

// A stream looks again now and then, so that nothing hangs on a single wake-up.
const WAIT_MS = 100;

/**
 * The cells of one session, on shared memory.
 *
 * @internal
 */
export type SessionCells = Int32Array<SharedArrayBuffer>;

/**
 * Cells of a session in which nothing has begun.
 *
 * @internal
 */
export function createCells(): SessionCells {
  return new Int32Array(new SharedArrayBuffer(CELL_COUNT * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Whether `value` is what `createCells` made, also in another thread.
 *
 * @internal
 */
export function isCells(value: unknown): value is SessionCells {
  return value instanceof Int32Array && value.buffer instanceof SharedArrayBuffer && value.length === CELL_COUNT;
}

/**
 * Main thread: attempt `seq` is about to be handed to the worker.
 *
 * @internal
 */
export function offer(cells: SessionCells, seq: number): void {
  Atomics.store(cells, CLAIMS + (seq % CLAIM_WINDOW), seq);
}

/**
 * Either thread: true for the one of them, and the one time, that claims attempt `seq`.
 *
 * @internal
 */
export function claim(cells: SessionCells, seq: number): boolean {
  return Atomics.compareExchange(cells, CLAIMS + (seq % CLAIM_WINDOW), seq, CLAIMED) === seq;
}

/**
 * Worker: the function of attempt `seq` holds its signal.
 *
 * @internal
 */
export function wantSignal(cells: SessionCells, seq: number): void {
  Atomics.store(cells, SIGNAL_WANTED, seq);
}

/**
 * Main thread: whether the function of attempt `seq` holds its signal.
 *
 * @internal
 */
export function isSignalWanted(cells: SessionCells, seq: number): boolean {
  return Atomics.load(cells, SIGNAL_WANTED) === seq;
}

/**
 * Main thread: the message that aborts attempt `seq` is on its way.
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
 * Main thread: `count` partial results have been taken since the session began. `isPaced`: the worker waits for each.
 *
 * @internal
 */
export function takePartial(cells: SessionCells, count: number, isPaced = false): void {
  Atomics.store(cells, PARTIALS_TAKEN, count);
  if (isPaced || count % WAKE_EVERY === 0) Atomics.notify(cells, PARTIALS_TAKEN);
}

/**
 * Worker: blocks the thread until fewer than `window` results are on their way, or the stream is aborted. `sent` results have been
 * sent since the session began, of this stream or of one before.
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
