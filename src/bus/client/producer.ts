/**
 * Requests jobs from a bus and receives feedback. While disconnected, requests are kept, up to `maxUnsettled`, and sent on
 * reconnection.
 *
 * Invariant: each job settles exactly once. A job is never requested twice: if the bus may or may not have it, the job fails and the
 * caller decides.
 */
import { SchedulerError } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { BusJob, type JobFailure } from './bus-job.js';
import { CONNECT_OPTION_NAMES, type ConnectOptions } from './connect-options.js';
import { Connection, type Registered } from './connection.js';
import { runningContext } from '../../core/task-context.js';
import type { TraceHeaders } from '../../core/trace-headers.js';
import { encodeFrame } from '../protocol/frames.js';
import { checkInteger } from '../integer-option.js';
import { DEFAULT_PRIORITY } from '../protocol/payload.js';
import { Readiness } from './readiness.js';
import { type Feedback, isFinal, readAsProducer, readProducerMessage, type ToProducer } from '../protocol/messages.js';

/**
 * A job to request: a named task with arguments, or a number of seconds. `priority` is 0 to 10; lower is more urgent. Default: 5.
 *
 * @public
 */
export type WantedJob = {
  readonly priority?: number;
  readonly timeoutMs?: number;
  /** The trace context that the job belongs to. Default: that of the task whose function makes the request before its first `await`. */
  readonly trace?: TraceHeaders;
} & ({ readonly task: string; readonly args?: readonly unknown[] } | { readonly runtime: number });

/**
 * The options of a producer.
 *
 * @public
 */
export interface ProducerOptions extends ConnectOptions {
  /** Maximum number of unsettled jobs. Further requests throw `JobRejected`. Default: 10,000. */
  readonly maxUnsettled?: number;
  /**
   * Speak the simple protocol, to a bus that knows no other. Only jobs with a `runtime` can be requested, and all that is known of
   * them is that they were sent: their outcome is `handed-over`. Default: false.
   */
  readonly simple?: boolean;
}

const OPTION_NAMES = { ...CONNECT_OPTION_NAMES, maxUnsettled: true, simple: true } satisfies Record<
  keyof ProducerOptions,
  true
>;

interface Pending {
  readonly job: BusJob;
  /** The encoded request, so that later changes to the arguments have no effect. */
  readonly text: string;
  /** The same with the job's trace context, for a bus that passes it on. */
  readonly tracedText: string | undefined;
  /** Whether the bus may have received it. */
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
  readonly #isSimple: boolean;
  readonly #unsettled = new Map<string, Pending>();
  /** Jobs to cancel once their id is known or the connection is back. A subset of the unsettled ones. */
  readonly #toCancel = new Set<string>();
  readonly #ready = new Readiness();
  readonly #ended: Promise<SchedulerError | undefined>;
  #end: (error: SchedulerError | undefined) => void = () => undefined;
  #session: string | undefined;
  #seen = 0;
  #lastRef = 0;
  #isSynced = false;
  /** The bus takes the trace contexts of jobs. */
  #passesTraces = false;
  #isEnded = false;

