/**
 * A worker process as the scheduler's process sees it: it is given one attempt at a time, and tells its owner when it can take
 * another. When it ends, so do the processes that its functions have started and that are still in its process group.
 *
 * Invariant: an attempt given to `give` is reported exactly once, by its own `done` or `failed` or by handing it back.
 */
import { fileURLToPath } from 'node:url';
import type { execaNode } from 'execa';
import { TaskCancelled, WorkerCrashed } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';
import { atMost } from '../remote/at-most.js';
import { postingFailure, PROCESS } from '../remote/cloneability.js';
import type { Assignment, WorkerLoss } from '../remote/intake.js';
import { workerFile } from '../remote/worker-file.js';
import { decodeThrown, encodeThrown } from '../remote/thrown-value.js';
import { ABORT, BEGUN, CRASHING, END, type FromWorker, isFromWorker, PARTIAL, PARTIAL_WINDOW } from './messages.js';
import { READY, RETURNED, RUN, TAKEN, THREW, type ToWorker, UNASKED } from './messages.js';
import type { ModuleOptions } from './options.js';
import { HAS_GROUPS, ProcessGroup } from './process-group.js';
import { isRefusal } from './process-room.js';

/** The program of the workers. @throws SchedulerError `WorkerFileMissing`. @internal */
export function workerProgram(): string {
  return fileURLToPath(workerFile('processes()', './worker.js', import.meta.url));
}

// Only a process that has left the group and holds the channel open can keep it from closing for longer.
const DRAIN_MS = 1_000;

/**
 * Hears from a worker.
 *
 * @internal
 */
export interface WorkerOwner {
  /** The worker waits for an attempt. `first`: it has just started. */
  idle(worker: WorkerProcess, first: boolean): void;
  /** The worker takes no more attempts. */
  closing(worker: WorkerProcess): void;
  /** The worker ended before the function began: the attempt may run elsewhere. */
  handBack(assignment: Assignment, cause: unknown): void;
  /** The worker has ended; the last call. */
  over(worker: WorkerProcess, loss: WorkerLoss | undefined): void;
}

interface Running {
  readonly assignment: Assignment;
  readonly seq: number;
  hasBegun: boolean;
  partials: number;
  aborted: { readonly reason: unknown; readonly grace: NodeJS.Timeout; readonly graceMs: number } | undefined;
}

/**
 * One worker process, started by its construction.
 *
 * @internal
 */
export class WorkerProcess {
  /** Resolves when the worker has ended and its owner has been told. */
  readonly finished: Promise<void>;
  /** The error of a system that had no room for the worker. */
  refusal: unknown = undefined;
  readonly #options: ModuleOptions;
  readonly #owner: WorkerOwner;
  readonly #group = new ProcessGroup();
  readonly #subprocess: ReturnType<typeof start>;
  #isReady = false;
  #isClosing = false;
  #running: Running | undefined;
  #lastSeq = 0;
  #rest: NodeJS.Timeout | undefined;
  #crash: { readonly error: unknown } | undefined;

