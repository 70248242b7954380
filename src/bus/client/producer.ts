/**
 * Asks a bus for jobs and hears of them. What is asked for while there is no connection is kept, within a bound, and sent when there is
 * one.
 *
 * Invariant: each job settles exactly once. A job is asked for at most once: where it cannot be known whether the bus has it, it
 * fails and the caller decides.
 */
import { SchedulerError } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { BusJob, type JobFailure } from './bus-job.js';
import { CONNECT_OPTION_NAMES, type ConnectOptions } from './connect-options.js';
import { Connection, type Registered } from './connection.js';
import { encodeFrame } from '../protocol/frames.js';
import { checkInteger } from '../integer-option.js';
import { Readiness } from './readiness.js';
import { type Feedback, isFinal, readAsProducer, readProducerMessage, type ToProducer } from '../protocol/messages.js';

/**
 * What to ask for: a named task with arguments, or a number of seconds. Of `priority`, 0 to 10, lower is more urgent; 5 when not
 * given.
 *
 * @public
 */
export type WantedJob = { readonly priority?: number; readonly timeoutMs?: number } & (
  | { readonly task: string; readonly args?: readonly unknown[] }
  | { readonly runtime: number }
);

/**
 * The options of a producer.
 *
 * @public
 */
export interface ProducerOptions extends ConnectOptions {
  /** How many jobs may be unsettled; 10,000. A further one is not taken. */
  readonly maxUnsettled?: number;
}

const OPTION_NAMES = { ...CONNECT_OPTION_NAMES, maxUnsettled: true } satisfies Record<keyof ProducerOptions, true>;

interface Pending {
  readonly job: BusJob;
  /** The request as it was when it was made, whatever becomes of its arguments. */
  readonly text: string;
  /** Whether a bus may have it. */
  isSent: boolean;
}

/**
 * A producer. Made by `connectProducer`.
 *
 * @public
 */
export class Producer {
  readonly #connection: Connection<ToProducer>;
  readonly #maxUnsettled: number;
  readonly #unsettled = new Map<string, Pending>();
  /** Jobs to be cancelled as soon as their id is known, or the bus is there again. A part of the unsettled ones. */
  readonly #toCancel = new Set<string>();
  readonly #ready = new Readiness();
  readonly #ended: Promise<SchedulerError | undefined>;
  #end: (error: SchedulerError | undefined) => void = () => undefined;
  #session: string | undefined;
  #seen = 0;
  #lastRef = 0;
  #isSynced = false;
  #isEnded = false;

