/**
 * One attempt as the scheduler's side sees it after its job was made: puts the worker's messages in order, and passes them on.
 *
 * Invariant: messages are passed on by their numbers, each once, whatever comes twice or late; after the end nothing is.
 */
import type { Attempt } from '../core/ports.js';
import { decodeThrown } from '../executors/remote/thrown-value.js';
import type { ArgumentList } from './blobs/lent-arguments.js';
import { PARTIAL_WINDOW, type Report } from './messages.js';

/** @internal */
export class SentAttempt {
  readonly attempt: Attempt;
  readonly job: string;
  /** Name of the exported function. */
  readonly name: string;
  /** Undefined until they can be sent. */
  args: ArgumentList | undefined = undefined;
  making = 0;
  /** The worker that has it, once that is known. */
  worker: string | undefined = undefined;
  aborted: { readonly reason: unknown; readonly graceMs: number | undefined } | undefined = undefined;
  /** In how many looks in a row nobody knew its job. */
  missing = 0;
  readonly #taken: (sent: SentAttempt) => void;
  #next = 0;
  readonly #early = new Map<number, Report>();
  /** Numbers of reports whose blobs are being read. */
  readonly #reading = new Set<number>();

  /** @param taken - called when the worker should hear how many partial results were taken. */
  constructor(
    sent: { readonly attempt: Attempt; readonly job: string; readonly name: string },
    taken: (sent: SentAttempt) => void,
  ) {
    this.attempt = sent.attempt;
    this.job = sent.job;
    this.name = sent.name;
    this.#taken = taken;
  }

  /** Most partial results on their way; 0 for a function with one result. */
  get window(): number {
    const { stream, isPaced } = this.attempt;
    if (!stream) return 0;
    return isPaced === true ? 1 : PARTIAL_WINDOW;
  }

  /** How many partial results were passed on. */
  get delivered(): number {
    return this.#next;
  }

  /** Whether a report has come whose blob is still being read, so that its job may be gone. */
  get isReading(): boolean {
    return this.#reading.size > 0;
  }

  /** Whether the blob of this report is to be read: once, and not for a report that was taken. */
  reads({ making, number }: Report): boolean {
    if (making !== this.making || number < this.#next || this.#early.has(number) || this.#reading.has(number))
      return false;
    this.#reading.add(number);
    return true;
  }

  /** Takes a message. Returns the end of the attempt once its turn has come, to be reported by the caller. */
  take(report: Report): Report | undefined {
    if (report.making !== this.making || report.number < this.#next) return undefined;
    this.worker = report.worker;
    this.#reading.delete(report.number);
    this.#early.set(report.number, report);
    for (;;) {
      const next = this.#early.get(this.#next);
      if (next === undefined) return undefined;
      this.#early.delete(this.#next);
      if (next.kind !== 'partial') return next;
      this.#next += 1;
      this.#pass(next.value);
    }
  }

  /** Reports the end to the scheduler. */
  end({ kind, value }: Report): void {
    if (kind === 'failed') this.attempt.failed(decodeThrown(value));
    else this.attempt.done(value);
  }

  #pass(value: unknown): void {
    const held = this.attempt.partial(value);
    if (this.attempt.isPaced === true) void Promise.resolve(held).then(() => this.#taken(this));
    else if (this.#next % (PARTIAL_WINDOW / 2) === 0) this.#taken(this);
  }
}
