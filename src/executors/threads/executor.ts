/**
 * The executor that runs attempts on worker threads. It owns the sessions, and gives them the attempts that wait in its intake.
 */
import type { Attempt, Executor } from '../../core/ports.js';
import { atMost } from '../remote/at-most.js';
import { type Assignment, Intake, type WorkerLoss } from '../remote/intake.js';
import { type SettledOptions, settleOptions, type ThreadsOptions } from './options.js';
import type { WaitingLine } from '../remote/waiting-line.js';
import { Session, type SessionOwner } from './session.js';
import { WorkerPool } from './worker-pool.js';

// An attempt given ahead to a busy worker is taken back for another once this many younger ones have overtaken it.
const MAX_OVERTAKEN = 64;

// How long idle workers have to write out their output. A slower worker still writes it, unless the process ends.
const DRAIN_MS = 1_000;

/**
 * Runs the functions that `moduleUrl` exports on worker threads, unchanged: submit them as the main thread imports
 * them. Workers start when there is work and end after `idleMs` without any; an idle pool does not keep the process
 * alive. Arguments and results are cloned (or shared, see `share`). Attempts start in the order in which
 * they were submitted to the executor, one at a time on each worker.
 *
 * A worker that has completed several attempts is given up to 16 at a time, so that it need not wait for the next: let the
 * `concurrency` of a queue of short tasks be several times `size`. An attempt that its worker has not begun is taken back when it
 * is aborted, when the worker ends, when another worker has nothing to do, or when 64 younger ones have overtaken it.
 *
 * An attempt fails with the error that its function throws; with `FunctionNotFound` if the function is not an export of the
 * module; with the module's own error, or `ModuleNotLoaded`, if it cannot be loaded; with `NotCloneable` if an argument or a result cannot be cloned;
 * with `WorkerCrashed` if its worker exits, crashes or runs out of memory; with `MissingPackage` if piscina, which runs the
 * workers, is not installed. An error keeps its message, name, stack, cause and own properties, and its class if that is one of
 * JavaScript or of pullgraph.
 *
 * @throws SchedulerError `InvalidOption`; `WorkerFileMissing` where pullgraph was bundled into the program.
 * @public
 */
export function threads(moduleUrl: URL | string, options: ThreadsOptions = {}): Executor {
  return new ThreadsExecutor(settleOptions(moduleUrl, options));
}

class ThreadsExecutor implements Executor, SessionOwner {
  readonly name = 'threads';
  readonly #options: SettledOptions;
  readonly #pool: WorkerPool;
  readonly #intake: Intake;
  /** All that have not ended: never more than the size of the pool. */
  readonly #sessions = new Set<Session>();
  /** The last to become idle stands last and is used first, so that the others can end. */
  readonly #idle: Session[] = [];
  #assigning = false;
  #isSharingDue = false;

