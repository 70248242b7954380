/** The attempt as passed to the inner executor: the scheduler's own attempt with intercepted reports. */
import { runCommand, withVariable } from '../core/command.js';
import type { Attempt, TaskFunction } from '../core/ports.js';
import type { TraceHeaders, TraceScope } from '../core/trace-headers.js';
import { MARK_VARIABLE } from './orphans.js';

/**
 * The inner executor's report. The result of a stream is the array of its partial results.
 *
 * @internal
 */
export type InnerEnd =
  | { readonly status: 'done'; readonly result: unknown }
  | { readonly status: 'failed'; readonly error: unknown };

/** @internal */
export class ClaimedAttempt implements Attempt {
  readonly args: readonly unknown[];
  /** Number of the attempt over all participants. Checking on a task that is claimed elsewhere does not count. */
  readonly attempt: number;
  readonly #outer: Attempt;
  readonly #partials: unknown[] = [];
  readonly #ended: (end: InnerEnd) => void;

  /**
   * @param mark - tells the processes of a command from those of all others.
   * @param ended - called with every reported end; the first one counts.
   */
  constructor(outer: Attempt, attempt: number, mark: string, ended: (end: InnerEnd) => void) {
    this.args = outer.fn === runCommand ? withVariable(outer.args, MARK_VARIABLE, mark) : outer.args;
    this.attempt = attempt;
    this.#outer = outer;
    this.#ended = ended;
  }

  get queue(): string {
    return this.#outer.queue;
  }

  get id(): string {
    return this.#outer.id;
  }

  get signal(): AbortSignal {
    return this.#outer.signal;
  }

  get fn(): TaskFunction {
    return this.#outer.fn;
  }

  get stream(): boolean {
    return this.#outer.stream;
  }

  get trace(): TraceHeaders | undefined {
    return this.#outer.trace;
  }

  get scope(): TraceScope | undefined {
    return this.#outer.scope;
  }

  yieldSlot<T>(work: () => T | PromiseLike<T>): Promise<T> {
    return this.#outer.yieldSlot(work);
  }

  /** Held back until the end: results count only once they are in the folder, where they are one entry. */
  partial(value: unknown): void {
    this.#partials.push(value);
  }

  done(value: unknown): void {
    this.#ended({ status: 'done', result: this.stream ? this.#partials : value });
  }

  failed(error: unknown): void {
    this.#ended({ status: 'failed', error });
  }
}