  /** @internal */
  constructor(options: ProducerOptions) {
    checkOptionNames('connectProducer', options, OPTION_NAMES);
    const { maxUnsettled = 10_000 } = options;
    checkInteger('maxUnsettled', maxUnsettled, 1);
    this.#maxUnsettled = maxUnsettled;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#connection = new Connection<ToProducer>(options, {
      registration: () => ({
        cmd: 'register',
        type: 'producer',
        version: 2,
        ...(this.#session === undefined ? {} : { session: this.#session, seen: this.#seen }),
      }),
      read: readAsProducer,
      registered: (message) => this.#registered(message),
      receive: (message) => this.#receive(message),
      lost: () => {
        this.#isSynced = false;
      },
      ended: (error) => this.#finish(error),
    });
    this.#connection.open();
  }

  /** How many jobs have not settled. */
  get unsettled(): number {
    return this.#unsettled.size;
  }

  /** Resolves when the bus is there. Rejects with `BusUnavailable` when it refuses. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when the connection has ended for good: with nothing when it was closed here, else with what the bus has against it. */
  ended(): Promise<SchedulerError | undefined> {
    return this.#ended;
  }

  /**
   * Asks for a job.
   *
   * @param onFeedback - called with everything that is heard of the job, in its order. What it throws is thrown again outside.
   * @throws SchedulerError `InvalidArgument` for what cannot be asked for, `JobRejected` when too many are unsettled, `BusUnavailable`
   * after the end.
   */
  request(wanted: WantedJob, onFeedback?: (feedback: Feedback) => void): BusJob {
    if (this.#isEnded) throw new SchedulerError('BusUnavailable', 'the producer has ended');
    if (this.#unsettled.size >= this.#maxUnsettled) {
      throw new SchedulerError('JobRejected', `${this.#unsettled.size} jobs have not settled, and more are not taken`);
    }
    if (!isOneOrTheOther(wanted)) throw new SchedulerError('InvalidArgument', 'a job has either a task or a runtime');
    this.#lastRef += 1;
    const ref = String(this.#lastRef);
    const request = { cmd: 'job_request', ref, payload: wanted };
    const checked = readProducerMessage(request);
    if (!checked.ok) throw new SchedulerError('InvalidArgument', `a job's ${checked.fault.replace(/^payload\./, '')}`);
    const encoded = encodeFrame(request, this.#connection.maxFrameBytes);
    if (!encoded.ok) throw new SchedulerError('InvalidArgument', `a job cannot be sent: ${encoded.message}`);
    const job = new BusJob(ref, onFeedback, () => this.#cancel(ref));
    const pending: Pending = { job, text: encoded.text, isSent: false };
    this.#unsettled.set(ref, pending);
    if (this.#isSynced) this.#ask(pending);
    return job;
  }

  /** Ends the connection. Jobs that have not settled fail here with `bus-unavailable`; the bus goes on with those that a scheduler has. */
  close(): void {
    this.#connection.close();
  }

  #ask(pending: Pending): void {
    const { job, text } = pending;
    // Another bus may take less than the one before.
    if (Buffer.byteLength(text) > this.#connection.maxFrameBytes) {
      const error = { name: 'Error', message: 'the request is longer than the bus takes' };
      this.#settle(job.ref, () => job._settle({ status: 'failed', reason: 'unsendable', error }));
      return;
    }
    pending.isSent = true;
    void this.#connection.sendText(text);
  }

  #cancel(ref: string): void {
    const pending = this.#unsettled.get(ref);
    if (pending === undefined) return;
    const { job, isSent } = pending;
    if (job.id !== undefined && this.#isSynced) void this.#connection.send({ cmd: 'cancel', job: job.id });
    else if (!isSent) this.#settle(ref, () => job._settle({ status: 'cancelled' }));
    else this.#toCancel.add(ref);
  }

  #registered({ id }: Registered): void {
    if (this.#session !== undefined && this.#session !== id) {
      this.#failWhere(({ isSent }) => isSent, 'session-lost', 'the bus does not know the producer any more');
      this.#seen = 0;
    }
    this.#session = id;
  }

  #receive(message: ToProducer): void {
    if ('event' in message) this.#hear(message);
    else this.#sync(message);
  }

  #sync({ lost, open }: Extract<ToProducer, { cmd: 'synced' }>): void {
    if (lost > 0) {
      const stillOpen = new Set(open);
      const isUnknown = ({ isSent, job }: Pending): boolean => isSent && !stillOpen.has(job.ref);
      this.#failWhere(isUnknown, 'feedback-lost', 'the bus could not keep all that was to be told');
    }
    this.#isSynced = true;
    // What was sent and never answered has not got there: all that was said has been heard.
    for (const pending of this.#unsettled.values()) if (pending.job.id === undefined) this.#ask(pending);
    for (const ref of this.#toCancel) this.#cancel(ref);
    this.#ready.reached();
  }

  #hear(frame: Extract<ToProducer, { cmd: 'feedback' }>): void {
    const { cmd: _, seq, ...feedback } = frame;
    if (seq <= this.#seen) return;
    this.#seen = seq;
    const pending = this.#unsettled.get(feedback.ref);
    if (pending === undefined) return;
    const { job } = pending;
    if (isFinal(feedback)) this.#settle(job.ref, () => job._hear(feedback));
    else job._hear(feedback);
    if (this.#toCancel.has(job.ref)) this.#cancel(job.ref);
  }

  #failWhere(isMeant: (pending: Pending) => boolean, reason: JobFailure, message: string): void {
    for (const [ref, pending] of this.#unsettled) {
      if (!isMeant(pending)) continue;
      const error = { name: 'Error', message };
      this.#settle(ref, () => pending.job._settle({ status: 'failed', reason, error }));
    }
  }

  #settle(ref: string, settle: () => void): void {
    this.#unsettled.delete(ref);
    this.#toCancel.delete(ref);
    settle();
  }

  #finish(error: SchedulerError | undefined): void {
    this.#isEnded = true;
    this.#end(error);
    this.#ready.ended(error ?? new SchedulerError('BusUnavailable', 'the producer was closed'));
    this.#failWhere(() => true, 'bus-unavailable', error?.message ?? 'the producer was closed');
  }
}

/** Whether it is at least an object that says what kind of job it is; the rest of it is up to the protocol. */
function isOneOrTheOther(wanted: unknown): boolean {
  return typeof wanted === 'object' && wanted !== null && 'task' in wanted !== 'runtime' in wanted;
}

/**
 * Connects to a bus as a producer; comes back by itself when the connection is lost.
 *
 * @throws SchedulerError `InvalidOption` for an address that is none.
 * @public
 */
export function connectProducer(options: ProducerOptions = {}): Producer {
  return new Producer(options);
}
