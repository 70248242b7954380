/**
 * An executor that runs nothing: it keeps the attempts it is given, and the test says what each of them reports and when.
 */
import type { Attempt, Executor } from '../../src/core/ports.js';

export class ManualExecutor implements Executor {
  readonly name = 'manual';
  /** Every attempt that was ever started, in the order of the starts. */
  readonly started: Attempt[] = [];
  /** Ids of the tasks whose attempt was aborted. */
  readonly aborted = new Set<string>();
  /** What those had to end by themselves, in milliseconds, by the id of the task. */
  readonly graces = new Map<string, number | undefined>();
  closings = 0;

  run(attempt: Attempt): void {
    this.started.push(attempt);
  }

  abort(attempt: Attempt, _reason: unknown, graceMs?: number): void {
    this.aborted.add(attempt.id);
    this.graces.set(attempt.id, graceMs);
  }

  close(): Promise<void> {
    this.closings += 1;
    return Promise.resolve();
  }

  /** The latest attempt at the task. */
  attemptAt(id: string): Attempt {
    const attempt = this.started.findLast((candidate) => candidate.id === id);
    if (attempt === undefined) throw new Error(`expected task ${id} to have been started`);
    return attempt;
  }
}
