/**
 * The main thread's side of a session: the time during which one worker takes attempts, one at a time. Some are given to it
 * ahead, so that it need not wait for the next; until it begins them they can be taken back.
 *
 * To piscina a session is a single long task, and the end of the worker, whatever its cause, is the rejection of that task.
 * Everything about an attempt goes through the session's own port. A session without work ends soon, because piscina keeps the
 * process alive as long as it lasts; its worker then waits for the next session without holding anything.
 *
 * Invariant: an attempt given to `give` is reported exactly once, by its own `done` or `failed` or by handing it back.
 */
import { SchedulerError, TaskCancelled, WorkerCrashed } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';
import { postingFailure, THREAD } from '../remote/cloneability.js';
import type { Assignment, WorkerLoss } from '../remote/intake.js';
import { type Given, GivenAttempts, orderOf } from './given-attempts.js';
import { ABORT, END_SESSION, PARTIAL, READY, RETURNED, RUN, STREAM_ENDED, THREW } from './messages.js';
import type { FromWorker, SessionStart } from './messages.js';
import type { SettledOptions } from './options.js';
import { claim, createCells, isSignalWanted, markAborted, takePartial } from './session-cells.js';
import { SessionPort } from './session-port.js';
import { decodeThrown, encodeThrown } from '../remote/thrown-value.js';
import type { WorkerPool } from './worker-pool.js';

/**
 * Hears from a session. Each call is made after the session has entered the state that the call reports.
 *
 * @internal
 */
export interface SessionOwner {
  /** The worker waits for an attempt. `first`: it has just started. */
  idle(session: Session, first: boolean): void;
  /** The worker is at the last of the attempts it was given, or about to be. */
  runningOut(): void;
  /** The session takes no more attempts. */
  closing(session: Session): void;
  /** The worker ended when this attempt was the next to begin: it may run elsewhere. */
  handBack(assignment: Assignment, cause: unknown): void;
  /** These attempts have not begun, and wait for a worker again. */
  putBack(assignments: readonly Assignment[]): void;
  /** The session has ended; the last call. */
  over(session: Session, loss: WorkerLoss | undefined): void;
}

// Long enough for a dependent to start on the same worker, short enough not to be noticed when a process exits.
const LINGER_MS = 50;

/**
 * The main thread's side of one session, which begins with its construction.
 *
 * @internal
 */
export class Session {
  /** Resolves when the session has ended. */
  readonly finished: Promise<void>;
  readonly #pool: WorkerPool;
  readonly #options: SettledOptions;
  readonly #owner: SessionOwner;
  readonly #port: SessionPort;
  readonly #cells = createCells();
  readonly #linger: NodeJS.Timeout;
  /** Zero until the worker is ready. */
  #threadId = 0;
  readonly #given = new GivenAttempts(this.#cells);
  #partialsCame = 0;
  #closing = false;
  #terminated = false;
  #over = false;