  constructor(program: string, options: ModuleOptions, owner: WorkerOwner, execute: typeof execaNode) {
    this.#options = options;
    this.#owner = owner;
    this.#subprocess = start(program, options, execute);
    this.#group.ledBy(this.#subprocess.pid);
    this.#subprocess.on('message', (message: unknown) => {
      if (isFromWorker(message)) this.#received(message);
    });
    this.finished = this.#watch();
  }

  /** Whether the worker has yet to start. */
  get isStarting(): boolean {
    return !this.#isReady;
  }

  /** Gives the idle worker an attempt, which fails if its arguments cannot be sent. */
  give(assignment: Assignment): void {
    clearTimeout(this.#rest);
    this.#keepAlive(true);
    const { id, queue, attempt, args, trace } = assignment.attempt;
    const seq = ++this.#lastSeq;
    this.#running = { assignment, seq, hasBegun: false, partials: 0, aborted: undefined };
    try {
      const run = [RUN, seq, assignment.name, windowOf(assignment.attempt), id, queue, attempt, args] as const;
      this.#send(trace === undefined ? run : [...run, trace]);
    } catch (error) {
      this.#settle((it) => it.failed(postingFailure(PROCESS, id, 'args', args, error)));
    }
  }

  #partial(running: Running, value: unknown): void {
    running.partials += 1;
    const { seq, partials, assignment } = running;
    const taken = (): void => {
      if (this.#running === running && running.aborted === undefined) this.#send([TAKEN, seq, partials]);
    };
    const isPaced = assignment.attempt.isPaced === true;
    // Often enough that the worker never waits for a scheduler that keeps up.
    if (!isPaced && partials % (PARTIAL_WINDOW / 2) === 0) taken();
    const held = assignment.attempt.partial(value);
    if (isPaced) void Promise.resolve(held).then(taken);
  }

  /** Ends `attempt` if it was given to this worker; returns false if not. A second call with a grace of 0 ends it at once. */
  abort(attempt: Attempt, reason: unknown, graceMs = this.#options.graceMs): boolean {
    const running = this.#running;
    if (running?.assignment.attempt !== attempt) return false;
    if (running.aborted === undefined) {
      const grace = setTimeout(() => this.#end(graceMs), graceMs);
      running.aborted = { reason, grace, graceMs };
      if (graceMs > 0) this.#send([ABORT, running.seq, encodeThrown(PROCESS, reason)]);
    }
    if (graceMs === 0) this.#end(0);
    return true;
  }

  /** Lets the worker, which must be idle, exit. */
  end(): void {
    if (this.#isClosing) return;
    this.#close();
    this.#keepAlive(true);
    this.#send([END]);
    this.#rest = setTimeout(() => this.#group.end(this.#options.graceMs), this.#options.graceMs);
  }

  /** Ends the worker, whatever it is doing. */
  kill(): void {
    this.#end(0);
  }

  #end(graceMs: number): void {
    this.#close();
    this.#group.end(graceMs);
  }

  #close(): void {
    clearTimeout(this.#rest);
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#owner.closing(this);
  }

  #send(message: ToWorker): void {
    // If the worker is gone, its end is reported elsewhere.
    this.#subprocess.send(message, () => {});
  }

  #received(message: FromWorker): void {
    if (message[0] === READY) {
      this.#isReady = true;
      this.#idle(true);
      return;
    }
    if (message[0] === CRASHING) {
      this.#crash = { error: decodeThrown(message[1]) };
      return;
    }
    const running = this.#running;
    if (running === undefined || running.seq !== message[1]) return;
    switch (message[0]) {
      case BEGUN:
        running.hasBegun = true;
        return;
      case PARTIAL:
        this.#partial(running, message[2]);
        return;
      case RETURNED: {
        const value = message[2];
        this.#settle((attempt) => attempt.done(value));
        return;
      }
      case THREW: {
        const error = decodeThrown(message[2]);
        this.#settle((attempt) => attempt.failed(error));
        return;
      }
      case UNASKED:
        if (running.aborted === undefined) return;
        clearTimeout(running.aborted.grace);
        this.#end(running.aborted.graceMs);
        return;
    }
  }

  /** Reports the end of the attempt, after making the worker ready for the next: the report may start it. */
  #settle(report: (attempt: Attempt) => void): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    clearTimeout(running.aborted?.grace);
    this.#idle(false);
    report(running.assignment.attempt);
  }

  #idle(first: boolean): void {
    if (this.#isClosing) return;
    this.#keepAlive(false);
    this.#rest = setTimeout(() => this.end(), this.#options.idleMs).unref();
    this.#owner.idle(this, first);
  }

  /** Whether the worker keeps this process alive. */
  #keepAlive(isNeeded: boolean): void {
    const { channel } = this.#subprocess;
    if (isNeeded) {
      this.#subprocess.ref();
      channel?.ref();
    } else {
      this.#subprocess.unref();
      channel?.unref();
    }
  }

  async #watch(): Promise<void> {
    const disconnected = new Promise<void>((resolve) => {
      this.#subprocess.once('disconnect', resolve);
    });
    const { exitCode, signal, cause } = await this.#subprocess;
    const isUnasked = !this.#isClosing && this.#running === undefined;
    this.#close();
    const isStarted = exitCode !== undefined || signal !== undefined;
    if (!isStarted && isRefusal(cause)) this.refusal = cause;
    // Messages sent before the worker ended still count; all of them have arrived when the channel closes.
    if (isStarted) await atMost(DRAIN_MS, disconnected);
    await this.#group.over(this.#options.graceMs);
    clearTimeout(this.#rest);
    const how = signal === undefined ? `exited with code ${exitCode}` : `was ended by ${signal}`;
    const reason =
      this.#crash === undefined ? (isStarted ? new Error(`the process ${how}`) : cause) : this.#crash.error;
    this.#strike(reason);
    this.#owner.over(this, isUnasked ? { cause: reason, wasReady: this.#isReady } : undefined);
  }

  /** The worker has ended: an attempt that had begun fails, one that had not may run elsewhere. */
  #strike(cause: unknown): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const { assignment, aborted, hasBegun } = running;
    const { attempt } = assignment;
    clearTimeout(aborted?.grace);
    if (aborted !== undefined) attempt.failed(new TaskCancelled(attempt.id, aborted.reason));
    else if (hasBegun) attempt.failed(new WorkerCrashed(attempt.id, cause));
    else this.#owner.handBack(assignment, cause);
  }
}

function start(program: string, { moduleHref, env, execArgv }: ModuleOptions, execute: typeof execaNode) {
  return execute(program, [moduleHref], {
    serialization: 'advanced',
    env,
    nodeOptions: execArgv,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    detached: HAS_GROUPS,
    // living-groups.ts does this for the whole group.
    cleanup: false,
    buffer: false,
    reject: false,
  });
}

/** Most partial results of the attempt in transit: one for a paced stream, which waits until each has been taken. */
function windowOf({ stream, isPaced }: Attempt): number {
  if (!stream) return 0;
  return isPaced === true ? 1 : PARTIAL_WINDOW;
}