  constructor(options: SettledOptions) {
    this.#options = options;
    this.#pool = new WorkerPool(options, (cause) => this.#workerGone(cause));
    this.#intake = new Intake(
      options.moduleHref,
      'threads',
      () => this.#assign(),
      () => this.#pool.load(),
    );
  }

  run(attempt: Attempt): void {
    this.#intake.take(attempt);
  }

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    for (const session of this.#sessions) if (session.abort(attempt, reason, graceMs)) return;
    this.#intake.drop(attempt, reason);
  }

  async close(): Promise<void> {
    this.#intake.close();
    for (const session of this.#sessions) this.putBack(session.takeBack());
    const resting = [...this.#idle];
    for (const session of resting) session.end();
    await atMost(DRAIN_MS, Promise.all(resting.map((session) => session.finished)));
    await this.#pool.destroy();
  }

  idle(session: Session, first: boolean): void {
    if (first) this.#intake.cameUp();
    this.#idle.push(session);
    this.#assign();
    this.#shareSoon();
  }

  runningOut(): void {
    this.#assign();
  }

  closing(session: Session): void {
    const index = this.#idle.indexOf(session);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  handBack(assignment: Assignment, cause: unknown): void {
    this.#intake.handBack(assignment, cause);
    this.#assign();
  }

  putBack(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) this.#intake.putBack(assignment);
    this.#assign();
  }

  over(session: Session, loss: WorkerLoss | undefined): void {
    this.#sessions.delete(session);
    if (loss !== undefined) this.#intake.lost(loss);
    this.#assign();
    // While the session was ending it was not idle, and left no room for another.
    if (this.#waiting.size === 0 && !this.#isFull) this.#takeBackFromBusiest();
  }

  /** Gives waiting attempts to workers with room. A loop: a nested call leaves the work to the outer one. */
  #assign(): void {
    if (this.#assigning) return;
    this.#assigning = true;
    try {
      for (let session = this.#next(); session !== undefined; session = this.#next()) {
        this.#takeBackOvertaken(session);
        session.give(this.#takeFor(session));
      }
    } finally {
      this.#assigning = false;
    }
    this.#open();
  }

  get #waiting(): WaitingLine<Assignment> {
    return this.#intake.waiting;
  }

  /** The session to give waiting attempts to: idle ones first. */
  #next(): Session | undefined {
    if (this.#waiting.size === 0) return undefined;
    const idle = this.#idle.pop();
    if (idle !== undefined || !this.#isFull) return idle;
    for (const session of this.#sessions) if (session.room > 0) return session;
    return undefined;
  }

  /** Whether no further session can be started. */
  get #isFull(): boolean {
    return this.#sessions.size >= this.#options.size;
  }

  /** Takes the attempts for `session` out of the line: several only if the other sessions get as many. */
  #takeFor(session: Session): Assignment[] {
    const share = this.#isFull ? Math.ceil(this.#waiting.size / this.#options.size) : 1;
    const count = Math.max(1, Math.min(share, session.room));
    const taken: Assignment[] = [];
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      taken.push(next);
      if (taken.length === count) break;
    }
    return taken;
  }

  /** Called before `taker` is given attempts: takes back those given ahead to workers that have been busy for too long. */
  #takeBackOvertaken(taker: Session): void {
    const head = this.#waiting.first?.arrival ?? 0;
    for (const session of this.#sessions) {
      const ahead = session === taker ? undefined : session.firstAhead;
      if (ahead !== undefined && head - ahead.arrival > MAX_OVERTAKEN) this.putBack(session.takeBack());
    }
  }

  /** After all messages that have arrived are handled: lets an idle worker take over attempts given ahead to a busy one. */
  #shareSoon(): void {
    if (this.#isSharingDue || this.#idle.length === 0 || !this.#hasAhead()) return;
    this.#isSharingDue = true;
    setImmediate(() => {
      this.#isSharingDue = false;
      this.#share();
    });
  }

  #share(): void {
    // Another worker may rest yet, and another be given ahead.
    if (this.#idle.length > 0 && this.#takeBackFromBusiest()) this.#shareSoon();
  }

  /** What was given ahead to the worker that has most waits again. Returns false if there is nothing. */
  #takeBackFromBusiest(): boolean {
    let busiest: Session | undefined;
    for (const session of this.#sessions) if (session.load > (busiest?.load ?? 1)) busiest = session;
    const taken = busiest?.takeBack() ?? [];
    if (taken.length > 0) this.putBack(taken);
    return taken.length > 0;
  }

  #hasAhead(): boolean {
    for (const session of this.#sessions) if (session.load > 1) return true;
    return false;
  }

  /** Starts a session for every waiting attempt beyond those already starting, within the size of the pool. */
  #open(): void {
    if (this.#waiting.size === 0 || this.#isFull) return;
    let starting = 0;
    for (const session of this.#sessions) if (session.isStarting) starting++;
    while (starting++ < this.#waiting.size && !this.#isFull) {
      this.#sessions.add(new Session(this.#pool, this.#options, this));
    }
  }

  /**
   * A worker that ended while starting leaves behind a session that waits for it. Piscina does not report that: it keeps the
   * session until another worker is free.
   */
  #workerGone(cause: unknown): void {
    // With no worker left, piscina would keep them for good.
    if (this.#sessions.size > 0 && this.#pool.threadCount === 0) void this.#pool.destroy();
    for (const session of this.#sessions) {
      if (this.#sessions.size <= this.#pool.threadCount) return;
      if (session.isStarting) session.abandon(cause);
    }
  }
}
