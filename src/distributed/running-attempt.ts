/**
 * An attempt in a worker: what its executor reports goes to the scheduler, and what the scheduler says reaches the executor.
 *
 * Invariant: the reports of an attempt are numbered without a gap, and its end is the last of them.
 */
import type { SchedulerError } from '../core/failures.js';
import { deferred } from '../core/deferred.js';
import { yieldNoSlot } from '../core/task-context.js';
import type { Attempt, Executor, TaskFunction } from '../core/ports.js';
import type { TraceHeaders, TraceScope } from '../core/trace-headers.js';
import { traceScope } from '../executors/remote/trace-scope.js';
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
  readonly trace: TraceHeaders | undefined;
  readonly scope: TraceScope | undefined;
  readonly yieldSlot = yieldNoSlot;
  /** Resolves when its end has been reported. */
  readonly ended: Promise<void>;
  readonly run: string;
  readonly #job: string;
  readonly #data: JobData;
  readonly #executor: Executor;
  readonly #worker: string;
  readonly #outbox: Outbox;
  readonly #payloads: Payloads;
  /** Made when it is asked for: most functions do not look at their signal. */
  #controller: AbortController | undefined;
  readonly #end: () => void;
  #abortion: { readonly reason: unknown } | undefined;
  #hasEnded = false;
  #loss: SchedulerError | undefined;
  #count = 0;
  #taken = 0;
  #onRoom: (() => void) | undefined;

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
    this.trace = data.trace;
    this.scope = traceScope(data.trace);
    this.run = data.run;
    this.#job = job;
    this.#data = data;
    this.#executor = executor;
    this.#worker = worker;
    this.#outbox = outbox;
    this.#payloads = payloads;
    const { promise, resolve } = deferred<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= this.#newController()).signal;
  }

  #newController(): AbortController {
    const controller = new AbortController();
    if (this.#abortion !== undefined) controller.abort(this.#abortion.reason);
    return controller;
  }

  /** @throws the reason, if it is aborted. */
  throwIfAborted(): void {
    if (this.#abortion !== undefined) this.signal.throwIfAborted();
  }

  /** Aborts it in its executor. */
  abort(reason: unknown, graceMs: number | undefined): void {
    if (this.#hasEnded) return;
    this.#abortion ??= { reason };
    this.#controller?.abort(reason);
    this.#onRoom?.();
    this.#executor.abort(this, reason, graceMs);
  }

  /** As `abort`, because the worker ends or the scheduler has gone; that is what is reported if the function does not end well. */
  lose(error: SchedulerError): void {
    this.#loss ??= error;
    this.abort(error, undefined);
  }

  /** The scheduler has taken that many partial results. */
  taken(count: number): void {
    this.#taken = Math.max(this.#taken, count);
    this.#onRoom?.();
  }

  partial(value: unknown): void | Promise<void> {
    if (this.#hasEnded) return undefined;
    let sent: Promise<void> | undefined;
    try {
      sent = this.#send('partial', value);
    } catch (error) {
      this.failed(postingFailure(PROCESS, this.id, `result[${this.#count}]`, value, error));
      return undefined;
    }
    this.#count += 1;
    if (sent !== undefined) return sent.then(() => this.#room());
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
    if (!this.#hasEnded) this.#finish('failed', encodeThrown(PROCESS, this.#loss ?? error));
  }

  #finish(kind: ReportKind, value: unknown): void {
    const sent = this.#send(kind, value);
    this.#hasEnded = true;
    if (sent === undefined) this.#end();
    else void sent.then(this.#end);
  }

  /** Returns what to wait for, if it is not on its way at once. @throws what the serialization of the value throws. */
  #send(kind: ReportKind, value: unknown): Promise<void> | undefined {
    const { making } = this.#data;
    const report = { job: this.#job, making, worker: this.#worker, number: this.#count, kind, value };
    const bytes = encodeReport(report);
    if (this.#payloads.isLarge(bytes)) return this.#sendLarge(report, bytes);
    this.#outbox.send(this.run, this.#job, bytes);
    return undefined;
  }

  /** In a blob. What cannot be put there ends the attempt in its place. */
  async #sendLarge(report: Report, bytes: Uint8Array): Promise<void> {
    const value = this.#payloads.reference({ run: this.run, owner: `${this.#job}/${report.number}` }, bytes);
    const put = (): Promise<void> => this.#payloads.put(value, bytes);
    try {
      await put();
    } catch (error) {
      if (report.kind === 'partial') this.abort(error, undefined);
      this.#outbox.send(
        this.run,
        this.#job,
        encodeReport({ ...report, kind: 'failed', value: encodeThrown(PROCESS, error) }),
      );
      return;
    }
    this.#outbox.send(this.run, this.#job, encodeReport({ ...report, kind: 'blob', value }), put);
  }

  get #hasRoom(): boolean {
    return this.#count - this.#taken < this.#data.window || this.#abortion !== undefined;
  }

  async #room(): Promise<void> {
    while (!this.#hasRoom) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }
}
