/** The attempt that the executor inside is given: the scheduler's own, but its reports come here first. */
import type { Attempt, TaskFunction } from '../core/ports.js';

/**
 * What the executor inside has reported. Of a stream the result is the array of all that it delivered.
 *
 * @internal
 */
export type InnerEnd =
  | { readonly status: 'done'; readonly result: unknown }
  | { readonly status: 'failed'; readonly error: unknown };

/** @internal */
export class ClaimedAttempt implements Attempt {
  /** Counted over all participants: looks at a task that somebody else has are none. */
  readonly attempt: number;
  readonly #outer: Attempt;
  readonly #partials: unknown[] = [];
  readonly #ended: (end: InnerEnd) => void;

  /** `ended` is called with every end that is reported; the first counts. */
  constructor(outer: Attempt, attempt: number, ended: (end: InnerEnd) => void) {
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

  get args(): readonly unknown[] {
    return this.#outer.args;
  }

  get stream(): boolean {
    return this.#outer.stream;
  }

  /** Kept back: results count when they are in the folder, and there they are all at once. */
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
