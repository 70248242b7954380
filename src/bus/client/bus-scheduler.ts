/**
 * The scheduler's side of the bus: accepts offers, has the runner run them, and reports. The order is up to the runner.
 *
 * Invariant: every running job was offered on the current connection. When that is lost, the bus gives the jobs to other
 * schedulers, so all of them are cancelled here and no longer reported.
 */
import { SchedulerError } from '../../core/failures.js';
import type { ConnectOptions } from './connect-options.js';
import { Connection } from './connection.js';
import { encodeFrame } from '../protocol/frames.js';
import type { JobRun, JobRunner, RunFailure, RunReports } from './job-runner.js';
import type { JobPayload } from '../protocol/payload.js';
import { Readiness } from './readiness.js';
import { type JobReport, readAsScheduler, readSimplePayload, type ToScheduler } from '../protocol/messages.js';
import { reportedError } from '../protocol/reported-error.js';

/** @internal */
export interface BusSchedulerParts extends ConnectOptions {
  readonly runner: JobRunner;
  /** How many jobs run at once. */
  readonly slots: number;
  /** How many more it accepts, to choose from. */
  readonly backlog: number;
}

interface Running {
  readonly job: string;
  readonly attempt: number;
  /** Whether the bus wants to hear of it, and gives it to another scheduler if this one does not run it. */
  readonly isReported: boolean;
  run: JobRun | undefined;
  partials: number;
}

/** Replaces an error whose message does not fit into a frame. */
const TOO_LONG = { name: 'Error', message: 'the error message does not fit into a frame' };

/**
 * A scheduler at a bus. Made by `connectScheduler`.
 *
 * @public
 */
export class BusScheduler {
  readonly #connection: Connection<ToScheduler>;
  readonly #runner: JobRunner;
  readonly #running = new Map<string, Running>();
  readonly #ready = new Readiness();
  readonly #ended: Promise<SchedulerError | undefined>;
  #end: (error: SchedulerError | undefined) => void = () => undefined;
  #drained: Promise<void> | undefined;
  #isDraining = false;
  #isRegistered = false;
  #version: 1 | 2 | undefined;
  /** Assigned by the bus; each connection has another. */
  #id = '';
  #whenIdle: (() => void) | undefined;
  #broadcasts = 0;

