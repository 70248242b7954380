/**
 * The main thread's side of a session: the stretch of time in which one worker takes attempts, one at a time. To
 * piscina a session is a single long task, and the worker's end, whatever brought it about, is the rejection of that
 * task; what belongs to an attempt goes through the session's own port. A session without work ends soon, because as
 * long as it lasts piscina keeps the process alive; its worker then waits, without holding anything, for the next one.
 *
 * Invariant: an attempt given to `begin` is reported exactly once, by its own `done` or `failed` or by handing it back.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { SchedulerError, TaskCancelled, WorkerCrashed } from '../../core/failures.js';
import type { Attempt } from '../../core/ports.js';
import { postingFailure } from './cloneability.js';
import { ABORT, END_SESSION, fromWorker, PARTIAL, READY, RETURNED, RUN, STREAM_ENDED, THREW } from './messages.js';
import type { FromWorker, SessionStart, ToWorker } from './messages.js';
import type { SettledOptions } from './options.js';
import { claim, createCells, isSignalWanted, markAborted, offer, takePartial } from './session-cells.js';
import { decodeThrown, encodeThrown } from './thrown-value.js';
import type { WorkerPool } from './worker-pool.js';

/**
 * An attempt on its way to a worker.
 *
 * @internal
 */
export interface Assignment {
  readonly attempt: Attempt;
  /** The export that its function is. */
  readonly name: string;
  /** How often it was handed back. */
  takeovers: number;
}

/**
 * The end of a worker that was asked for by nobody and struck no attempt.
 *
 * @internal
 */
export interface SessionCrash {
  readonly cause: unknown;
  /** Whether the worker had come up. */
  readonly wasReady: boolean;
}

/**
 * What a session tells the executor it is part of. Every call finds the session in the state that it tells.
 *
 * @internal
 */
export interface SessionOwner {
  /** The worker waits for an attempt. `first`: it has just come up. */
  idle(session: Session, first: boolean): void;
  /** The session takes no more attempts. */
  closing(session: Session): void;
  /** The worker ended before the function began: the attempt may run elsewhere. */
  handBack(assignment: Assignment, cause: unknown): void;
  /** The session is over, after everything else. */
  over(session: Session, crash: SessionCrash | undefined): void;
}

interface Running {
  readonly assignment: Assignment;
  readonly seq: number;
  partials: number;
  aborted: { readonly reason: unknown } | undefined;
  grace: NodeJS.Timeout | undefined;
}

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
  #running: Running | undefined;
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

  /** Begins `assignment`. The session is at rest; it stays so where the arguments cannot be sent. */
  begin(assignment: Assignment): void {
    const seq = ++this.#lastSeq;
    offer(this.#cells, seq);
    this.#running = { assignment, seq, partials: 0, aborted: undefined, grace: undefined };
    const { stream, id, queue, attempt, args } = assignment.attempt;
    try {
      this.#post([RUN, seq, assignment.name, stream, id, queue, attempt, args]);
    } catch (error) {
      claim(this.#cells, seq);
      this.#settle((it) => it.failed(postingFailure(id, 'args', args, error)));
    }
  }

  /** Ends `attempt` if it runs here; false where it does not. */
  abort(attempt: Attempt, reason: unknown): boolean {
    const running = this.#running;
    if (running === undefined || running.assignment.attempt !== attempt) return false;
    if (running.aborted !== undefined) return true;
    running.aborted = { reason };
    if (claim(this.#cells, running.seq)) {
      this.#settle((it) => it.failed(new TaskCancelled(it.id, reason)));
    } else if (isSignalWanted(this.#cells, running.seq)) {
      this.#post([ABORT, running.seq, encodeThrown(reason)]);
      markAborted(this.#cells, running.seq);
      running.grace = setTimeout(() => this.terminate(), this.#options.graceMs);
    } else {
      this.terminate();
    }
    return true;
  }

  /** Lets the worker go, after what it has printed is out; nothing may run. */
  end(): void {
    if (this.#closing) return;
    this.#close();
    this.#post([END_SESSION]);
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
    const running = this.#running;
    if (running === undefined || running.seq !== message[1]) return;
    switch (message[0]) {
      case PARTIAL:
        takePartial(this.#cells, ++running.partials);
        running.assignment.attempt.partial(message[2]);
        return;
      case RETURNED: {
        const value = message[2];
        this.#settle((attempt) => attempt.done(value));
        return;
      }
      case STREAM_ENDED: {
        const sent = message[2];
        this.#settle((attempt) => {
          if (sent === running.partials) attempt.done(undefined);
          else attempt.failed(lost(attempt.id, sent, running.partials));
        });
        return;
      }
      case THREW: {
        const error = decodeThrown(message[2]);
        this.#settle((attempt) => attempt.failed(error));
        return;
      }
    }
  }

  /** Reports the end of the running attempt, with the session at rest: what is reported may start the next. */
  #settle(report: (attempt: Attempt) => void): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    clearTimeout(running.grace);
    this.#rest(false);
    report(running.assignment.attempt);
  }

  #rest(first: boolean): void {
    if (this.#closing || this.#over) return;
    this.#linger.refresh();
    this.#owner.idle(this, first);
  }

  #lingered(): void {
    if (!this.isStarting && this.#running === undefined) this.end();
  }

  /** A message came that this thread cannot read, so that what the worker does is no longer known. */
  #broken(error: unknown): void {
    this.terminate();
    this.#settle((attempt) => attempt.failed(error));
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
    const running = this.#running;
    if (running !== undefined) this.#strike(running, failure?.cause);
    const isUnasked = failure !== undefined && running === undefined && !this.#terminated;
    this.#owner.over(this, isUnasked ? { cause: failure.cause, wasReady: !this.isStarting } : undefined);
  }

  /** The worker ended under `running`. */
  #strike({ assignment, seq, aborted }: Running, cause: unknown): void {
    const { id } = assignment.attempt;
    if (aborted !== undefined) this.#settle((attempt) => attempt.failed(new TaskCancelled(id, aborted.reason)));
    else if (claim(this.#cells, seq)) this.#settle(() => this.#owner.handBack(assignment, cause));
    else this.#settle((attempt) => attempt.failed(new WorkerCrashed(id, cause)));
  }
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
