/** What the promises of handles settle with, compared with what the model knows of their tasks. */
import { SchedulerError } from '../core/failures.js';
import type { Outcome } from '../core/outcome.js';
import { isInstance } from '../core/user-value.js';
import type { CheckedRun } from './checked-run.js';
import { isSettled, type ModelTask } from './model.js';
import { resultNames } from './received.js';
import type { SubmittedTasks } from './submitted-tasks.js';

/** @internal */
export class PromisedOutcomes {
  readonly #run: CheckedRun;
  readonly #handles: SubmittedTasks;
  /** In words, by the id of a task or of a partial result. */
  readonly #known = new Map<string, string>();

  /** At the last look. */
  #wasStalled = false;
  /** Now or at the last look. */
  #isStall = false;

  constructor(run: CheckedRun, handles: SubmittedTasks) {
    this.#run = run;
    this.#handles = handles;
  }

  /** Waits for the task, and for each of its partial results. */
  add({ id, partials = 0 }: { readonly id: string; readonly partials?: number }): void {
    this.#wait(id);
    for (let index = 0; index < partials; index += 1) this.#wait(`${id}#${index}`);
  }

  /** Everything that led from the events so far has happened. */
  judge(): void {
    this.#isStall = this.#wasStalled || this.#run.state === 'stalled';
    this.#wasStalled = this.#run.state === 'stalled';
    for (const task of this.#run.model.tasks.values()) {
      const { id, partials = 0 } = task.plan;
      this.#compare(task, id, this.#wholeOf(task));
      for (let index = 0; index < partials; index += 1) {
        const name = `${id}#${index}`;
        const isThere = index < task.delivered;
        this.#compare(task, name, isThere ? `done ${name}` : isSettled(task) ? failureOf(task) : OPEN);
      }
    }
  }

  #wait(reference: string): void {
    const say = (text: string): void => void this.#known.set(reference, text);
    const handle = this.#handles.handle(reference);
    handle.settled().then(
      (outcome) => say(textOf(outcome)),
      (error: unknown) => say(isInstance(error, SchedulerError) ? error.code : 'rejected'),
    );
  }

  #compare(task: ModelTask, reference: string, expected: string): void {
    const text = this.#known.get(reference) ?? OPEN;
    // A stall ends all waiting; it is begun anew, as the stall may be over.
    const isStall = text === 'Stalled' && this.#isStall;
    const message = (): string => `the promise of ${reference} is ${text}, and should be ${expected}`;
    this.#run.judge('handles', text === expected || isStall, message, [task]);
    if (text !== 'Stalled') return;
    this.#known.delete(reference);
    this.#wait(reference);
  }

  /** As executors name results. */
  #wholeOf(task: ModelTask): string {
    if (!isSettled(task)) return OPEN;
    return task.state === 'done' ? `done ${resultNames(this.#run, task).join(',')}` : task.state;
  }
}

const OPEN = 'open';

const textOf = (outcome: Outcome): string =>
  outcome.status === 'done' ? `done ${String(outcome.result)}` : outcome.status;

/** Of a result that a task did not deliver, which has settled. */
const failureOf = ({ state }: ModelTask): string => (state === 'cancelled' ? 'cancelled' : 'failed');
