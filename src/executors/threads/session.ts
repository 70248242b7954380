/**
 * The main thread's side of a session: the stretch of time in which one worker takes attempts, one at a time. Some are
 * given to it ahead, so that it need not wait for the next; until it begins them they can be taken back. To piscina a
 * session is a single long task, and the worker's end, whatever brought it about, is the rejection of that task; what
 * belongs to an attempt goes through the session's own port. A session without work ends soon, because as long as it
 * lasts piscina keeps the process alive; its worker then waits, without holding anything, for the next one.
 *
 * Invariants: an attempt given to `give` is reported exactly once, by its own `done` or `failed` or by handing it back;
 * a worker ends its attempts in the order in which they were given, so only the first can have begun.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { SchedulerError, TaskCancelled, WorkerCrashed } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';
import { postingFailure, THREAD } from '../remote/cloneability.js';
import type { Assignment, WorkerLoss } from '../remote/intake.js';
import { ABORT, END_SESSION, fromWorker, PARTIAL, READY, RETURNED, RUN, STREAM_ENDED, THREW } from './messages.js';
import type { FromWorker, Order, SessionStart, ToWorker } from './messages.js';
import type { SettledOptions } from './options.js';
import { claim, CLAIM_WINDOW, createCells, isSignalWanted, markAborted, offer, takePartial } from './session-cells.js';
import { decodeThrown, encodeThrown } from '../remote/thrown-value.js';
import type { WorkerPool } from './worker-pool.js';

/**
 * What a session tells the executor it is part of. Every call finds the session in the state that it tells.
 *
 * @internal
 */
export interface SessionOwner {
  /** The worker waits for an attempt. `first`: it has just come up. */
  idle(session: Session, first: boolean): void;
  /** The worker has begun the last of the attempts that it was given, or is about to. */
  runningOut(): void;
  /** The session takes no more attempts. */
  closing(session: Session): void;
  /** The worker ended before the function began, which was the next to begin: the attempt may run elsewhere. */
  handBack(assignment: Assignment, cause: unknown): void;
  /** These have not begun and wait for a worker again. */
  putBack(assignments: readonly Assignment[]): void;
  /** The session is over, after everything else. */
  over(session: Session, loss: WorkerLoss | undefined): void;
}

interface Given {
  readonly assignment: Assignment;
  readonly seq: number;
  partials: number;
  aborted: { readonly reason: unknown } | undefined;
  grace: NodeJS.Timeout | undefined;
}

// Most attempts that a worker is given at a time. It is trusted with one more for each that it has ended since some were
// taken back from it: those that run long do not wait behind each other.
const MAX_GIVEN = 16;

// A worker that has no more than this left is given more, many in one message where many wait.
const RUNNING_OUT = 1;

// Long enough for a dependent to be started on the same worker, short enough not to be noticed where a process ends.
const LINGER_MS = 50;

/**
 * The main thread's side of one session. It begins by being made, and tells its owner how it goes.
 *
 * @internal
 */
export class Session {
  /** Resolves when the session is over. */
  readonly finished: Promise<void>;
  readonly #pool: WorkerPool;
  readonly #options: SettledOptions;
  readonly #owner: SessionOwner;
  readonly #port: MessagePort;
  readonly #cells = createCells();
  readonly #linger: NodeJS.Timeout;
  /** Zero until the worker is ready. */
  #threadId = 0;
  #lastSeq = 0;
  /** In the order in which they were given; the worker is at the first. */
  readonly #given: Given[] = [];
  #depth = 2;
  #partialsCame = 0;
  #closing = false;
  #terminated = false;
  #over = false;

