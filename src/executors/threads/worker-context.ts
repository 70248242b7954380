/** The context of a function in a worker. Created for every attempt, so it does nothing until it is used. */
import { yieldNoSlot } from '../../core/task-context.js';
import type { TraceHeaders, TraceScope } from '../../core/trace-headers.js';
import type { WorkerTaskContext } from '../remote/source-values.js';
import { traceScope } from '../remote/trace-scope.js';
import { isAborted, type SessionCells, wantSignal } from './session-cells.js';

/**
 * The context of one attempt in a worker.
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
  /** Most partial results in transit. */
  readonly window: number;
  readonly #cells: SessionCells;
  readonly #readMessages: () => void;
  #controller: AbortController | undefined;

  /** `readMessages` handles the messages that have arrived, without waiting. */
  constructor(
    told: {
      readonly id: string;
      readonly queue: string;
      readonly attempt: number;
      readonly seq: number;
      readonly window: number;
      readonly trace: TraceHeaders | undefined;
    },
    cells: SessionCells,
    readMessages: () => void,
  ) {
    this.id = told.id;
    this.queue = told.queue;
    this.attempt = told.attempt;
    this.seq = told.seq;
    this.trace = told.trace;
    this.scope = traceScope(told.trace);
    this.window = told.window;
    this.#cells = cells;
    this.#readMessages = readMessages;
  }

  readonly yieldSlot = yieldNoSlot;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      wantSignal(this.#cells, this.seq);
    }
    // A function that polls its signal in a loop never lets the event loop deliver a message.
    if (this.isAborted) this.#readMessages();
    return this.#controller.signal;
  }

  /** Whether the main thread has sent the abort of this attempt. */
  get isAborted(): boolean {
    return isAborted(this.#cells, this.seq);
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  throwIfAborted(): void {
    if (this.isAborted) this.signal.throwIfAborted();
  }
}
