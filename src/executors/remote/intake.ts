/**
 * What a pool of workers has taken in and not given to a worker: attempts at functions of one module, which are held until the
 * module is loaded and then wait in a line, in the order in which they came. The pool decides who takes them.
 *
 * Invariant: an attempt that was taken in is given out, or reported as failed, exactly once.
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
  /** The export that its function is. */
  readonly name: string;
  /** Its place among all that came to the executor. */
  readonly arrival: number;
  /** How often its worker ended when it was the next to begin. */
  takeovers: number;
}

/**
 * The end of a worker that was asked for by nobody and struck no attempt.
 *
 * @internal
 */
export interface WorkerLoss {
  readonly cause: unknown;
  /** Whether the worker had come up. */
  readonly wasReady: boolean;
}

// How often an attempt is taken over from a worker that ended before it began, until it is held to be the cause.
const MAX_TAKEOVERS = 3;

// After so many workers in a row that did not come up, each further one fails an attempt instead of being tried again.
const MAX_FAILED_STARTS = 3;

type ModuleState =
  | { readonly state: 'unasked' }
  | { readonly state: 'loading'; readonly early: Set<Attempt> }
  | { readonly state: 'loaded'; readonly functions: ExportedFunctions }
  | { readonly state: 'failed'; readonly error: unknown };

/**
 * The intake of one pool. Its line is first in, first out.
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
   * `workers` is what its workers are, for messages; `arrived` is called when something has been put in the line, which is
   * after `prepare` has resolved. What it rejects with, every attempt fails with.
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

  /** The attempt is no longer wanted: it fails if it is still here. */
  drop(attempt: Attempt, reason: unknown): void {
    const isEarly = this.#module.state === 'loading' && this.#module.early.delete(attempt);
    if (isEarly || this.waiting.take((assignment) => assignment.attempt === attempt) !== undefined) {
      attempt.failed(new TaskCancelled(attempt.id, reason));
    }
  }

  /** Fails what waits, and from now on whatever comes. */
  close(): void {
    this.#isClosed = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) this.#refuse(next.attempt);
  }

  /** It has not begun and waits for a worker again, in its place. */
  putBack(assignment: Assignment): void {
    if (this.#isClosed) this.#refuse(assignment.attempt);
    else this.waiting.putBack(assignment);
  }

  /** As `putBack`, for one whose worker has ended, unless that has happened to it too often. */
  handBack(assignment: Assignment, cause: unknown): void {
    const { attempt } = assignment;
    if (this.#isClosed || ++assignment.takeovers > MAX_TAKEOVERS) attempt.failed(new WorkerCrashed(attempt.id, cause));
    else this.waiting.putBack(assignment);
  }

  /** A worker has come up. */
  cameUp(): void {
    this.#failedStarts = 0;
  }

  /** A worker has ended that nobody had asked to. */
  lost({ cause, wasReady }: WorkerLoss): void {
    if (this.#isClosed) return;
    if (wasReady) {
      // It harmed no attempt, but should not end unnoticed.
      process.emitWarning(`a worker of ${this.#moduleHref} ended at rest: ${describe(cause)}`);
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
