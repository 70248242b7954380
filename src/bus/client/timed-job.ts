/** Timed jobs: their function, and an executor that runs them on a timer instead of in a worker. */
import type { Attempt, Environment, Executor, TaskFunction } from '../../core/ports.js';
import { taskContext } from '../../core/task-context.js';
import { inline } from '../../executors/inline.js';

/** A function that waits for `runtime` seconds. When its task is cancelled, it throws the reason. @internal */
export function timedJob({ clock }: Environment): (runtime: number) => Promise<void> {
  return (runtime) => {
    const { signal } = taskContext();
    return new Promise((resolve, reject) => {
      const stop = clock.after(runtime * 1000, resolve);
      signal.addEventListener(
        'abort',
        () => {
          stop();
          reject(signal.reason);
        },
        { once: true },
      );
    });
  };
}

/** Runs one function inline and all others in the given executor, so that both share the slots of one queue. @internal */
export class InlineTimed implements Executor {
  readonly name: string;
  readonly #timed: TaskFunction;
  readonly #inline = inline();
  readonly #others: Executor;

  constructor(timed: TaskFunction, others: Executor) {
    this.name = others.name;
    this.#timed = timed;
    this.#others = others;
  }

  accept(fn: TaskFunction): void {
    this.#of(fn).accept?.(fn);
  }

  run(attempt: Attempt): void {
    this.#of(attempt.fn).run(attempt);
  }

  abort(attempt: Attempt, reason: unknown, graceMs?: number): void {
    this.#of(attempt.fn).abort(attempt, reason, graceMs);
  }

  async close(): Promise<void> {
    await Promise.all([this.#inline.close(), this.#others.close()]);
  }

  #of(fn: TaskFunction): Executor {
    return fn === this.#timed ? this.#inline : this.#others;
  }
}
