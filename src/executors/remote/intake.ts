/**
 * The attempts that a pool has accepted and not yet given to a worker: calls of functions of one module, held until the module
 * is loaded and then waiting in the order of their arrival. The pool decides which worker takes them.
 *
 * Invariant: an accepted attempt is given out, or reported as failed, exactly once.
 */
import { describe, SchedulerError, TaskCancelled, WorkerCrashed } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';
import { ExportedFunctions } from './exported-functions.js';
import { WaitingLine } from './waiting-line.js';

/**
 * An attempt on its way to a worker.
 *
 * @internal
 */
export interface Assignment {
  readonly attempt: Attempt;
  /** The name under which its function is exported. */
  readonly name: string;
  /** Its number in the order of arrival at the executor. */
  readonly arrival: number;
  /** How often a worker has ended when this attempt was the next to begin. */
  takeovers: number;
}

/**
 * The unexpected end of a worker that was running no attempt.
 *
 * @internal
 */
export interface WorkerLoss {
  readonly cause: unknown;
  /** Whether the worker had started. */
  readonly wasReady: boolean;
}

// An attempt whose workers have ended more often than this before it began is taken to be the cause.
const MAX_TAKEOVERS = 3;

// From this many workers in a row that did not start, each fails an attempt instead of being replaced.
const MAX_FAILED_STARTS = 3;

type ModuleState =
  | { readonly state: 'unasked' }
  | { readonly state: 'loading'; readonly early: Set<Attempt> }
  | { readonly state: 'loaded'; readonly functions: ExportedFunctions }
  | { readonly state: 'failed'; readonly error: unknown };

/**
 * The intake of one pool.
 *
 * @internal
 */
export class Intake {
  readonly waiting = new WaitingLine<Assignment>();
  readonly #moduleHref: string;
  readonly #workers: string;
  readonly #arrived: () => void;
  readonly #prepare: () => Promise<void>;
  #module: ModuleState = { state: 'unasked' };
  #lastArrival = 0;
  #failedStarts = 0;
  #isClosed = false;

  /**
   * `workers` is what the workers are, for messages; `arrived` is called when an attempt has joined the line, which is after
   * `prepare` has resolved. If `prepare` rejects, every attempt fails with its error.
   */
  constructor(moduleHref: string, workers: string, arrived: () => void, prepare: () => Promise<void>) {
    this.#moduleHref = moduleHref;
    this.#workers = workers;
    this.#arrived = arrived;
    this.#prepare = prepare;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  take(attempt: Attempt): void {
    if (this.#isClosed) {
      this.#refuse(attempt);
      return;
    }
    switch (this.#module.state) {
      case 'unasked':
        this.#module = { state: 'loading', early: new Set([attempt]) };
        void this.#load(this.#module.early);
        return;
      case 'loading':
        this.#module.early.add(attempt);
        return;
      case 'failed':
        attempt.failed(this.#module.error);
        return;
      case 'loaded':
        this.#enqueue(attempt, this.#module.functions);
        return;
    }
  }

  /** Fails the attempt, which is no longer wanted, if it is still here. */
  drop(attempt: Attempt, reason: unknown): void {
    const isEarly = this.#module.state === 'loading' && this.#module.early.delete(attempt);
    if (isEarly || this.waiting.take((assignment) => assignment.attempt === attempt) !== undefined) {
      attempt.failed(new TaskCancelled(attempt.id, reason));
    }
  }

  /** Fails all waiting attempts, and from now on every new one. */
  close(): void {
    this.#isClosed = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) this.#refuse(next.attempt);
  }

  /** Returns an attempt that has not begun to its place in the line. */
  putBack(assignment: Assignment): void {
    if (this.#isClosed) this.#refuse(assignment.attempt);
    else this.waiting.putBack(assignment);
  }

  /** As `putBack`, for an attempt whose worker has ended; fails it if that has happened too often. */
  handBack(assignment: Assignment, cause: unknown): void {
    const { attempt } = assignment;
    if (this.#isClosed || ++assignment.takeovers > MAX_TAKEOVERS) attempt.failed(new WorkerCrashed(attempt.id, cause));
    else this.waiting.putBack(assignment);
  }

  /** A worker has started. */
  cameUp(): void {
    this.#failedStarts = 0;
  }

  /** A worker has ended unasked. */
  lost({ cause, wasReady }: WorkerLoss): void {
    if (this.#isClosed) return;
    if (wasReady) {
      // It failed no attempt, but should not go unnoticed.
      process.emitWarning(`a worker of ${this.#moduleHref} ended while idle: ${describe(cause)}`);
    } else if (++this.#failedStarts >= MAX_FAILED_STARTS) {
      const attempt = this.waiting.shift()?.attempt;
      attempt?.failed(new WorkerCrashed(attempt.id, cause));
    }
  }

  async #load(early: ReadonlySet<Attempt>): Promise<void> {
    try {
      const [functions] = await Promise.all([ExportedFunctions.of(this.#moduleHref), this.#prepare()]);
      this.#module = { state: 'loaded', functions };
    } catch (error) {
      this.#module = { state: 'failed', error };
    }
    for (const attempt of early) this.take(attempt);
  }

  #enqueue(attempt: Attempt, functions: ExportedFunctions): void {
    const name = functions.nameOf(attempt.fn);
    if (name === undefined) {
      attempt.failed(functions.notFound(attempt.fn, attempt.id));
      return;
    }
    this.waiting.push({ attempt, name, arrival: ++this.#lastArrival, takeovers: 0 });
    this.#arrived();
  }

  #refuse(attempt: Attempt): void {
    const message = `task ${attempt.id}: its ${this.#workers} are closed`;
    attempt.failed(new SchedulerError('SchedulerClosed', message, { tasks: [attempt.id] }));
  }
}