  /** @internal */
  constructor(options: ProducerOptions) {
    checkOptionNames('connectProducer', options, OPTION_NAMES);
    const { maxUnsettled = 10_000, simple = false } = options;
    checkInteger('maxUnsettled', maxUnsettled, 1);
    this.#maxUnsettled = maxUnsettled;
    this.#isSimple = simple;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#connection = new Connection<ToProducer>(options, {
      registration: () => ({
        cmd: 'register',
        type: 'producer',
        ...(simple ? {} : { version: 2 }),
        ...(this.#session === undefined ? {} : { session: this.#session, seen: this.#seen }),
      }),
      simple: () => this.#sync({ cmd: 'synced', lost: 0, open: [] }),
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

  /** Number of unsettled jobs. */
  get unsettled(): number {
    return this.#unsettled.size;
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
   * Requests a job.
   *
   * @param onFeedback - called with each feedback, in order. An error that it throws is rethrown asynchronously.
   * @throws SchedulerError `InvalidArgument` for an invalid job, `JobRejected` when too many jobs are unsettled, `BusUnavailable`
   * after the producer has ended.
   */
  request(wanted: WantedJob, onFeedback?: (feedback: Feedback) => void): BusJob {
    if (this.#isEnded) throw new SchedulerError('BusUnavailable', 'the producer has ended');
    if (this.#unsettled.size >= this.#maxUnsettled) {
      throw new SchedulerError('JobRejected', `${this.#unsettled.size} jobs are unsettled, which is the maximum`);
    }
    if (!isOneOrTheOther(wanted))
      throw new SchedulerError('InvalidArgument', 'a job must have either a task or a runtime');
    this.#lastRef += 1;
    const ref = String(this.#lastRef);
    const { trace = runningContext()?.trace, ...payload } = wanted;
    const request = { cmd: 'job_request', ref, payload };
    const checked = readProducerMessage({ ...request, trace });
    if (this.#isSimple && 'task' in wanted) {
      throw new SchedulerError('InvalidArgument', 'the simple protocol has no tasks: a job must have a runtime');
    }
    if (!checked.ok) throw new SchedulerError('InvalidArgument', `a job's ${checked.fault.replace(/^payload\./, '')}`);
    const encoded = encodeFrame(this.#isSimple ? simpleRequest(wanted) : request, this.#connection.maxFrameBytes);
    if (!encoded.ok) throw new SchedulerError('InvalidArgument', `a job cannot be sent: ${encoded.message}`);
    const job = new BusJob(ref, onFeedback, () => this.#cancel(ref));
    const traced = trace === undefined ? undefined : encodeFrame({ ...request, trace }, this.#connection.maxFrameBytes);
    const tracedText = traced?.ok === true ? traced.text : undefined;
    const pending: Pending = { job, text: encoded.text, tracedText, isSent: false };
    this.#unsettled.set(ref, pending);
    if (this.#isSynced) this.#ask(pending);
    return job;
  }

  /** Ends the connection. Unsettled jobs fail here with `bus-unavailable`; schedulers finish those they hold. */
  close(): void {
    this.#connection.close();
  }

  #ask(pending: Pending): void {
    const { job } = pending;
    const text = this.#passesTraces && pending.tracedText !== undefined ? pending.tracedText : pending.text;
    // After a reconnection the limit may be lower.
    if (Buffer.byteLength(text) > this.#connection.maxFrameBytes) {
      const error = { name: 'Error', message: 'the request is longer than the bus accepts' };
      this.#settle(job.ref, () => job._settle({ status: 'failed', reason: 'unsendable', error }));
      return;
    }
    pending.isSent = true;
    const sent = this.#connection.sendText(text);
    if (!this.#isSimple) return;
    const handedOver = { event: 'handed-over', ref: job.ref, job: job.ref, scheduler: '' } as const;
    void sent.then(() => this.#settle(job.ref, () => job._hear(handedOver)));
  }

  #cancel(ref: string): void {
    const pending = this.#unsettled.get(ref);
    if (pending === undefined) return;
    const { job, isSent } = pending;
    if (job.id !== undefined && this.#isSynced) void this.#connection.send({ cmd: 'cancel', job: job.id });
    else if (!isSent) this.#settle(ref, () => job._settle({ status: 'cancelled' }));
    else this.#toCancel.add(ref);
  }

  #registered({ id, traces }: Registered): void {
    this.#passesTraces = traces;
    if (this.#session !== undefined && this.#session !== id) {
      this.#failWhere(({ isSent }) => isSent, 'session-lost', 'the bus no longer knows the producer');
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
      this.#failWhere(isUnknown, 'feedback-lost', 'the bus could not keep all feedback');
    }
    this.#isSynced = true;
    // All feedback has arrived, so a request that is still unanswered never reached the bus.
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

/** The simple protocol has no defaults, and no other fields. */
function simpleRequest(wanted: WantedJob): object {
  const { priority = DEFAULT_PRIORITY } = wanted;
  return { cmd: 'job_request', payload: { priority, runtime: 'runtime' in wanted ? wanted.runtime : 0 } };
}

/** Whether it is an object of one kind; the protocol validates the rest. */
function isOneOrTheOther(wanted: unknown): boolean {
  return typeof wanted === 'object' && wanted !== null && 'task' in wanted !== 'runtime' in wanted;
}

/**
 * Connects to a bus as a producer. Reconnects when the connection is lost.
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export function connectProducer(options: ProducerOptions = {}): Producer {
  return new Producer(options);
}
