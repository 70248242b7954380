/** A job as its producer sees it. Settles exactly once, even if the bus or its scheduler is lost. */
import { SchedulerError } from '../../core/failures.js';
import type { Feedback } from '../protocol/messages.js';

/**
 * Why a job failed: as reported by its scheduler, or because the outcome is unknown (`session-lost`: the bus forgot the producer;
 * `feedback-lost`: the bus could not keep all feedback; `bus-unavailable`: the producer ended before the job).
 *
 * @public
 */
export type JobFailure =
  | Extract<Feedback, { event: 'failed' }>['reason']
  | 'session-lost'
  | 'feedback-lost'
  | 'bus-unavailable';

/**
 * How a job ended.
 *
 * @public
 */
export type JobOutcome =
  /** `value` is the return value. A generator has delivered its results as `partials` feedbacks instead. */
  | { readonly status: 'done'; readonly value: unknown; readonly partials: number }
  | {
      readonly status: 'failed';
      readonly reason: JobFailure;
      readonly error: { readonly name: string; readonly message: string };
    }
  /** It made room for a more urgent job, and its scheduler does not restart evicted jobs. */
  | { readonly status: 'evicted' }
  | { readonly status: 'cancelled' }
  /** The bus had no room for it. */
  | { readonly status: 'rejected' }
  /** A bus or a scheduler of the simple protocol has got it, which does not tell how it ends. */
  | { readonly status: 'handed-over' };

/**
 * A job that a producer has requested.
 *
 * @public
 */
export class BusJob {
  /** The producer's own name for it. */
  readonly ref: string;
  readonly #onFeedback: ((feedback: Feedback) => void) | undefined;
  readonly #cancel: (job: BusJob) => void;
  readonly #settled: Promise<JobOutcome>;
  #resolve: (outcome: JobOutcome) => void = () => undefined;
  #id: string | undefined;
  #outcome: JobOutcome | undefined;

  /** @internal */
  constructor(ref: string, onFeedback: ((feedback: Feedback) => void) | undefined, cancel: (job: BusJob) => void) {
    this.ref = ref;
    this.#onFeedback = onFeedback;
    this.#cancel = cancel;
    this.#settled = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** The id that the bus has assigned; undefined until then. */
  get id(): string | undefined {
    return this.#id;
  }

  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }

  /** How the job ends. Never rejects. */
  outcome(): Promise<JobOutcome> {
    return this.#settled;
  }

  /**
   * The return value of the function.
   *
   * Rejects with a `SchedulerError`: `JobRejected`, or `JobFailed` with the job's error as `cause`.
   */
  async result(): Promise<unknown> {
    const outcome = await this.#settled;
    const name = this.#id ?? this.ref;
    const tasks = [name];
    switch (outcome.status) {
      case 'done':
        return outcome.value;
      case 'failed': {
        const { name: kind, message } = outcome.error;
        const cause = Object.assign(new Error(message), { name: kind });
        throw new SchedulerError('JobFailed', `job ${name} failed (${outcome.reason}): ${kind}: ${message}`, {
          tasks,
          cause,
        });
      }
      case 'rejected':
        throw new SchedulerError('JobRejected', `job ${name} was rejected: the bus is full`, { tasks });
      case 'handed-over':
        throw new SchedulerError('JobFailed', `how job ${name} ends is unknown: its scheduler does not report`, {
          tasks,
        });
      case 'evicted':
      case 'cancelled':
        throw new SchedulerError('JobFailed', `job ${name} was ${outcome.status}`, { tasks });
    }
  }

  /** Requests cancellation. The job may still settle otherwise first; see its outcome. */
  cancel(): void {
    if (this.#outcome === undefined) this.#cancel(this);
  }

  /** @internal */
  _hear(feedback: Feedback): void {
    if (feedback.event !== 'rejected') this.#id = feedback.job;
    // Before the listener runs: it may close the producer, which must not change the outcome.
    const outcome = outcomeOf(feedback);
    if (outcome !== undefined) this._settle(outcome);
    try {
      this.#onFeedback?.(feedback);
    } catch (error) {
      // An error of the caller's listener must not end the connection.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** @internal */
  _settle(outcome: JobOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#resolve(outcome);
  }
}

function outcomeOf(feedback: Feedback): JobOutcome | undefined {
  switch (feedback.event) {
    case 'done':
      return { status: 'done', value: feedback.value, partials: feedback.partials };
    case 'failed':
      return { status: 'failed', reason: feedback.reason, error: feedback.error };
    case 'cancelled':
      return { status: 'cancelled' };
    case 'rejected':
      return { status: 'rejected' };
    case 'handed-over':
      return { status: 'handed-over' };
    case 'evicted':
      return feedback.final ? { status: 'evicted' } : undefined;
    case 'queued':
    case 'accepted':
    case 'started':
    case 'partial':
    case 'requeued':
      return undefined;
  }
}
