/**
 * The scheduler's side of the bus: accepts what it is offered, has it run, reports. It decides nothing about the order; that is the
 * runner's.
 *
 * Invariant: what runs was offered on the connection that is there now. When that is lost the bus gives its jobs to others, so
 * everything that runs is cancelled, and nothing of it is reported.
 */
import { SchedulerError } from '../../core/failures.js';
import type { ConnectOptions } from './connect-options.js';
import { Connection } from './connection.js';
import { encodeFrame } from '../protocol/frames.js';
import type { JobRun, JobRunner, RunFailure, RunReports } from './job-runner.js';
import type { JobPayload } from '../protocol/payload.js';
import { Readiness } from './readiness.js';
import { type JobReport, readAsScheduler, type ToScheduler } from '../protocol/messages.js';
import { reportedError } from '../protocol/reported-error.js';

/** What a bus scheduler is made of. @internal */
export interface BusSchedulerParts extends ConnectOptions {
  readonly runner: JobRunner;
  /** How many jobs run at once. */
  readonly slots: number;
  /** How many more it takes, so that it can choose among them. */
  readonly backlog: number;
}

interface Running {
  readonly job: string;
  readonly attempt: number;
  run: JobRun | undefined;
  partials: number;
}

/** What a failure is reported with when its own words do not fit. */
const TOO_LONG = { name: 'Error', message: 'the message of the error is longer than a frame' };

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
  /** The bus's name for it; another one for each connection. */
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
      registered: ({ id }) => {
        this.#isRegistered = true;
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

  /** How many jobs it has accepted that have not ended. */
  get running(): number {
    return this.#running.size;
  }

  /** Resolves when the bus has taken it. Rejects with `BusUnavailable` when the bus refuses. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when the connection has ended for good: with nothing when it was closed here, else with what the bus has against it. */
  ended(): Promise<SchedulerError | undefined> {
    return this.#ended;
  }

  /**
   * Takes nothing more, hands back what has not started, lets the rest end, and closes the connection. Resolves when that is done;
   * the same promise whenever it is called.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Ends at once: cancels what runs; the bus gives it to others. */
  close(): void {
    this.#connection.close();
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#isRegistered) void this.#connection.send({ cmd: 'capacity', slots: 0, backlog: 0 });
    for (const running of this.#running.values()) {
      if (running.run?.hasStarted === false) this.#handBack(running);
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
        this.#offered(message.job, message.attempt, message.payload);
        return;
      case 'withdraw':
        this.#withdrawn(keyOf(message));
        return;
      case 'broadcast':
        // It goes to everybody who is there, so nobody need be told that it is not taken here.
        if (this.#isDraining) return;
        this.#broadcasts += 1;
        this.#begin(
          // Others may run what they get of the same broadcast on the same scheduler.
          { job: `${this.#id}-broadcast-${this.#broadcasts}`, attempt: 1, run: undefined, partials: 0 },
          message.payload,
          false,
        );
        return;
      default:
        message satisfies never;
    }
  }

  #offered(job: string, attempt: number, payload: JobPayload): void {
    if (this.#isDraining) {
      void this.#report({ cmd: 'decline', job, attempt });
      return;
    }
    void this.#report({ cmd: 'accept', job, attempt });
    this.#begin({ job, attempt, run: undefined, partials: 0 }, payload, true);
  }

  #begin(running: Running, payload: JobPayload, isReported: boolean): void {
    const key = keyOf(running);
    this.#running.set(key, running);
    running.run = this.#runner.begin(key, payload, this.#reportsOf(running, isReported));
  }

  #withdrawn(key: string): void {
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#forget(running);
    running.run?.cancel('the job was withdrawn');
  }

  #handBack(running: Running): void {
    this.#forget(running);
    running.run?.cancel('the scheduler ends');
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

  #reportsOf(running: Running, isReported: boolean): RunReports {
    const { job, attempt } = running;
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
      // Of characters that take many bytes each, even so few may be too long. The job ends all the same.
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
