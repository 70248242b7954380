/** A job as its producer sees it. Settles exactly once, whatever becomes of bus and schedulers. */
import { SchedulerError } from '../../core/failures.js';
import type { Feedback } from '../protocol/messages.js';

/**
 * Why a job failed: by what the scheduler says of it, or because nobody can say how it ended (`session-lost`: the bus forgot the
 * producer; `feedback-lost`: there was more to tell than is kept; `bus-unavailable`: the producer ended before the job did).
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
  /** `value` is what the function returned; of a generator there are `partials` results, which came as feedback. */
  | { readonly status: 'done'; readonly value: unknown; readonly partials: number }
  | {
      readonly status: 'failed';
      readonly reason: JobFailure;
      readonly error: { readonly name: string; readonly message: string };
    }
  /** It had to make room for a more urgent one, and its scheduler drops what is evicted. */
  | { readonly status: 'evicted' }
  | { readonly status: 'cancelled' }
  /** There was no room for it. */
  | { readonly status: 'rejected' };

/**
 * A job that a producer asked for.
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

  /** The bus's name for it, as soon as it has one. */
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
   * What the function returned.
   *
   * Rejects with a `SchedulerError`: `JobRejected`, or `JobFailed` with what it failed with as `cause`.
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
      case 'evicted':
      case 'cancelled':
        throw new SchedulerError('JobFailed', `job ${name} was ${outcome.status}`, { tasks });
      default:
        return outcome satisfies never;
    }
  }

  /** Asks for the job to be ended. Its outcome says whether it had ended before. */
  cancel(): void {
    if (this.#outcome === undefined) this.#cancel(this);
  }

  /** @internal */
  _hear(feedback: Feedback): void {
    if (feedback.event !== 'rejected') this.#id = feedback.job;
    // First of all: whatever is done about it where it is heard, such as closing the producer, does not change how the job ended.
    const outcome = outcomeOf(feedback);
    if (outcome !== undefined) this._settle(outcome);
    try {
      this.#onFeedback?.(feedback);
    } catch (error) {
      // It is the caller's, and must not end the connection.
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
    case 'evicted':
      return feedback.final ? { status: 'evicted' } : undefined;
    case 'queued':
    case 'accepted':
    case 'started':
    case 'partial':
    case 'requeued':
      return undefined;
    default:
      return feedback satisfies never;
  }
}
