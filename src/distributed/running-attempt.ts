/**
 * An attempt in a worker: what its executor reports goes to the scheduler, and what the scheduler says reaches the executor.
 *
 * Invariant: the reports of an attempt are numbered without a gap, and its end is the last of them.
 */
import { yieldNoSlot } from '../core/task-context.js';
import type { Attempt, Executor, TaskFunction } from '../core/ports.js';
import { postingFailure, PROCESS } from '../executors/remote/cloneability.js';
import { encodeThrown } from '../executors/remote/thrown-value.js';
import { encodeReport, type JobData, type Report, type ReportKind } from './messages.js';
import type { Payloads } from './blobs/payloads.js';
import type { Outbox } from './outbox.js';

/** @internal */
export class RunningAttempt implements Attempt {
  readonly fn: TaskFunction;
  /** To be set before it is run. */
  args: readonly unknown[] = [];
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  readonly stream: boolean;
  readonly isPaced: boolean;
  readonly yieldSlot = yieldNoSlot;
  /** Resolves when Redis has the report of its end. */
  readonly ended: Promise<void>;
  readonly run: string;
  readonly #job: string;
  readonly #data: JobData;
  readonly #executor: Executor;
  readonly #worker: string;
  readonly #outbox: Outbox;
  readonly #payloads: Payloads;
  readonly #controller = new AbortController();
  #end: (sent: Promise<void>) => void = () => undefined;
  #hasEnded = false;
  #count = 0;
  #taken = 0;
  #onRoom: (() => void) | undefined;
  /** The last partial result that is being put into a blob. */
  #writing: Promise<void> | undefined;

  constructor(
    job: string,
    data: JobData,
    fn: TaskFunction,
    executor: Executor,
    worker: string,
    outbox: Outbox,
    payloads: Payloads,
  ) {
    this.fn = fn;
    this.id = data.id;
    this.queue = data.queue;
    this.attempt = data.attempt;
    this.stream = data.window > 0;
    // Its executor is to stop as soon as the window is full.
    this.isPaced = this.stream;
    this.run = data.run;
    this.#job = job;
    this.#data = data;
    this.#executor = executor;
    this.#worker = worker;
    this.#outbox = outbox;
    this.#payloads = payloads;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts it in its executor. */
  abort(reason: unknown, graceMs: number | undefined): void {
    if (this.#hasEnded) return;
    this.#controller.abort(reason);
    this.#onRoom?.();
    this.#executor.abort(this, reason, graceMs);
  }

  /** The scheduler has taken that many partial results. */
  taken(count: number): void {
    this.#taken = Math.max(this.#taken, count);
    this.#onRoom?.();
  }

  partial(value: unknown): void | Promise<void> {
    if (this.#hasEnded) return undefined;
    try {
      void this.#send('partial', value);
    } catch (error) {
      this.failed(postingFailure(PROCESS, this.id, `result[${this.#count}]`, value, error));
      return undefined;
    }
    this.#count += 1;
    if (this.#writing !== undefined) return this.#writing.then(() => this.#room());
    return this.#hasRoom ? undefined : this.#room();
  }

  done(value: unknown): void {
    if (this.#hasEnded) return;
    try {
      this.#finish('done', this.stream ? undefined : value);
    } catch (error) {
      this.failed(postingFailure(PROCESS, this.id, 'result', value, error));
    }
  }

  failed(error: unknown): void {
    if (!this.#hasEnded) this.#finish('failed', encodeThrown(PROCESS, error));
  }

  #finish(kind: ReportKind, value: unknown): void {
    const sent = this.#send(kind, value);
    this.#hasEnded = true;
    this.#end(sent);
  }

  /** @throws what the serialization of the value throws. */
  #send(kind: ReportKind, value: unknown): Promise<void> {
    const { making } = this.#data;
    const report = { job: this.#job, making, worker: this.#worker, number: this.#count, kind, value };
    const bytes = encodeReport(report);
    return this.#payloads.isLarge(bytes)
      ? this.#sendLarge(report, bytes)
      : this.#outbox.send(this.run, this.#job, bytes);
  }

  /** In a blob. What cannot be put there ends the attempt in its place. */
  #sendLarge(report: Report, bytes: Uint8Array): Promise<void> {
    const writing = this.#put(report, bytes).then((sent) => this.#outbox.send(this.run, this.#job, encodeReport(sent)));
    if (report.kind === 'partial') this.#writing = writing;
    return writing;
  }

  async #put(report: Report, bytes: Uint8Array): Promise<Report> {
    const value = this.#payloads.reference({ run: this.run, owner: `${this.#job}/${report.number}` }, bytes);
    try {
      await this.#payloads.put(value, bytes);
      return { ...report, kind: 'blob', value };
    } catch (error) {
      if (report.kind === 'partial') this.abort(error, undefined);
      return { ...report, kind: 'failed', value: encodeThrown(PROCESS, error) };
    }
  }

  get #hasRoom(): boolean {
    return this.#count - this.#taken < this.#data.window || this.signal.aborted;
  }

  async #room(): Promise<void> {
    while (!this.#hasRoom) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }
}
