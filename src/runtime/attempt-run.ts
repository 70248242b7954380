/**
 * One attempt as the executor sees it, and the gate through which its reports come in: in any order, at any time, from
 * any code. What is reported after the end is ignored and counted; the count that a stream announced is judged here.
 *
 * Invariant: the engine hears of exactly one end per attempt.
 */
import { PartialCountMismatch } from '../core/failures.js';
import type { Attempt, TaskFunction } from '../core/ports.js';
import type { TaskRecord } from './task-record.js';

/** What the engine does with an attempt's reports. */
export interface AttemptListener {
  attemptDelivered(run: AttemptRun, value: unknown): void;
  attemptDone(run: AttemptRun, result: unknown): void;
  attemptFailed(run: AttemptRun, error: unknown): void;
  countStale(): void;
}

export class AttemptRun implements Attempt {
  readonly record: TaskRecord;
  readonly attempt: number;
  /** The period between two stops in which the start was granted. */
  readonly epoch: number;
  fn: TaskFunction;
  args: readonly unknown[];
  readonly #listener: AttemptListener;
  #reported = 0;
  #hasBegun = false;
  #hasEnded = false;
  #controller: AbortController | undefined = undefined;
  #mismatch: PartialCountMismatch | undefined = undefined;

  /** Made when a start is granted; the arguments come with `begin`. */
  constructor(listener: AttemptListener, record: TaskRecord, epoch: number) {
    this.#listener = listener;
    this.record = record;
    this.attempt = record.attempt + 1;
    this.epoch = epoch;
    this.fn = record.fn as TaskFunction;
    this.args = record.args as readonly unknown[];
  }

  get id(): string {
    return this.record.id;
  }

  get queue(): string {
    return this.record.queue.name;
  }

  get stream(): boolean {
    return this.record.isStream;
  }

  /** From now on the executor has it. */
  begin(args: readonly unknown[]): void {
    this.#hasBegun = true;
    this.args = args;
  }

  /** Ends an attempt that has not begun; its end is not reported. */
  withdraw(): void {
    this.#hasEnded = true;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Tells the executor that the attempt is no longer wanted, and the function if it asked for its signal. */
  abort(reason: unknown): void {
    if (this.#hasEnded) return;
    this.signal;
    this.#controller?.abort(reason);
    this.record.queue.executor.abort(this, reason);
  }

  partial(value: unknown): void {
    if (this.#hasEnded || this.#mismatch !== undefined) {
      this.#listener.countStale();
      return;
    }
    this.#reported += 1;
    const announced = this.record.announced;
    if (announced !== undefined && this.#reported > announced) {
      this.#mismatch = new PartialCountMismatch(this.id, announced, this.#reported);
      this.abort(this.#mismatch);
      return;
    }
    this.#listener.attemptDelivered(this, value);
  }

  done(result: unknown): void {
    if (!this.#end()) return;
    const announced = this.record.announced;
    if (this.stream && announced !== undefined && this.#reported !== announced) {
      this.#mismatch ??= new PartialCountMismatch(this.id, announced, this.#reported);
    }
    if (this.#mismatch === undefined) this.#listener.attemptDone(this, result);
    else this.#listener.attemptFailed(this, this.#mismatch);
  }

  failed(error: unknown): void {
    if (this.#end()) this.#listener.attemptFailed(this, this.#mismatch ?? error);
  }

  #end(): boolean {
    if (this.#hasEnded) {
      this.#listener.countStale();
      return false;
    }
    this.#hasEnded = true;
    return true;
  }
}
