/** An attempt for tests of executors: keeps what is reported, in order, also what comes after the end. */
import { yieldNoSlot } from '../../src/core/task-context.js';
import type { Attempt, TaskFunction } from '../../src/core/ports.js';

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly status: 'done'; readonly value: unknown }
  | { readonly status: 'failed'; readonly error: unknown };

export interface RecordedAttemptOptions {
  readonly id?: string;
  readonly queue?: string;
  readonly attempt?: number;
  readonly stream?: boolean;
  /** Called with each partial result, after it is recorded. */
  readonly onPartial?: (value: unknown, index: number) => void;
}

let lastNumber = 0;

export class RecordedAttempt implements Attempt {
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  readonly stream: boolean;
  readonly fn: TaskFunction;
  readonly args: readonly unknown[];
  readonly signal = new AbortController().signal;
  readonly partials: unknown[] = [];
  readonly yieldSlot = yieldNoSlot;
  /** Every end that was reported; a correct executor reports one. */
  readonly ends: AttemptEnd[] = [];
  /** The first end. */
  readonly ended: Promise<AttemptEnd>;
  readonly #onPartial: ((value: unknown, index: number) => void) | undefined;
  #settle: (end: AttemptEnd) => void = () => {};

  constructor(fn: TaskFunction, args: readonly unknown[] = [], options: RecordedAttemptOptions = {}) {
    this.id = options.id ?? `a${++lastNumber}`;
    this.queue = options.queue ?? 'tested';
    this.attempt = options.attempt ?? 1;
    this.stream = options.stream ?? false;
    this.fn = fn;
    this.args = args;
    this.#onPartial = options.onPartial;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** The value of an attempt that is done; rejects with the error of one that failed. */
  async value(): Promise<unknown> {
    const end = await this.ended;
    if (end.status === 'failed') throw end.error;
    return end.value;
  }

  /** The error of an attempt that failed; rejects where it is done. */
  async error(): Promise<unknown> {
    const end = await this.ended;
    if (end.status === 'done') throw new Error(`expected attempt ${this.id} to fail, it is done`);
    return end.error;
  }

  partial(value: unknown): void {
    this.partials.push(value);
    if (this.ends.length > 0) throw new Error(`attempt ${this.id} delivered a partial result after its end`);
    this.#onPartial?.(value, this.partials.length - 1);
  }

  done(value: unknown): void {
    this.#end({ status: 'done', value });
  }

  failed(error: unknown): void {
    this.#end({ status: 'failed', error });
  }

  #end(end: AttemptEnd): void {
    this.ends.push(end);
    this.#settle(end);
  }
}