  constructor(pool: WorkerPool, options: SettledOptions, owner: SessionOwner) {
    this.#pool = pool;
    this.#options = options;
    this.#owner = owner;
    this.#port = new SessionPort({
      received: (message) => this.#received(message),
      broken: (error) => this.#broken(error),
    });
    this.#linger = setTimeout(() => {
      if (!this.isStarting && this.#given.count === 0) this.end();
    }, LINGER_MS);
    const start: SessionStart = {
      port: this.#port.workerEnd,
      cells: this.#cells,
      moduleHref: options.moduleHref,
      share: options.share,
    };
    this.finished = pool.run(start).then(
      () => this.#ended(undefined),
      (error: unknown) => this.#ended({ cause: error }),
    );
  }

  /** Whether the worker has yet to start. */
  get isStarting(): boolean {
    return this.#threadId === 0;
  }

  /** How many attempts the worker has been given and not ended. */
  get load(): number {
    return this.#given.count;
  }

  /** How many more attempts may be given: none before the worker runs out of them. */
  get room(): number {
    return this.isStarting || this.#closing ? 0 : this.#given.room;
  }

  /** Of the attempts that have certainly not begun, the one that was given first. */
  get firstAhead(): Assignment | undefined {
    return this.#given.firstAhead?.assignment;
  }

  /** Gives the worker attempts to begin, one after another. Those whose arguments cannot be sent fail. */
  give(assignments: readonly Assignment[]): void {
    this.#send(this.#given.add(assignments));
  }

  /** Takes back, in order, what has not begun. The worker then has to earn again that it is given several. With nothing left it rests. */
  takeBack(): Assignment[] {
    const taken = this.#given.takeBack();
    if (taken.length > 0 && this.#given.count === 0) this.#rest(false);
    return taken;
  }

  /** Ends `attempt` if it was given to this session; returns false if not. A second call can only shorten the grace. */
  abort(attempt: Attempt, reason: unknown, graceMs = this.#options.graceMs): boolean {
    const given = this.#given.find(attempt);
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
      this.#port.post([ABORT, given.seq, encodeThrown(THREAD, reason)]);
      markAborted(this.#cells, given.seq);
      given.grace = setTimeout(() => this.#terminateUnder(given), graceMs);
    } else {
      this.#terminateUnder(given);
    }
    return true;
  }

  /** Releases the worker once its output has been written. No attempt may be running. */
  end(): void {
    if (this.#closing) return;
    this.#close();
    this.#port.post([END_SESSION]);
  }

  /** Ends the worker if it is still running `given`; if it has ended that, the report is on its way. */
  #terminateUnder(given: Given): void {
    const taken = this.takeBack();
    // All the rest has been taken back, so the worker can get no further than the last attempt left here.
    if (this.#given.last === given) this.terminate();
    this.#owner.putBack(taken);
  }

  /** Ends the worker, whatever it is doing. The attempt it was running is reported when the thread has ended. */
  terminate(): void {
    this.#terminated = true;
    this.#close();
    this.#pool.terminate(this.#threadId);
  }

  /** The worker never started: piscina has none for this session. */
  abandon(cause: unknown): void {
    this.#ended({ cause });
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#owner.closing(this);
  }

  #received(message: FromWorker): void {
    if (message[0] === READY) {
      this.#threadId = message[1];
      this.#rest(true);
      return;
    }
    if (message[0] === PARTIAL) this.#partialsCame++;
    const running = this.#given.first;
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

  /** Taking the result lets the worker continue: a free stream runs some way ahead, a paced one waits for each result. */
  #deliver(running: Given, value: unknown): void {
    const { attempt } = running.assignment;
    const count = this.#partialsCame;
    running.partials++;
    if (attempt.isPaced !== true) takePartial(this.#cells, count);
    const held = attempt.partial(value);
    if (attempt.isPaced === true) void Promise.resolve(held).then(() => takePartial(this.#cells, count, true));
  }

  /** Reports the end of an attempt, after making the session ready for the next: the report may start it. */
  #settle(given: Given, report: (attempt: Attempt) => void): void {
    if (!this.#given.remove(given)) return;
    clearTimeout(given.grace);
    if (this.#given.count === 0) this.#rest(false);
    else if (this.#given.isRunningOut) this.#owner.runningOut();
    report(given.assignment.attempt);
  }

  #rest(first: boolean): void {
    if (this.#closing || this.#over) return;
    this.#linger.refresh();
    this.#owner.idle(this, first);
  }

  /** Sends the attempts, in one message unless something in it cannot be sent. */
  #send(given: readonly Given[]): void {
    try {
      this.#port.post([RUN, given.map(orderOf)]);
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

  /** A message could not be read, so the state of the worker is unknown. */
  #broken(error: unknown): void {
    const taken = this.#given.takeBack();
    this.terminate();
    const running = this.#given.first;
    if (running !== undefined) this.#settle(running, (attempt) => attempt.failed(error));
    this.#owner.putBack(taken);
  }

  #ended(failure: { readonly cause: unknown } | undefined): void {
    if (this.#over) return;
    // Messages posted before the worker ended still count, and all of them have arrived.
    this.#close();
    this.#port.drain();
    this.#over = true;
    clearTimeout(this.#linger);
    this.#port.close();
    const isUnasked = failure !== undefined && this.#given.count === 0 && !this.#terminated;
    this.#strike(failure?.cause);
    this.#owner.over(this, isUnasked ? { cause: failure.cause, wasReady: !this.isStarting } : undefined);
  }

  /** The worker has ended: an attempt that had begun fails, the others may run elsewhere. */
  #strike(cause: unknown): void {
    const waiting = this.#given.takeBack();
    const begun = this.#given.clear();
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

function lost(task: string, sent: number, arrived: number): SchedulerError {
  const message = `task ${task} sent ${sent} partial results, of which ${arrived} arrived`;
  return new SchedulerError('InvariantBroken', message, { tasks: [task] });
}
