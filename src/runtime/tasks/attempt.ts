/**
 * One attempt as the executor sees it, and the gate through which its reports come in: in any order, at any time, from
 * any code. What is reported after the end is ignored and counted; the count that a stream announced is judged here, and
 * what an earlier attempt of the task has delivered already is not delivered again.
 *
 * Invariant: the listener hears of exactly one end per attempt that has begun.
 */
import { PartialCountMismatch, SchedulerError } from '../../core/failures.js';
import type { Attempt, Executor, TaskFunction } from '../../core/ports.js';
import type { TraceHeaders, TraceScope } from '../../core/trace-headers.js';
import { isGenerator } from '../../core/user-value.js';
import type { Deadline } from '../policies/deadlines.js';
import type { Backpressure } from './backpressure.js';

/** A task, as far as its attempts need it. @internal */
export interface AttemptSubject {
  readonly id: string;
  readonly queue: { readonly name: string; readonly executor: Executor };
  /** Partial results delivered so far. */
  readonly delivered: number;
  readonly isStream: boolean;
  /** How the store has it. */
  readonly kept:
    | { readonly key: string | undefined; readonly work: { readonly recipe: { readonly fn: string } } | undefined }
    | undefined;
  /** Number of attempts made before. */
  readonly attempt: number;
  /** How many partial results there will be, where that is known. */
  readonly announced: number | undefined;
  /** Holds the attempt back, where its results are to be taken. */
  readonly flow: Backpressure | undefined;
  /** The trace context that it was submitted with. */
  readonly extras: { readonly trace: TraceHeaders | undefined } | undefined;
}

/** Receives the reports of attempts. @internal */
export interface AttemptListener<S extends AttemptSubject> {
  attemptDelivered(run: TaskAttempt<S>, value: unknown): void;
  attemptDone(run: TaskAttempt<S>, result: unknown): void;
  attemptFailed(run: TaskAttempt<S>, error: unknown): void;
  /** Whether functions may be called now: the scheduler is neither stopped nor closing. */
  readonly mayBegin: boolean;
  /** The function was not called, and is not. */
  attemptWithdrawn(run: TaskAttempt<S>): void;
  /** Slots that running functions give to others for a while. */
  readonly yielded: { yield<T>(run: TaskAttempt<S>, work: () => T | PromiseLike<T>): Promise<T> };
  countStale(): void;
}

/** An attempt as an instrument of traces sees it. @internal */
export interface TracedAttempt extends TraceScope {
  readonly headers: TraceHeaders | undefined;
}

/** Is told of attempts as they come and go. @internal */
export interface AttemptWatch<S extends AttemptSubject> {
  began(run: TaskAttempt<S>): void;
  /** The attempt has been told to end. */
  leaves(run: TaskAttempt<S>): void;
  /** What needed a partial result of it has that. */
  neededLess(run: TaskAttempt<S>): void;
  ended(run: TaskAttempt<S>): void;
}

/** The attempt that an executor is given; `S` is what the engine knows of its task. @internal */
export class TaskAttempt<S extends AttemptSubject> implements Attempt {
  readonly record: S;
  readonly attempt: number;
  /** The period between two stops in which the start was granted. */
  epoch: number;
  readonly fn: TaskFunction;
  /** Number of partial results that earlier attempts have delivered. */
  readonly deliveredBefore: number;
  /** When its time is over, if it has a limit. */
  deadline: Deadline | undefined = undefined;
  /** By the scheduler's clock, in milliseconds. */
  begunAt = 0;
  /** Its slot is with others. */
  isYielding = false;
  /** Set by an instrument of traces, before the executor has the attempt. */
  scope: TracedAttempt | undefined = undefined;
  #args: readonly unknown[];
  readonly #listener: AttemptListener<S>;
  #reported = 0;
  #hasBegun = false;
  #hasEnded = false;
  #isDropped = false;
  #controller: AbortController | undefined = undefined;
  #mismatch: PartialCountMismatch | undefined = undefined;

