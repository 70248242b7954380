/** The context of a function in a worker process, and the pacing of its stream. */
import { yieldNoSlot } from '../../core/task-context.js';
import type { TraceHeaders, TraceScope } from '../../core/trace-headers.js';
import type { WorkerTaskContext } from '../remote/source-values.js';
import { traceScope } from '../remote/trace-scope.js';

/**
 * The context of one attempt in a worker process.
 *
 * @internal
 */
export class WorkerContext implements WorkerTaskContext {
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  readonly trace: TraceHeaders | undefined;
  readonly scope: TraceScope | undefined;
  readonly seq: number;
  readonly #window: number;
  #controller: AbortController | undefined;
  #partialsSent = 0;
  #partialsTaken = 0;
  #onRoom: (() => void) | undefined;

  /** `window`: most partial results in transit. */
  constructor(told: {
    readonly id: string;
    readonly queue: string;
    readonly attempt: number;
    readonly seq: number;
    readonly window: number;
    readonly trace: TraceHeaders | undefined;
  }) {
    this.id = told.id;
    this.queue = told.queue;
    this.attempt = told.attempt;
    this.seq = told.seq;
    this.trace = told.trace;
    this.scope = traceScope(told.trace);
    this.#window = told.window;
  }

  readonly yieldSlot = yieldNoSlot;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Aborts the signal; returns false if the function has not read it. */
  abort(reason: unknown): boolean {
    if (this.#controller === undefined) return false;
    this.#controller.abort(reason);
    this.#onRoom?.();
    return true;
  }

  throwIfAborted(): void {
    this.#controller?.signal.throwIfAborted();
  }

  /** The scheduler has taken `count` partial results. */
  taken(count: number): void {
    this.#partialsTaken = count;
    this.#onRoom?.();
  }

  /** Counts a partial result as sent. Resolves when the next may be sent, after a turn of the event loop for messages. */
  async room(): Promise<void> {
    this.#partialsSent += 1;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    while (this.#partialsSent - this.#partialsTaken >= this.#window && this.#controller?.signal.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }
}