  /** @internal */
  constructor({ runner, slots, backlog, ...options }: BusSchedulerParts) {
    this.#runner = runner;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#connection = new Connection<ToScheduler>(options, {
      registration: () => {
        const { tasks, timed } = runner;
        const room = this.#isDraining ? { slots: 0, backlog: 0 } : { slots, backlog };
        return { cmd: 'register', type: 'scheduler', version: 2, ...room, tasks, timed };
      },
      read: readAsScheduler,
      readSimple: (value) => {
        const read = readSimplePayload(value);
        return read.ok ? { ok: true, message: { cmd: 'broadcast', payload: read.message } } : read;
      },
      simple: () => {
        this.#id = 'simple';
        this.#version = 1;
        this.#ready.reached();
      },
      registered: ({ id }) => {
        this.#isRegistered = true;
        this.#version = 2;
        this.#id = id;
        this.#ready.reached();
      },
      receive: (message) => this.#receive(message),
      lost: () => this.#lost(),
      ended: (error) => {
        this.#ready.ended(error ?? new SchedulerError('BusUnavailable', 'the scheduler was closed'));
        this.#end(error);
      },
    });
    this.#connection.open();
  }

  /** The version of the protocol that the bus spoke last: 1 is the simple one; undefined until `ready`. */
  get version(): 1 | 2 | undefined {
    return this.#version;
  }

  /** Number of accepted jobs that have not ended. */
  get running(): number {
    return this.#running.size;
  }

  /** Resolves when registered. Rejects with `BusUnavailable` if the connection ends first. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when the connection has ended for good: with undefined if closed here, otherwise with the error. */
  ended(): Promise<SchedulerError | undefined> {
    return this.#ended;
  }

  /**
   * Accepts no more jobs, hands back those that have not started, waits for the rest, and closes the connection. Resolves when
   * closed. Jobs that a bus of the simple protocol has sent cannot be handed back: they are run.
   * Further calls return the same promise.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Closes at once and cancels running jobs; the bus gives them to other schedulers. */
  close(): void {
    this.#connection.close();
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#isRegistered) void this.#connection.send({ cmd: 'capacity', slots: 0, backlog: 0 });
    for (const running of this.#running.values()) {
      if (running.isReported && running.run?.hasStarted === false) this.#handBack(running);
    }
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.close();
    await this.#ended;
  }

  #receive(message: ToScheduler): void {
    switch (message.cmd) {
      case 'offer':
        this.#offered(message.job, message.attempt, { ...message.payload, trace: message.trace });
        return;
      case 'withdraw':
        this.#withdrawn(keyOf(message));
        return;
      case 'broadcast':
        // Every scheduler gets a broadcast, so ignoring it needs no report.
        if (this.#isDraining) return;
        this.#broadcasts += 1;
        this.#begin(
          // Other connections may run the same broadcast on the same scheduler, so the id must be unique to this one.
          {
            job: `${this.#id}-broadcast-${this.#broadcasts}`,
            attempt: 1,
            isReported: false,
            run: undefined,
            partials: 0,
          },
          message.payload,
        );
        return;
    }
  }

  #offered(job: string, attempt: number, payload: JobPayload): void {
    if (this.#isDraining) {
      void this.#report({ cmd: 'decline', job, attempt });
      return;
    }
    void this.#report({ cmd: 'accept', job, attempt });
    this.#begin({ job, attempt, isReported: true, run: undefined, partials: 0 }, payload);
  }

  #begin(running: Running, payload: JobPayload): void {
    const key = keyOf(running);
    this.#running.set(key, running);
    running.run = this.#runner.begin(key, payload, this.#reportsOf(running));
  }

  #withdrawn(key: string): void {
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#forget(running);
    running.run?.cancel('the job was withdrawn');
  }

  #handBack(running: Running): void {
    this.#forget(running);
    running.run?.cancel('the scheduler is shutting down');
    void this.#report({ cmd: 'decline', job: running.job, attempt: running.attempt });
  }

  #lost(): void {
    this.#isRegistered = false;
    for (const running of this.#running.values()) {
      this.#forget(running);
      running.run?.cancel('the connection to the bus was lost');
    }
  }

  #forget(running: Running): void {
    this.#running.delete(keyOf(running));
    if (this.#running.size === 0) this.#whenIdle?.();
  }

  #reportsOf(running: Running): RunReports {
    const { job, attempt, isReported } = running;
    const isCurrent = (): boolean => this.#running.get(keyOf(running)) === running;
    const say = (report: JobReport): Promise<void> => {
      return isCurrent() && isReported ? this.#report(report) : Promise.resolve();
    };
    const end = (report: JobReport): void => {
      void say(report);
      if (isCurrent()) this.#forget(running);
    };
    const fail = (reason: RunFailure, error: unknown): void => {
      const report = { cmd: 'failed', job, attempt, reason, error: reportedError(error) } as const;
      // Even a shortened message can exceed a small frame if its characters take many bytes. The job must end all the same.
      end(this.#unsendable(report) === undefined ? report : { ...report, error: TOO_LONG });
    };
    return {
      started: () => void say({ cmd: 'started', job, attempt }),
      partial: (value) => {
        const report = { cmd: 'partial', job, attempt, index: running.partials, value } as const;
        const fault = this.#unsendable(report);
        if (fault !== undefined) {
          if (isCurrent()) running.run?.cancel(fault);
          fail('unsendable', new Error(`result ${running.partials} cannot be sent: ${fault}`));
          return Promise.resolve();
        }
        running.partials += 1;
        return say(report);
      },
      evicted: () => void say({ cmd: 'evicted', job, attempt, final: false }),
      dropped: () => end({ cmd: 'evicted', job, attempt, final: true }),
      done: (value) => {
        const report = { cmd: 'done', job, attempt, partials: running.partials, value } as const;
        const fault = this.#unsendable(report);
        if (fault === undefined) end(report);
        else fail('unsendable', new Error(`the result cannot be sent: ${fault}`));
      },
      refused: () => {
        if (isCurrent() && isReported) this.#handBack(running);
      },
      failed: fail,
    };
  }

  #unsendable(report: JobReport): string | undefined {
    const encoded = encodeFrame(report, this.#connection.maxFrameBytes);
    return encoded.ok ? undefined : encoded.message;
  }

  #report(report: JobReport): Promise<void> {
    return this.#connection.send(report);
  }
}

function keyOf({ job, attempt }: { readonly job: string; readonly attempt: number }): string {
  return `${job}.${attempt}`;
}
