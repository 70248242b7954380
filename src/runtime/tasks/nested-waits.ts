/**
 * Running functions that wait for other tasks of the same scheduler, as far as that can be told: a function that awaits the promise of
 * a handle which it asked for before its own first `await`. A slot that such a function holds will not come back before that task
 * has settled, which matters when the task needs that slot.
 *
 * A call of `then` or `catch` is no sign of waiting, as the function may go on with something else; an `await` is. The language calls
 * `then` for an `await` of a promise of any class but its own, in a microtask: that is what tells the two apart.
 *
 * Invariant: `blocked` counts the running attempts that await at least one task which has not settled.
 */
import { runningContext } from '../../core/task-context.js';
import { TaskAttempt } from './attempt.js';
import type { TaskQueue, TaskRecord } from './task-record.js';
import { watch } from './watching.js';

type Run = TaskAttempt<TaskRecord>;

/** A promise that tells of the first `await` of it. */
class ToldPromise<T> extends Promise<T> {
  #awaited: (() => void) | undefined = undefined;

  /** The promise of the same end as `promise`. */
  static of<T>(promise: Promise<T>, awaited: () => void): ToldPromise<T> {
    const told = new ToldPromise<T>((resolve) => resolve(promise));
    told.#awaited = awaited;
    return told;
  }

  /** What comes of it is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // oxlint-disable-next-line no-thenable -- a promise has one
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (runningContext() === undefined) awaited?.();
    return super.then(onFulfilled, onRejected);
  }
}

/** The waits of one scheduler's functions for its own tasks. @internal */
export class NestedWaits {
  readonly #awaited = new Map<Run, Set<TaskRecord>>();
  readonly #changed: () => void;

  /** `changed` is called when a function has begun or ceased to wait. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** How many running attempts wait for tasks that have not settled. */
  get blocked(): number {
    return this.#awaited.size;
  }

  /** The tasks that each of these attempts waits for. */
  get waits(): Iterable<ReadonlySet<TaskRecord>> {
    return this.#awaited.values();
  }

  /** The tasks whose attempts have a slot of the queue and wait. O(`blocked`). */
  blockedIn(queue: TaskQueue): TaskRecord[] {
    const blocked: TaskRecord[] = [];
    for (const { record, isYielding } of this.#awaited.keys()) {
      if (record.queue === queue && !isYielding) blocked.push(record);
    }
    return blocked;
  }

  /** The tasks that the attempt waits for; none for most. */
  awaitedBy(run: Run): ReadonlySet<TaskRecord> | undefined {
    return this.#awaited.get(run);
  }

  /** The promise as the running function gets it, if one is running and belongs to the scheduler of `record`. */
  forCaller<T>(record: TaskRecord, index: number, promise: Promise<T>): Promise<T> {
    const context = runningContext();
    if (!(context instanceof TaskAttempt) || record.isSettled) return promise;
    const run: Run = context;
    if (run.record.queue.service !== record.queue.service) return promise;
    return ToldPromise.of(promise, () => this.#note(run, record, index));
  }

  /** The attempt has ended. */
  ended(run: Run): void {
    if (this.#awaited.size > 0) this.#awaited.delete(run);
  }

  #note(run: Run, record: TaskRecord, index: number): void {
    if (run.hasEnded || run.isDropped || record.isSettled) return;
    const awaited = this.#awaited.get(run) ?? new Set();
    if (awaited.has(record)) return;
    awaited.add(record);
    this.#awaited.set(run, awaited);
    // After a stall the function has its answer too.
    watch(record, index, () => {
      awaited.delete(record);
      if (awaited.size === 0) this.#awaited.delete(run);
      this.#changed();
      return true;
    });
    this.#changed();
  }
}
