/**
 * The functions of a module at work in worker processes. It owns the line of attempts that wait for a worker, in the order
 * in which they came, and the workers that take them.
 */
import { describe, SchedulerError, TaskCancelled, WorkerCrashed } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';
import { atMost } from '../remote/at-most.js';
import { ExportedFunctions } from '../remote/exported-functions.js';
import { WaitingLine } from '../remote/waiting-line.js';
import type { ModuleOptions } from './options.js';
import { type Assignment, type WorkerLoss, type WorkerOwner, WorkerProcess } from './worker-process.js';

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
 * The workers of one executor. None is there before there is something to run.
 *
 * @internal
 */
export class FunctionPool implements WorkerOwner {
  readonly #options: ModuleOptions;
  readonly #waiting = new WaitingLine<Assignment>();
  /** All that are not over: never more than the size of the pool. */
  readonly #workers = new Set<WorkerProcess>();
  /** The one that came to rest last stands last and is used first, so that the others may end. */
  readonly #idle: WorkerProcess[] = [];
  #module: ModuleState = { state: 'unasked' };
  #failedStarts = 0;
  #lastArrival = 0;
  #isAssigning = false;
  #isClosed = false;

  constructor(options: ModuleOptions) {
    this.#options = options;
  }

  run(attempt: Attempt): void {
    if (this.#isClosed) {
      attempt.failed(closedError(attempt));
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

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    for (const worker of this.#workers) if (worker.abort(attempt, reason, graceMs)) return;
    const isEarly = this.#module.state === 'loading' && this.#module.early.delete(attempt);
    if (isEarly || this.#waiting.take((assignment) => assignment.attempt === attempt) !== undefined) {
      attempt.failed(new TaskCancelled(attempt.id, reason));
    }
  }

  /** Lets the workers that rest go, and ends the others. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.attempt.failed(closedError(next.attempt));
    }
    const resting = [...this.#idle];
    for (const worker of resting) worker.end();
    await atMost(this.#options.graceMs, Promise.all(resting.map((worker) => worker.finished)));
    const left = [...this.#workers];
    for (const worker of left) worker.kill();
    await Promise.all(left.map((worker) => worker.finished));
  }

  idle(worker: WorkerProcess, first: boolean): void {
    if (first) this.#failedStarts = 0;
    this.#idle.push(worker);
    this.#assign();
  }

  closing(worker: WorkerProcess): void {
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  handBack(assignment: Assignment, cause: unknown): void {
    const { attempt } = assignment;
    if (this.#isClosed || ++assignment.takeovers > MAX_TAKEOVERS) attempt.failed(new WorkerCrashed(attempt.id, cause));
    else this.#waiting.putBack(assignment);
  }

  over(worker: WorkerProcess, loss: WorkerLoss | undefined): void {
    this.#workers.delete(worker);
    if (loss !== undefined && !this.#isClosed) {
      if (loss.wasReady) {
        // It harmed no attempt, but should not end unnoticed.
        process.emitWarning(`a worker of ${this.#options.moduleHref} ended at rest: ${describe(loss.cause)}`);
      } else if (++this.#failedStarts >= MAX_FAILED_STARTS) {
        const attempt = this.#waiting.shift()?.attempt;
        attempt?.failed(new WorkerCrashed(attempt.id, loss.cause));
      }
    }
    this.#assign();
  }

  async #load(early: ReadonlySet<Attempt>): Promise<void> {
    try {
      this.#module = { state: 'loaded', functions: await ExportedFunctions.of(this.#options.moduleHref) };
    } catch (error) {
      this.#module = { state: 'failed', error };
    }
    for (const attempt of early) this.run(attempt);
  }

  #enqueue(attempt: Attempt, functions: ExportedFunctions): void {
    const name = functions.nameOf(attempt.fn);
    if (name === undefined) {
      attempt.failed(functions.notFound(attempt.fn, attempt.id));
      return;
    }
    this.#waiting.push({ attempt, name, arrival: ++this.#lastArrival, takeovers: 0 });
    this.#assign();
  }

  /** Brings together what waits and who is at rest. A loop, also where beginning one attempt leads back to here. */
  #assign(): void {
    if (this.#isAssigning) return;
    this.#isAssigning = true;
    try {
      while (this.#waiting.size > 0) {
        const worker = this.#idle.pop();
        if (worker === undefined) break;
        const next = this.#waiting.shift();
        if (next !== undefined) worker.give(next);
      }
    } finally {
      this.#isAssigning = false;
    }
    this.#startWorkers();
  }

  /** Starts a worker for every waiting attempt for which none is on its way, as far as the pool goes. */
  #startWorkers(): void {
    if (this.#isClosed) return;
    let starting = 0;
    for (const worker of this.#workers) if (worker.isStarting) starting += 1;
    for (; starting < this.#waiting.size && this.#workers.size < this.#options.size; starting += 1) {
      this.#workers.add(new WorkerProcess(this.#options, this));
    }
  }
}

function closedError(attempt: Attempt): SchedulerError {
  return new SchedulerError('SchedulerClosed', `task ${attempt.id}: its processes are closed`, { tasks: [attempt.id] });
}
