/**
 * The functions of a module at work in worker processes. It owns the workers, and gives them what
 * waits in its intake.
 */
import type { execaNode } from 'execa';
import type { Attempt } from '../../core/ports.js';
import { atMost } from '../remote/at-most.js';
import { type Assignment, Intake, type WorkerLoss } from '../remote/intake.js';
import type { ModuleOptions } from './options.js';
import { processPackage } from './process-package.js';
import { type WorkerOwner, WorkerProcess } from './worker-process.js';

/**
 * The workers of one executor. None is there before there is something to run.
 *
 * @internal
 */
export class FunctionPool implements WorkerOwner {
  readonly #options: ModuleOptions;
  readonly #intake: Intake;
  /** All that are not over: never more than the size of the pool. */
  readonly #workers = new Set<WorkerProcess>();
  /** The one that came to rest last stands last and is used first, so that the others may end. */
  readonly #idle: WorkerProcess[] = [];
  #isAssigning = false;
  #start: typeof execaNode | undefined;

  constructor(options: ModuleOptions) {
    this.#options = options;
    this.#intake = new Intake(
      options.moduleHref,
      'processes',
      () => this.#assign(),
      () => this.#load(),
    );
  }

  run(attempt: Attempt): void {
    this.#intake.take(attempt);
  }

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    for (const worker of this.#workers) if (worker.abort(attempt, reason, graceMs)) return;
    this.#intake.drop(attempt, reason);
  }

  /** Lets the workers that rest go, and ends the others. */
  async close(): Promise<void> {
    this.#intake.close();
    const resting = [...this.#idle];
    for (const worker of resting) worker.end();
    await atMost(this.#options.graceMs, Promise.all(resting.map((worker) => worker.finished)));
    const left = [...this.#workers];
    for (const worker of left) worker.kill();
    await Promise.all(left.map((worker) => worker.finished));
  }

  idle(worker: WorkerProcess, first: boolean): void {
    if (first) this.#intake.cameUp();
    this.#idle.push(worker);
    this.#assign();
  }

  closing(worker: WorkerProcess): void {
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  handBack(assignment: Assignment, cause: unknown): void {
    this.#intake.handBack(assignment, cause);
  }

  over(worker: WorkerProcess, loss: WorkerLoss | undefined): void {
    this.#workers.delete(worker);
    if (loss !== undefined) this.#intake.lost(loss);
    this.#assign();
  }

  /** Brings together what waits and who is at rest. A loop, also where beginning one attempt leads back to here. */
  #assign(): void {
    if (this.#isAssigning) return;
    this.#isAssigning = true;
    try {
      while (this.#intake.waiting.size > 0) {
        const worker = this.#idle.pop();
        if (worker === undefined) break;
        const next = this.#intake.waiting.shift();
        if (next !== undefined) worker.give(next);
      }
    } finally {
      this.#isAssigning = false;
    }
    this.#startWorkers();
  }

  async #load(): Promise<void> {
    this.#start = (await processPackage()).execaNode;
  }

  /** Starts a worker for every waiting attempt for which none is on its way, as far as the pool goes. */
  #startWorkers(): void {
    const start = this.#start;
    if (this.#intake.isClosed || start === undefined) return;
    let starting = 0;
    for (const worker of this.#workers) if (worker.isStarting) starting += 1;
    for (; starting < this.#intake.waiting.size && this.#workers.size < this.#options.size; starting += 1) {
      this.#workers.add(new WorkerProcess(this.#options, this, start));
    }
  }
}
