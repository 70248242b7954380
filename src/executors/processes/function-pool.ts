/**
 * Runs the functions of a module in worker processes. It owns the workers, and gives them the attempts that wait in its intake.
 * Where the system has no room for another process, it makes do with those that it has.
 */
import type { execaNode } from 'execa';
import type { Attempt } from '../../core/ports.js';
import { atMost } from '../remote/at-most.js';
import { type Assignment, Intake, type WorkerLoss } from '../remote/intake.js';
import type { ModuleOptions } from './options.js';
import { checkRoom, type ProcessRoom } from './process-room.js';
import { type WorkerOwner, WorkerProcess, workerProgram } from './worker-process.js';

/**
 * The workers of one executor. None exists before the first attempt.
 *
 * @internal
 */
export class FunctionPool implements WorkerOwner {
  readonly #options: ModuleOptions;
  readonly #program = workerProgram();
  readonly #intake: Intake;
  /** All that have not ended. */
  readonly #workers = new Set<WorkerProcess>();
  readonly #room: ProcessRoom;
  /** How many workers there are, those included that wait for room: never more than the size of the pool. */
  #places = 0;
  /** For each worker that waits for room, what ends its wait. */
  readonly #waitingForRoom = new Set<() => void>();
  /** The last to become idle stands last and is used first, so that the others can end. */
  readonly #idle: WorkerProcess[] = [];
  #isAssigning = false;
  #start: typeof execaNode | undefined;

  constructor(options: ModuleOptions, room: ProcessRoom) {
    this.#options = options;
    this.#room = room;
    this.#intake = new Intake(
      options.moduleHref,
      'processes',
      () => this.#assign(),
      async () => void (this.#start = (await import('execa')).execaNode),
    );
  }

  run(attempt: Attempt): void {
    this.#intake.take(attempt);
  }

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    for (const worker of this.#workers) if (worker.abort(attempt, reason, graceMs)) return;
    this.#intake.drop(attempt, reason);
  }

  /** Lets idle workers exit, and kills the others. */
  async close(): Promise<void> {
    this.#intake.close();
    for (const wake of this.#waitingForRoom) wake();
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
    // One that was refused is tried again.
    if (loss !== undefined && worker.refusal === undefined) this.#intake.lost(loss);
    this.#assign();
  }

  /** Gives waiting attempts to idle workers. A loop: a nested call leaves the work to the outer one. */
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

  /** Starts a worker for every waiting attempt beyond those already starting, within the size of the pool. */
  #startWorkers(): void {
    const start = this.#start;
    if (this.#intake.isClosed || start === undefined) return;
    let starting = this.#waitingForRoom.size;
    for (const worker of this.#workers) if (worker.isStarting) starting += 1;
    for (; starting < this.#intake.waiting.size && this.#places < this.#options.size; starting += 1) {
      this.#places += 1;
      void this.#worker(start).finally(() => {
        this.#places -= 1;
        this.#assign();
      });
    }
  }

  /** One worker, from the wait for room to its end. */
  async #worker(start: typeof execaNode): Promise<void> {
    let endWait: (() => void) | undefined;
    const refusal = await this.#room.through(
      (others) => {
        if (endWait !== undefined) this.#waitingForRoom.delete(endWait);
        return this.#run(start, others);
      },
      (refused) => refused !== undefined,
      (wake) => {
        endWait = wake;
        this.#waitingForRoom.add(wake);
      },
    );
    if (refusal !== undefined) this.#intake.lost({ cause: refusal, wasReady: false });
  }

  /** Resolves when the worker has ended, or with the error of a system that has no room for it. */
  async #run(start: typeof execaNode, others: number): Promise<unknown> {
    if (this.#intake.isClosed || this.#intake.waiting.size === 0) return undefined;
    try {
      checkRoom(others);
    } catch (error) {
      return error;
    }
    const worker = new WorkerProcess(this.#program, this.#options, this, start);
    this.#workers.add(worker);
    await worker.finished;
    return worker.refusal;
  }
}