  /** Made when a start is granted; `args` are as submitted until `begin` brings their values. */
  constructor(listener: AttemptListener<S>, record: S, epoch: number, fn: TaskFunction, args: readonly unknown[]) {
    this.#listener = listener;
    this.record = record;
    this.attempt = record.attempt + 1;
    this.epoch = epoch;
    this.deliveredBefore = record.delivered;
    this.fn = fn;
    this.#args = args;
  }

  get id(): string {
    return this.record.id;
  }

  get queue(): string {
    return this.record.queue.name;
  }

  get trace(): TraceHeaders | undefined {
    return this.scope === undefined ? this.record.extras?.trace : this.scope.headers;
  }

  get args(): readonly unknown[] {
    return this.#args;
  }

  get stream(): boolean {
    return this.record.isStream;
  }

  get kept(): { readonly key: string; readonly fn: string } | undefined {
    const { kept } = this.record;
    return kept?.key === undefined || kept.work === undefined ? undefined : { key: kept.key, fn: kept.work.recipe.fn };
  }

  get isPaced(): boolean {
    return this.record.flow !== undefined;
  }

  /** From now on the executor has it. */
  begin(args: readonly unknown[]): void {
    this.#hasBegun = true;
    this.#args = args;
  }

  /** See `Attempt.begins`. */
  begins(): boolean {
    if (this.#hasEnded) return false;
    if (this.#isDropped || this.#listener.mayBegin) return true;
    this.#hasEnded = true;
    this.#listener.attemptWithdrawn(this);
    return false;
  }

  yieldSlot<T>(work: () => T | PromiseLike<T>): Promise<T> {
    return this.#listener.yielded.yield(this, work);
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

  /** Whatever it still reports, only its end counts, which gives its slot back. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** The attempt's outcome is no longer wanted. To be called again with less time where the end is long in coming. */
  drop(reason: unknown, graceMs: number | undefined): void {
    this.#isDropped = true;
    this.#abort(reason, graceMs);
  }

  /** Tells the executor that the attempt is no longer wanted, and the function if it asked for its signal. */
  #abort(reason: unknown, graceMs?: number): void {
    if (this.#hasEnded) return;
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
    try {
      this.record.queue.executor.abort(this, reason, graceMs);
    } catch (error) {
      this.failed(error);
    }
    this.record.flow?.release();
  }

  partial(value: unknown): void | PromiseLike<void> {
    if (this.#hasEnded || this.#isDropped || this.#mismatch !== undefined) {
      this.#listener.countStale();
      return undefined;
    }
    this.#reported += 1;
    const announced = this.record.announced;
    if (announced !== undefined && this.#reported > announced) {
      this.#mismatch = new PartialCountMismatch(this.id, announced, this.#reported);
      this.#abort(this.#mismatch);
      return undefined;
    }
    if (this.#reported <= this.deliveredBefore) return undefined;
    const { flow } = this.record;
    flow?.came(this.#reported - 1);
    this.#listener.attemptDelivered(this, value);
    return this.#hasEnded || this.#isDropped ? undefined : flow?.pause();
  }

  done(result: unknown): void {
    if (!this.#end()) return;
    const announced = this.record.announced;
    if (this.stream && announced !== undefined && this.#reported !== announced) {
      this.#mismatch ??= new PartialCountMismatch(this.id, announced, this.#reported);
    } else if (this.stream && this.#reported < this.deliveredBefore) {
      this.#mismatch ??= new PartialCountMismatch(this.id, this.deliveredBefore, this.#reported);
    }
    const trouble = this.stream ? undefined : this.#troubleWith(result);
    if (trouble !== undefined) this.#listener.attemptFailed(this, trouble.error);
    else if (this.#mismatch === undefined) this.#listener.attemptDone(this, result);
    else this.#listener.attemptFailed(this, this.#mismatch);
  }

  /** Why that cannot be the result of a function; undefined if it can. */
  #troubleWith(result: unknown): { readonly error: unknown } | undefined {
    try {
      if (!isGenerator(result)) return undefined;
    } catch (error) {
      return { error };
    }
    const message = `task ${this.id} returned a generator: submit the generator function itself, or use queue.stream`;
    return { error: new SchedulerError('InvalidArgument', message, { tasks: [this.id] }) };
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
    this.record.flow?.release();
    return true;
  }
}