  constructor(pool: WorkerPool, options: SettledOptions, owner: SessionOwner) {
    this.#pool = pool;
    this.#options = options;
    this.#owner = owner;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#linger = setTimeout(() => this.#lingered(), LINGER_MS);
    port1.on('message', (message: unknown) => this.#received(message));
    port1.on('messageerror', (error) => this.#broken(error));
    const start: SessionStart = {
      port: port2,
      cells: this.#cells,
      moduleHref: options.moduleHref,
      share: options.share,
    };
    this.finished = pool.run(start).then(
      () => this.#ended(undefined),
      (error: unknown) => this.#ended({ cause: error }),
    );
  }

  /** Whether the worker is still on its way. */
  get isStarting(): boolean {
    return this.#threadId === 0;
  }

  /** How many attempts the worker has been given. */
  get load(): number {
    return this.#given.length;
  }

  /** How many more attempts may be given: none before the worker runs out of them. */
  get room(): number {
    if (this.isStarting || this.#closing || this.#given.length > RUNNING_OUT) return 0;
    const oldest = this.#given[0]?.seq ?? this.#lastSeq;
    return Math.min(this.#depth - this.#given.length, oldest + CLAIM_WINDOW - 1 - this.#lastSeq);
  }

  /** The attempt that has been given and surely not begun for the longest time. */
  get firstAhead(): Assignment | undefined {
    return this.#given[1]?.assignment;
  }

  /** Gives the worker attempts to begin, one after another. Those whose arguments cannot be sent fail. */
  give(assignments: readonly Assignment[]): void {
    const given: Given[] = [];
    for (const assignment of assignments) {
      const seq = ++this.#lastSeq;
      offer(this.#cells, seq);
      given.push({ assignment, seq, partials: 0, aborted: undefined, grace: undefined });
    }
    this.#given.push(...given);
    this.#send(given);
  }

  /** Takes back what has not begun, in its order. From now on the worker has to earn again that it is given several. */
  takeBack(): Assignment[] {
    const kept: Given[] = [];
    const taken: Assignment[] = [];
    for (const given of this.#given) {
      if (claim(this.#cells, given.seq)) taken.push(given.assignment);
      else kept.push(given);
    }
    this.#given.length = 0;
    this.#given.push(...kept);
    this.#depth = 1;
    return taken;
  }

  /** Ends `attempt` if it was given to this session; false where it was not. Asked again, it may only have less time. */
  abort(attempt: Attempt, reason: unknown, graceMs = this.#options.graceMs): boolean {
    const given = this.#given.find(({ assignment }) => assignment.attempt === attempt);
    if (given === undefined) return false;
    if (given.aborted !== undefined) {
      if (graceMs === 0) this.#terminateUnder(given);
      return true;
    }
    if (claim(this.#cells, given.seq)) {
      this.#settle(given, (it) => it.failed(new TaskCancelled(it.id, reason)));
      return true;
    }
    given.aborted = { reason };
    if (isSignalWanted(this.#cells, given.seq)) {
      this.#post([ABORT, given.seq, encodeThrown(THREAD, reason)]);
      markAborted(this.#cells, given.seq);
      given.grace = setTimeout(() => this.#terminateUnder(given), graceMs);
    } else {
      this.#terminateUnder(given);
    }
    return true;
  }

  /** Lets the worker go, after what it has printed is out; nothing may run. */
  end(): void {
    if (this.#closing) return;
    this.#close();
    this.#post([END_SESSION]);
  }

  /** Ends the worker if it is at `given`, which has begun; if it has ended that, its report is on its way. */
  #terminateUnder(given: Given): void {
    const taken = this.takeBack();
    // With nothing left to begin but what has begun, the worker can get no further than the last that is left.
    if (this.#given.at(-1) === given) this.terminate();
    this.#owner.putBack(taken);
  }

  /** Ends the worker, whatever it is doing. What it was running is reported when the thread has ended. */
  terminate(): void {
    this.#terminated = true;
    this.#close();
    this.#pool.terminate(this.#threadId);
  }

  /** The worker never came up: piscina has none for this session. */
  abandon(cause: unknown): void {
    this.#ended({ cause });
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#owner.closing(this);
  }

  #post(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  #received(message: unknown): void {
    let checked: FromWorker;
    try {
      checked = fromWorker(message);
    } catch (error) {
      this.#broken(error);
      return;
    }
    this.#handle(checked);
  }

  #handle(message: FromWorker): void {
    if (message[0] === READY) {
      this.#threadId = message[1];
      this.#rest(true);
      return;
    }
    if (message[0] === PARTIAL) this.#partialsCame++;
    const running = this.#given[0];
    if (running === undefined || running.seq !== message[1]) {
      if (message[0] === PARTIAL) takePartial(this.#cells, this.#partialsCame);
      return;
    }
    switch (message[0]) {
      case PARTIAL:
        this.#deliver(running, message[2]);
        return;
      case RETURNED: {
        const value = message[2];
        this.#settle(running, (attempt) => attempt.done(value));
        return;
      }
      case STREAM_ENDED: {
        const sent = message[2];
        this.#settle(running, (attempt) => {
          if (sent === running.partials) attempt.done(undefined);
          else attempt.failed(lost(attempt.id, sent, running.partials));
        });
        return;
      }
      case THREW: {
        const error = decodeThrown(message[2]);
        this.#settle(running, (attempt) => attempt.failed(error));
        return;
      }
    }
  }

  /** The worker goes on when the result has been taken: a free stream is some way ahead, one that is paced waits for it. */
  #deliver(running: Given, value: unknown): void {
    const { attempt } = running.assignment;
    const count = this.#partialsCame;
    running.partials++;
    if (attempt.isPaced !== true) takePartial(this.#cells, count);
    const held = attempt.partial(value);
    if (attempt.isPaced === true) void Promise.resolve(held).then(() => takePartial(this.#cells, count, true));
  }

  /** Reports the end of an attempt, with the session ready for the next: what is reported may start it. */
  #settle(given: Given, report: (attempt: Attempt) => void): void {
    const index = this.#given.indexOf(given);
    if (index < 0) return;
    this.#given.splice(index, 1);
    clearTimeout(given.grace);
    if (this.#depth < MAX_GIVEN) this.#depth++;
    if (this.#given.length === 0) this.#rest(false);
    else if (this.#given.length <= RUNNING_OUT) this.#owner.runningOut();
    report(given.assignment.attempt);
  }

  #rest(first: boolean): void {
    if (this.#closing || this.#over) return;
    this.#linger.refresh();
    this.#owner.idle(this, first);
  }

  #lingered(): void {
    if (!this.isStarting && this.#given.length === 0) this.end();
  }

  /** Sends what has been given, in one message unless something in it cannot be sent. */
  #send(given: readonly Given[]): void {
    try {
      this.#post([RUN, given.map(orderOf)]);
    } catch (error) {
      const [only] = given;
      if (only === undefined) return;
      if (given.length > 1) {
        for (const each of given) this.#send([each]);
      } else if (claim(this.#cells, only.seq)) {
        const { args } = only.assignment.attempt;
        this.#settle(only, (it) => it.failed(postingFailure(THREAD, it.id, 'args', args, error)));
      }
    }
  }

  /** A message came that this thread cannot read, so that what the worker does is no longer known. */
  #broken(error: unknown): void {
    const taken = this.takeBack();
    this.terminate();
    const running = this.#given[0];
    if (running !== undefined) this.#settle(running, (attempt) => attempt.failed(error));
    this.#owner.putBack(taken);
  }

  #ended(failure: { readonly cause: unknown } | undefined): void {
    if (this.#over) return;
    // What the worker said before it ended counts, and it is all here: it was posted before the thread could end.
    this.#close();
    for (let entry = receiveMessageOnPort(this.#port); entry !== undefined; entry = receiveMessageOnPort(this.#port)) {
      this.#received(entry.message);
    }
    this.#over = true;
    clearTimeout(this.#linger);
    this.#port.close();
    const isUnasked = failure !== undefined && this.#given.length === 0 && !this.#terminated;
    this.#strike(failure?.cause);
    this.#owner.over(this, isUnasked ? { cause: failure.cause, wasReady: !this.isStarting } : undefined);
  }

  /** The worker has ended: what had begun fails, the rest may run elsewhere. */
  #strike(cause: unknown): void {
    const waiting = this.takeBack();
    const begun = this.#given.splice(0);
    const suspect = begun.length === 0 ? waiting.shift() : undefined;
    this.#owner.putBack(waiting);
    if (suspect !== undefined) this.#owner.handBack(suspect, cause);
    for (const { assignment, aborted, grace } of begun) {
      clearTimeout(grace);
      const { attempt } = assignment;
      attempt.failed(
        aborted === undefined ? new WorkerCrashed(attempt.id, cause) : new TaskCancelled(attempt.id, aborted.reason),
      );
    }
  }
}

function orderOf({ assignment, seq }: Given): Order {
  const { stream, isPaced = false, id, queue, attempt, args } = assignment.attempt;
  const kind = stream ? (isPaced ? 'paced' : 'free') : 'none';
  return [seq, assignment.name, kind, id, queue, attempt, args];
}

function lost(task: string, sent: number, arrived: number): SchedulerError {
  return new SchedulerError(
    'InvariantBroken',
    `task ${task} sent ${sent} partial results, of which ${arrived} arrived`,
    {
      tasks: [task],
    },
  );
}
