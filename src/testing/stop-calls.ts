/**
 * The calls of `stop()` whose promises have not resolved, each with the attempts that ran at the call: the promise is to resolve when the last
 * of them has ended, and not before.
 */
import type { CheckedRun } from './checked-run.js';
import type { ModelTask } from './model.js';

/** @internal */
export class StopCalls {
  readonly #run: CheckedRun;
  /** By the number of the call. */
  readonly #open = new Map<number, Set<string>>();

  constructor(run: CheckedRun) {
    this.#run = run;
  }

  called(call: number): void {
    const attempts = new Set<string>();
    for (const task of this.#run.model.occupants) for (const attempt of task.open) attempts.add(nameOf(task, attempt));
    this.#open.set(call, attempts);
  }

  resolved(call: number): void {
    const [attempt] = this.#open.get(call) ?? [];
    const text = (): string => `the promise of stop call ${call} resolves while attempt ${attempt} goes on`;
    this.#run.judge('acknowledgement', attempt === undefined, text, []);
    this.#open.delete(call);
  }

  /** Returns whether the attempt had not ended yet. */
  close(task: ModelTask, attempt: number): boolean {
    for (const attempts of this.#open.values()) attempts.delete(nameOf(task, attempt));
    return task.open.delete(attempt);
  }

  /** Everything that led from the events so far has happened. */
  rest(): void {
    for (const [call, attempts] of this.#open) {
      const isOver = attempts.size === 0;
      const text = (): string => `all that ran at stop call ${call} has ended, and its promise has not resolved`;
      this.#run.judge('acknowledgement', !isOver, text, []);
      // Told once.
      if (isOver) this.#open.delete(call);
    }
  }
}

/** As results are named: `t0/2`. */
const nameOf = ({ plan }: ModelTask, attempt: number): string => `${plan.id}/${attempt}`;
