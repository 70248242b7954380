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
  job: string;
  /** Fingerprint of its work; empty for a task that is not kept. */
  readonly work: string;
  /** Name of the exported function. */
  readonly name: string;
  args: ArgumentList;
  /** Large arguments are being put where workers find them. */
  isLending = false;
  making = 0;
  /** The job was made by an earlier scheduler, and nothing has been heard of it. */
  isAdopted = false;
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
    sent: {
      readonly attempt: Attempt;
      readonly job: string;
      readonly work: string;
      readonly name: string;
      readonly args: ArgumentList;
    },
    taken: (sent: SentAttempt) => void,
  ) {
    this.attempt = sent.attempt;
    this.job = sent.job;
    this.work = sent.work;
    this.name = sent.name;
    this.args = sent.args;
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

  /** Whether it is to be looked for: not while its job is still to be made, or may be gone because its end is being read. */
  get isInRedis(): boolean {
    return !this.isLending && this.#reading.size === 0;
  }

  /** Whether the blob of this report is to be read: once, and not for a report that was taken. */
  reads({ making, number }: Report): boolean {
    const isKnown = number < this.#next || this.#early.has(number) || this.#reading.has(number);
    if (isKnown || (making !== this.making && !this.isAdopted)) return false;
    this.#reading.add(number);
    return true;
  }

  /**
   * Takes a message. Returns the end of the attempt once its turn has come, to be reported by the caller; or `gap` if the job was that of
   * an earlier scheduler, which had read partial results that it has not kept.
   */
  take(report: Report): Report | 'gap' | undefined {
    this.#reading.delete(report.number);
    if (this.isAdopted && !this.#adopt(report)) return 'gap';
    if (report.making !== this.making || report.number < this.#next) return undefined;
    this.worker = report.worker;
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

  /** The first message that was not for an earlier scheduler. What that one has kept counts as delivered. */
  #adopt({ number, making }: Report): boolean {
    if (number > (this.attempt.deliveredBefore ?? 0)) return false;
    this.isAdopted = false;
    this.making = making;
    for (; this.#next < number; this.#next += 1) void this.attempt.partial(undefined);
    return true;
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
